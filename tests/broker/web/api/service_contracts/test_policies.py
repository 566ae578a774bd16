import pytest
from support.contract_documents import an_openapi

POLICY = "/pacticipants/Orders/service-contract-policy"
DEFAULTS = {
    "mode": "service",
    "lenient": False,
    "incompatible": "warn",
    "evidence": "compared",
    "guaranteed": False,
    "documents": [],
}


@pytest.fixture(autouse=True)
def _service(broker):
    body = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    broker.post("/service-contracts/publish", json=body)


def read(broker):
    return {name: value for name, value in broker.get(POLICY).json.items() if name != "_links"}


def test_without_a_policy_the_defaults_hold(broker):
    assert read(broker) == DEFAULTS


def test_a_policy_is_read_as_it_was_set_and_replaces_the_one_before(broker):
    policy = {
        "mode": "full-transitive",
        "lenient": True,
        "incompatible": "refuse",
        "evidence": "promise",
        "guaranteed": True,
        "documents": [{"name": "events", "mode": "backward", "lenient": False}],
    }

    answer = broker.put(POLICY, json=policy)
    first = read(broker)
    broker.put(POLICY, json={"evidence": "replay"})

    assert answer.status_code == 200
    assert {name: first[name] for name in policy} == policy
    assert {**read(broker), "updatedAt": None} == {**DEFAULTS, "evidence": "replay", "updatedAt": None}


def test_a_policy_that_is_removed_leaves_the_defaults(broker):
    broker.put(POLICY, json={"mode": "none"})

    assert broker.delete(POLICY).status_code == 204

    assert read(broker) == DEFAULTS
    assert broker.delete(POLICY).json == {
        "error": "Orders has no policy for service contracts: the defaults hold"
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": "BACKWARD"}, "mode"),
        ({"lenient": "yes"}, "lenient"),
        ({"incompatible": "maybe"}, "incompatible"),
        ({"evidence": "none"}, "evidence"),
        ({"guaranteed": 1}, "guaranteed"),
        ({"documents": {}}, "documents"),
        ({"documents": [{"mode": "full"}]}, "documents"),
        ({"documents": [{"name": "a"}, {"name": "a"}]}, "documents"),
        ({"documents": [{"name": "a", "mode": "x"}]}, "documents"),
        ({"evidens": "replay"}, "evidens"),
        ({"documents": [{"name": "a", "modes": "full"}]}, "documents"),
    ],
)
def test_a_wrong_policy_is_refused_by_the_field(broker, changes, field):
    answer = broker.put(POLICY, json=changes)

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert read(broker) == DEFAULTS


def test_a_policy_may_be_sent_back_as_it_was_read(broker):
    broker.put(POLICY, json={"evidence": "replay", "documents": [{"name": "events", "mode": "full"}]})

    answer = broker.put(POLICY, json={**broker.get(POLICY).json, "guaranteed": True})

    assert answer.status_code == 200
    assert {**answer.json, "updatedAt": None} == {**broker.get(POLICY).json, "updatedAt": None}


def test_a_service_that_does_not_exist_has_no_policy(broker):
    address = POLICY.replace("Orders", "None")

    for answer in (broker.get(address), broker.put(address, json={}), broker.delete(address)):
        assert answer.status_code == 404
        assert answer.json == {"error": "No pacticipant with name 'None' found"}
