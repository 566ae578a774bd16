import json

import pytest
from support.hal_server import Answer

PATH = "/pacticipants/Orders/service-contract-policy"
POLICY = {
    "mode": "service",
    "lenient": False,
    "incompatible": "warn",
    "evidence": "compared",
    "guaranteed": False,
    "documents": [{"name": "events", "mode": "full", "lenient": True}],
    "updatedAt": "2026-01-31T10:00:00+00:00",
}


@pytest.fixture
def broker(hal_server):
    """A broker with a policy for the contracts of Orders."""
    hal_server.answers(
        "GET",
        "/",
        {
            "_links": {
                "tally:service-contract-policy": {
                    "href": hal_server.url("/pacticipants/{pacticipant}/service-contract-policy"),
                    "templated": True,
                }
            }
        },
    )
    policy = {**POLICY, "_links": {"self": {"href": hal_server.url(PATH)}}}
    hal_server.answers("GET", PATH, policy)
    hal_server.answers("PUT", PATH, policy)
    hal_server.answers("DELETE", PATH, Answer("", 204))
    return hal_server


@pytest.fixture
def run(tally_at):
    return lambda *options: tally_at("service-contract-policy", "--service", "Orders", *options)


def test_a_policy_is_shown(broker, run):
    shown = run()

    assert shown.code == 0
    assert "Mode: service\n" in shown.out
    assert "Mode of events: full, lenient\n" in shown.out
    assert json.loads(run("--output", "json").out)["mode"] == "service"
    assert broker.sent("PUT") == []


def test_what_is_not_given_stays_as_it_is(broker, run):
    changed = run("--mode", "full", "--incompatible", "refuse", "--guaranteed", "--evidence", "promise")

    assert (changed.code, changed.out) == (0, "Changed how the contracts of Orders are judged.\n")
    (sent,) = broker.sent("PUT")
    assert sent.body == {
        "mode": "full",
        "lenient": False,
        "incompatible": "refuse",
        "evidence": "promise",
        "guaranteed": True,
        "documents": POLICY["documents"],
    }


def test_a_document_may_have_rules_of_its_own(broker, run):
    run("--document", "events", "--mode", "backward")
    run("--document", "other", "--lenient")

    known, new = (sent.body["documents"] for sent in broker.sent("PUT"))
    assert known == [{"name": "events", "mode": "backward", "lenient": True}]
    assert new[1] == {"name": "other", "mode": "service", "lenient": True}


def test_a_policy_is_removed(broker, run):
    removed = run("--remove")

    assert (removed.code, removed.err, removed.out) == (0, "", "The defaults hold for Orders.\n")
    assert len(broker.sent("DELETE")) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--remove", "--mode", "full"], "give nothing else"),
        (["--document", "events", "--evidence", "replay"], "--evidence is for all documents"),
        (["--mode", "BACKWARD"], "Invalid value for '--mode'"),
    ],
)
def test_options_that_do_not_fit_are_refused(broker, run, options, message):
    refused = run(*options)

    assert refused.code == 2
    assert message in " ".join(refused.err.split())
    assert broker.sent("PUT") == broker.sent("DELETE") == []


@pytest.mark.usefixtures("hal_server")
def test_another_broker_knows_no_policies(tally_at):
    refused = tally_at("service-contract-policy", "--service", "Orders")

    assert refused.code == 2
    assert "needs a Tallystick broker" in refused.err
