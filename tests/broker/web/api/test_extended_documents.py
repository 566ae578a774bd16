"""Documents with the tags of their version, which clients ask for by a media type of their own."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

PAIR = "/pacts/provider/Orders/consumer/Shop"
EXTENDED = {"Accept": "application/vnd.pactbrokerextended.v1+json"}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def tagged(broker):
    """Version 1 has the tags dev and prod, version 2 has dev; version 3, tagged prod, is without a pact."""
    for version, tags in (("1", ["dev", "prod"]), ("2", ["dev"])):
        pact = a_pact(an_interaction(f"of {version}"))
        assert (
            broker.post(
                "/contracts/publish", json=a_publication(pact, version=version, tags=tags)
            ).status_code
            == 200
        )
    broker.put("/pacticipants/Shop/versions/3/tags/prod", json={})
    return broker


def tags(answer):
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{EXTENDED['Accept']};charset=utf-8"
    return {tag["name"]: tag for tag in answer.json["_embedded"]["tags"]}


def test_a_pact_tells_the_tags_whose_newest_pact_it_is(tagged):
    first = tagged.get(f"{PAIR}/version/1", headers=EXTENDED)
    latest = tagged.get(f"{PAIR}/latest", headers=EXTENDED)

    assert tags(first) == {
        "prod": {
            "name": "prod",
            "latest": True,
            "_links": {
                "self": {
                    "href": "http://localhost/pacticipants/Shop/versions/1/tags/prod",
                    "title": "Tag",
                    "name": "prod",
                },
                "pb:latest-pact": {
                    "href": f"http://localhost{PAIR}/latest/prod",
                    "title": "Latest pact with this tag",
                },
            },
        }
    }
    assert tags(latest).keys() == {"dev"}
    assert latest.headers["X-Pact-Consumer-Version"] == "2"


def test_the_content_of_a_pact_is_apart_from_what_the_broker_says(tagged):
    usual = tagged.get(f"{PAIR}/version/1").json

    extended = tagged.get(f"{PAIR}/version/1", headers=EXTENDED).json

    said = {key: usual.pop(key) for key in ("createdAt", "_links")}
    assert extended == {"contract": usual, **said, "_embedded": extended["_embedded"]}


def test_a_result_tells_the_tags_of_the_provider_version(tagged):
    for version in ("8", "9"):
        tagged.put(f"/pacticipants/Orders/versions/{version}/tags/main", json={})
    tagged.put("/pacticipants/Orders/versions/8/tags/prod", json={})
    publish = tagged.get(f"{PAIR}/latest").json["_links"]["pb:publish-verification-results"]["href"]
    usual = tagged.post(publish, json=a_verification_result("8"))

    by_number = tagged.get(usual.headers["Location"], headers=EXTENDED)
    by_pact = tagged.get(f"{PAIR}/latest/verification-results/latest", headers=EXTENDED)

    found = tags(by_number)
    assert {name: tag["latest"] for name, tag in found.items()} == {"main": False, "prod": True}
    assert found["main"]["_links"]["self"]["href"].endswith("/pacticipants/Orders/versions/8/tags/main")
    assert by_pact.json == by_number.json
    assert usual.json.items() <= by_number.json.items()
