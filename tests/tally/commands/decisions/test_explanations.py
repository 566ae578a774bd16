"""What can-i-deploy says of why not, and of what to do next."""

import pytest
from support.matrix_answers import FOR_PRODUCTION, answer, explained, obstacle, row


def test_an_explanation_becomes_the_next_step(tally_at, hal_server, matrix):
    at = "2026-11-01T10:00:01+00:00"
    called = {"name": "Slack", "status": "failure", "answer": "HTTP 500", "triggeredAt": at}
    notified = {**called, "event": "contract_published", "providerVersion": None}
    asked = {**called, "name": "Build Orders", "event": "contract_requiring_…", "providerVersion": "7"}
    old = {"name": "POST ci", "status": "retrying", "triggeredAt": at}
    matrix.says(explained(hal_server, obstacle(webhooks=[notified, asked, old], underWay=True)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert run.code == 1
    assert "Next: …" not in run.out
    assert run.out.endswith(
        "Next:\n"
        "  Orders 7 has to verify the pact of Shop 3, published 2026-11-01T10:00:00+00:00.\n"
        f"  Webhook 'Slack' on contract_published: failed (HTTP 500), triggered {at}\n"
        f"  Webhook 'Build Orders' for Orders 7: failed (HTTP 500), triggered {at}\n"
        f"  Webhook 'POST ci': failed, and is tried again, triggered {at}\n"
        "  Where Orders runs:\n"
        "    tally verify http://broker/pact --provider-url URL --publish\n"
    )


def test_of_many_failures_the_first_are_shown(tally_at, hal_server, matrix):
    problems = [f"body $.items[{number}]: is wrong" for number in range(5)]
    failed = [{"description": f"a request {number}", "problems": problems} for number in range(12)]
    matrix.says(explained(hal_server, obstacle(problem="failed", interactions=failed)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "    a request 0: body $.items[0]: is wrong; body $.items[1]: is wrong; body $.items[2]: is wrong; "
        "and 2 more\n"
    ) in run.out
    assert "a request 9:" in run.out
    assert "a request 10:" not in run.out
    assert "\n    and 2 more\n" in run.out


def test_a_failure_is_explained_by_its_interactions(tally_at, hal_server, matrix):
    failed = {"description": "a request for order 1", "problems": ["body $.id: expected 1, was 2"]}
    links = {
        "pb:verification-result": {"href": "http://broker/results/9"},
        "tally:page": {"href": "http://broker/page"},
    }
    broken = obstacle(problem="failed", interactions=[failed], buildUrl="https://ci/7", _links=links)
    matrix.says(explained(hal_server, broken))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "  Orders 7 does not keep the pact of Shop 3 (first failed 2026-11-01T10:00:00+00:00):\n"
        "    a request for order 1: body $.id: expected 1, was 2\n"
        "    Page: http://broker/page\n"
        "    Build: https://ci/7\n"
    ) in run.out


def test_the_table_names_the_version_that_has_to_verify(tally_at, hal_server, matrix):
    matrix.says(explained(hal_server, obstacle()))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert [line.split() for line in run.out.splitlines() if line.startswith("Shop ")] == [
        ["Shop", "3", "Orders", "7", "unknown"]
    ]


def test_a_version_that_keeps_the_pact_is_the_way_out(tally_at, hal_server, matrix):
    matrix.says(explained(hal_server, obstacle(keptBy={"version": "8", "branch": "feat/x"})))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert (
        "  Orders 8 on branch feat/x keeps it: deploy that first. In which order both can go:\n"
        "    tally deploy-plan -a Shop -e 3 -a Orders -e 8 --to-environment production\n"
    ) in run.out


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("can-i-deploy", "-a", "Shop", "-e", "3", "--to", "prod"), "Orders 8 keeps it.\n"),
        (("can-i-merge", "-a", "Shop", "-e", "3"), "Orders 8 keeps it.\n"),
        (
            ("can-i-deploy", "-a", "Shop", "--latest", "--to-environment", "production"),
            "Orders 8 keeps it: deploy that first.\n",
        ),
        (
            ("can-i-deploy", "-a", "Orders", "-e", "7", "--to-environment", "production"),
            "Orders 8 keeps it: deploy that instead.\n",
        ),
    ],
)
def test_the_way_out_depends_on_what_was_asked(tally_at, hal_server, matrix, words, advice):
    matrix.says(explained(hal_server, obstacle(keptBy={"version": "8", "branch": None})))

    assert advice in tally_at(*words).out


