import json

import pytest

MOVES = ("-a", "Shop", "-e", "2", "-a", "Orders", "-e", "3", "--to-environment", "production")


@pytest.fixture
def planning(hal_server):
    """Say what the broker answers."""
    hal_server.answers("GET", "/", {"_links": {"tally:deploy-plan": {"href": hal_server.url("/plan")}}})
    return lambda answer: hal_server.answers("GET", "/plan", answer)


def step(name, version):
    return {"pacticipant": name, "version": version}


def clash(provider_version, result):
    return {
        "consumer": {"name": "Shop", "version": "2"},
        "provider": {"name": "Orders", "version": provider_version},
        "result": result,
    }


POSSIBLE = {"summary": {"possible": True}, "steps": [step("Orders", "3"), step("Shop", "2")], "blocked": []}
IMPOSSIBLE = {
    "summary": {"possible": False},
    "steps": [step("Orders", "3")],
    "blocked": [
        {
            **step("Shop", "2"),
            "because": [clash("3", "failed"), clash("4", "missing"), clash(None, "missing")],
        }
    ],
}


def test_an_order_is_a_numbered_list_and_exit_code_0(tally_at, hal_server, planning):
    planning(POSSIBLE)

    run = tally_at("deploy-plan", *MOVES)

    assert run.code == 0
    assert run.out == "Deploy to production in this order:\n  1. Orders 3\n  2. Shop 2\n"
    assert hal_server.asked[-1].query == [
        ("q[][pacticipant]", "Shop"),
        ("q[][version]", "2"),
        ("q[][pacticipant]", "Orders"),
        ("q[][version]", "3"),
        ("environment", "production"),
    ]


def test_no_order_says_which_pairs_forbid_it(tally_at, planning):
    planning(IMPOSSIBLE)

    run = tally_at("deploy-plan", *MOVES)

    assert run.code == 1
    assert run.out == (
        "No: every order breaks production at some step.\n"
        "These versions can be deployed first:\n"
        "  1. Orders 3\n"
        "\n"
        "Shop 2 cannot be deployed then:\n"
        "  Orders 3 does not keep the pact of Shop 2\n"
        "  Orders 4 has not verified the pact of Shop 2\n"
        "  Shop 2 needs Orders, and no version of it is in production\n"
    )


def test_json_is_what_the_broker_said(tally_at, planning):
    planning(IMPOSSIBLE)

    run = tally_at("deploy-plan", *MOVES, "--output", "json")

    assert (run.code, json.loads(run.out)) == (1, IMPOSSIBLE)


def test_a_broker_that_makes_no_plans_is_named(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {}})

    run = tally_at("deploy-plan", *MOVES)

    assert run.code == 2
    assert f"The broker at {hal_server.base_url} cannot plan deployments" in run.err


def test_each_application_needs_its_version(tally_at):
    run = tally_at("deploy-plan", "-a", "Shop", "-a", "Orders", "-e", "3", "--to-environment", "production")

    assert run.code == 2
    assert "Give each --pacticipant its --version" in run.err


def test_what_is_no_pact_is_told_as_what_it_is(tally_at, planning):
    needs = {**clash("3", "failed"), "tally:kind": "dependency"}
    may_need = {**clash("4", "missing"), "tally:kind": "dependency"}
    own = {
        "consumer": {"name": "Orders", "version": "3"},
        "provider": {"name": "Orders", "version": "3"},
        "result": "failed",
        "tally:kind": "service-contract",
    }
    planning({**IMPOSSIBLE, "blocked": [{**step("Orders", "3"), "because": [own, needs, may_need]}]})

    run = tally_at("deploy-plan", *MOVES)

    assert run.out.endswith(
        "\n  Orders 3 does not keep its own service contract"
        "\n  Orders 3 does not have what the service contract of Shop 2 needs"
        "\n  Orders 4 is not known to have what the service contract of Shop 2 needs\n"
    )
