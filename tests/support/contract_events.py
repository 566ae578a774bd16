"""What makes webhooks fire, as a client does it; and the names of what fires."""

from support.factories import a_pact, a_publication, a_verification_result

from tally.hashing import content_hash

EVENTS = (
    "contract_published",
    "contract_content_changed",
    "contract_requiring_verification_published",
    "provider_verification_published",
    "provider_verification_succeeded",
    "provider_verification_failed",
)


def names(found):
    return [event for event, _ in found]


def publish(broker, version="1", *pacts, **changes):
    answer = broker.post("/contracts/publish", json=a_publication(*pacts, version=version, **changes))
    assert answer.status_code == 200, answer.text
    return answer.json


def verify(broker, version="7", *, success=True, metadata="", **changes):
    sha = content_hash(a_pact())
    segment = f"/metadata/{metadata}" if metadata else ""
    answer = broker.post(
        f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}{segment}/verification-results",
        json=a_verification_result(version, success=success, **changes),
    )
    assert answer.status_code == 201, answer.text
    return answer.json


def provider_version(broker, number, branch="main"):
    assert broker.put(f"/pacticipants/Orders/branches/{branch}/versions/{number}", json={}).status_code == 201


def deploy(broker, number, environment="production", kind="deployed-versions"):
    version = broker.get(f"/pacticipants/Orders/versions/{number}").json
    relation = "pb:record-deployment" if kind == "deployed-versions" else "pb:record-release"
    [link] = [item for item in version["_links"][relation] if item["name"] == environment]
    assert broker.post(link["href"], json={}).status_code == 201