def test_no_address_is_followed_by_punctuation(tally_at, hal_server, matrix):
    links = {"tally:page": {"href": "http://broker/page"}}
    broken = obstacle(problem="failed", buildUrl="https://ci/7", _links=links)
    matrix.says(explained(hal_server, broken, obstacle(keptBy={"version": "8", "branch": None})))

    words = tally_at("can-i-deploy", *FOR_PRODUCTION).out.split()

    assert [word for word in words if "://" in word and word[-1] in ".,;:!?)"] == []


def test_a_webhook_for_another_version_is_left_out(tally_at, hal_server, matrix):
    called = {"name": "CI", "status": "success", "triggeredAt": "2026-11-01T10:00:01+00:00"}
    matrix.says(explained(hal_server, obstacle(webhooks=[{**called, "providerVersion": "6"}])))

    assert "Webhook" not in tally_at("can-i-deploy", *FOR_PRODUCTION).out


def test_of_a_webhook_that_was_sent_again_the_newest_counts(tally_at, hal_server, matrix):
    called = {"name": "CI", "event": "contract_published", "triggeredAt": "2026-11-01T10:00:01+00:00"}
    sent = [{**called, "status": "success"}, {**called, "status": "failure"}]
    matrix.says(explained(hal_server, obstacle(webhooks=sent)))

    out = tally_at("can-i-deploy", *FOR_PRODUCTION).out

    assert [line.strip() for line in out.splitlines() if "Webhook" in line] == [
        "Webhook 'CI' on contract_published: delivered, triggered 2026-11-01T10:00:01+00:00"
    ]


def test_a_provider_that_is_not_there_has_to_be_deployed_and_recorded(tally_at, hal_server, matrix):
    matrix.says(explained(hal_server, obstacle(provider={"name": "Orders", "versions": []})))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert "  No version of Orders is in production: deploy one that verified it\n" in run.out


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        (
            {
                "tally:kind": None,
                "tally:evidence": {"undecided": [{"version": "7", "note": "only promised: no run has …"}]},
            },
            [
                "Orders 7 has to verify the pact of Shop 3, published 2026-11-01T10:00:00+00:00.",
                "  Its service contract of 7 does not help: only promised: no run has …",
            ],
        ),
        (
            {"problem": "failed", "tally:kind": "compared", "tally:evidence": {}, "command": None},
            ["The pact of Shop 3 does not fit the service contract of Orders 7 (compared "],
        ),
        (
            {"problem": "failed", "tally:kind": "compared", "tally:evidence": {"note": "does not keep"}},
            ["Orders 7 does not keep the service contract that the pact of Shop 3 fits:"],
        ),
        (
            {"problem": "failed", "tally:kind": "service-contract", "tally:evidence": {}},
            [
                "Orders 7 does not keep its own service contract (first failed 2026-11-01T10:00:00+00:00):",
            ],
        ),
        (
            {
                "problem": "failed",
                "tally:kind": "dependency",
                "tally:evidence": {"problems": ["has no read in its service contract"]},
                "command": None,
            },
            ["Shop 3 needs something of Orders: Orders 7 has no read in its service contract."],
        ),
    ],
)
def test_what_service_contracts_have_to_do_with_it_is_said(tally_at, hal_server, matrix, item, lines):
    matrix.says(explained(hal_server, obstacle(**item)))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert "\n".join(f"  {line}" for line in lines) in run.out
    assert ("Where Orders runs" in run.out) is (item.get("command", "…") is not None)


def test_the_table_says_what_decided(tally_at, hal_server, matrix):
    compared = row(hal_server, result=True, **{"tally:kind": "compared"})
    matrix.says(answer([compared], deployable=True, success=1))

    run = tally_at("can-i-deploy", *FOR_PRODUCTION)

    assert "verified (compared)" in run.out
