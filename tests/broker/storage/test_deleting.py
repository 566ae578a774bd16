"""Whatever is deleted, nothing refers to what is gone, and what is kept on write is what the rows say."""

from datetime import UTC, datetime, timedelta

import pytest
from factories import a_pact, a_publication, a_verification_result, an_interaction
from sqlalchemy import select, text

from broker import cleaning
from broker.app import create_app
from broker.domain.retention import KeepSelector, Policy
from broker.settings import Settings
from broker.storage.tables import metadata

PAIR = "/pacts/provider/Orders/consumer/Shop"
DELETIONS = {
    "a pact": f"{PAIR}/version/3",
    "the pacts of a branch": f"{PAIR}/branch/main",
    "the pacts of a tag": f"{PAIR}/tag/dev",
    "all pacts of a pair": f"{PAIR}/versions",
    "the head of a branch": "/pacticipants/Shop/versions/3",
    "a version in the middle": "/pacticipants/Shop/versions/2",
    "a version with results": "/pacticipants/Orders/versions/p3",
    "a branch": "/pacticipants/Shop/branches/main",
    "a version on a branch": "/pacticipants/Shop/branches/main/versions/3",
    "a tag": "/pacticipants/Shop/versions/3/tags/dev",
    "an integration": "/integrations/provider/Orders/consumer/Shop",
    "all integrations": "/integrations",
    "a consumer": "/pacticipants/Shop",
    "a provider": "/pacticipants/Orders",
    "a label": "/pacticipants/Shop/labels/web",
    "an environment": "/environments/{environment}",
    "a webhook": "/webhooks/{webhook}",
}
# Each returns what is wrong.
RECOMPUTED = {
    "current publications": (
        "SELECT consumer_version_id, provider_id FROM pact_publications GROUP BY 1, 2"
        " HAVING sum(CASE WHEN superseded THEN 0 ELSE 1 END) <> 1"
        " OR max(CASE WHEN superseded THEN 0 ELSE revision END) <> max(revision)"
    ),
    "current results": (
        "SELECT pact_version_id, provider_version_id FROM verifications GROUP BY 1, 2"
        " HAVING sum(CASE WHEN superseded THEN 0 ELSE 1 END) <> 1"
        " OR max(CASE WHEN superseded THEN 0 ELSE id END) <> max(id)"
    ),
    "heads": (
        "SELECT b.id FROM branches b WHERE b.head_version_id IS DISTINCT FROM (SELECT m.version_id"
        " FROM branch_versions m WHERE m.branch_id = b.id ORDER BY m.position DESC LIMIT 1)"
    ),
    "successes": (
        "SELECT s.branch_id FROM branch_successes s WHERE NOT EXISTS (SELECT 1 FROM verifications r"
        " JOIN branch_versions m ON m.version_id = r.provider_version_id WHERE r.success"
        " AND r.pact_version_id = s.pact_version_id AND m.branch_id = s.branch_id AND r.wip = s.wip)"
    ),
    "integrations": (
        "SELECT p.id FROM pact_publications p WHERE NOT EXISTS (SELECT 1 FROM integrations i"
        " WHERE i.consumer_id = p.consumer_id AND i.provider_id = p.provider_id)"
    ),
    **{
        f"positions of {table}": (
            f"SELECT c.id FROM {table} c JOIN versions v ON v.id = c.{column} WHERE c.position <> v.position"  # noqa: S608 - ours
        )
        for table, column in (
            ("pact_publications", "consumer_version_id"),
            ("tags", "version_id"),
            ("branch_versions", "version_id"),
        )
    },
}


@pytest.fixture
def broker(database):
    settings = Settings(allow_dangerous_contract_modification=True, allow_deleting_all_integrations=True)
    return create_app(settings, database).test_client()


def ask(broker, method, path, body):
    answer = getattr(broker, method)(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json


def build_a_world(broker):
    """Fill everything that a deletion may touch; return the ids that addresses need."""
    environments = ask(broker, "post", "/environments", {"name": "staging", "production": False})
    request = {"method": "POST", "url": "https://ci.example.org/"}
    hook = {"events": [{"name": "contract_content_changed"}], "request": request}
    for number in ("1", "2", "3"):
        for content in ("first", f"content {number}"):
            pacts = [a_pact(an_interaction(content), provider=name) for name in ("Orders", "Stock")]
            ask(broker, "post", "/contracts/publish", a_publication(*pacts, version=number, tags=["dev"]))
        pact = broker.get(f"{PAIR}/version/{number}").json
        for success in (True, False):
            link = pact["_links"]["pb:publish-verification-results"]["href"]
            ask(broker, "post", link, a_verification_result(f"p{number}", success=success))
            ask(broker, "put", f"/pacticipants/Orders/branches/main/versions/p{number}", {})
        for record in ("deployed", "released"):
            path = (
                f"/pacticipants/Shop/versions/{number}/{record}-versions/environment/{environments['uuid']}"
            )
            ask(broker, "post", path, {})
    ask(broker, "put", "/pacticipants/Shop/labels/web", {})
    webhook = ask(broker, "post", "/webhooks", hook)
    return {
        "environment": environments["uuid"],
        "webhook": webhook["_links"]["self"]["href"].rpartition("/")[2],
    }


def what_is_wrong(database):
    """Return what refers to nothing, and what differs from recomputing it."""
    found = {}
    with database.connection() as connection:
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                rows = select(key.parent).where(
                    key.parent.is_not(None), key.parent.not_in(select(key.column))
                )
                found[f"{table.name}.{key.parent.name}"] = connection.execute(rows).all()
        for name, statement in RECOMPUTED.items():
            found[name] = connection.execute(text(statement)).all()
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("deleted", DELETIONS)
def test_nothing_is_left_of_what_is_deleted(broker, database, deleted):
    ids = build_a_world(broker)
    before = what_is_wrong(database)

    answer = broker.delete(DELETIONS[deleted].format_map(ids))

    assert answer.status_code in {200, 204}, answer.text
    assert before == {}
    assert what_is_wrong(database) == {}


def test_nothing_is_left_of_what_a_clean_up_deletes(broker, database):
    build_a_world(broker)
    policy = Policy(selectors=(KeepSelector(latest=True),), branch_days=10**5)

    counts = cleaning.clean(database, policy, datetime.now(UTC) + timedelta(days=30))

    assert counts["pact_publications"]["deleted"] > 0
    assert counts["verifications"]["deleted"] > 0
    # That a content was verified from a branch stays known: no pact becomes pending because of a clean-up.
    assert what_is_wrong(database).keys() <= {"successes"}
