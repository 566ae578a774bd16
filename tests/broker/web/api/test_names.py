"""Names with characters that mean something in URLs, at every place of a path."""

from urllib.parse import quote

import pytest
from support.factories import a_pact, a_publication, a_verification_result

NAMES = (
    "a/b",
    "a b",
    "100%",
    "%2F",
    "ünï 日本 😀",
    "a?b#c",
    "a+b&c=d",
    "q\"uo'te",
    "back\\slash",
    "dot.json",
    "semi;colon:at@",
    "{braces}",
    "..",
)

# Links of a pact to what is only posted, or is not there: it has a tag, another one, and no forerunner.
NOT_YET = (
    "verification-results",
    "/tags/prod",
    "/latest-untagged",
    "/previous-distinct",
)


def plain_links(document):
    """Return every href of the document that is no template."""
    if isinstance(document, list):
        return [href for item in document for href in plain_links(item)]
    if not isinstance(document, dict):
        return []
    own = (
        [document["href"]] if isinstance(document.get("href"), str) and not document.get("templated") else []
    )
    return own + [href for value in document.values() for href in plain_links(value)]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_published_under_a_name_is_found_under_every_link(broker, name):
    consumer, provider, version = f"{name} C", f"{name} P", f"{name} 1"
    pact = a_pact(consumer=consumer, provider=provider)
    body = a_publication(pact, version=version, branch=name, tags=[name])

    answer = broker.post("/contracts/publish", json=body)

    assert answer.status_code == 200
    start = answer.json["_links"]["pb:contracts"][0]["href"]
    published = broker.get(start).json
    result = published["_links"]["pb:publish-verification-results"]["href"]
    assert broker.post(result, json=a_verification_result(version)).status_code == 201
    found = broker.get(answer.json["_links"]["pb:pacticipant-version"]["href"]).json
    assert found["number"] == version
    assert [branch["name"] for branch in found["_embedded"]["branches"]] == [name]
    assert [tag["name"] for tag in found["_embedded"]["tags"]] == [name]
    links = {
        href
        for document in (answer.json, published, found)
        for href in plain_links(document)
        if not href.endswith(NOT_YET)
    }
    assert {href: broker.get(href).status_code for href in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("name", NAMES)
def test_one_pact_is_published_under_encoded_names(broker, name):
    consumer, provider, version = f"{name} C", f"{name} P", f"{name} 1"
    places = [quote(part, safe="") for part in (provider, consumer, version)]
    url = "/pacts/provider/{}/consumer/{}/version/{}".format(*places)

    created = broker.put(url, json=a_pact(consumer=consumer, provider=provider))

    assert created.status_code == 201
    assert created.json["_links"]["self"]["href"] == f"http://localhost{url}"
    assert broker.get(f"/pacticipants/{places[1]}/versions/{places[2]}").json["number"] == version


@pytest.mark.parametrize("name", NAMES)
def test_branches_and_tags_may_have_any_name(broker, name):
    encoded = quote(name, safe="")
    for path in (
        f"/pacticipants/{encoded}/versions/{encoded}",
        f"/pacticipants/{encoded}/branches/{encoded}/versions/{encoded}",
        f"/pacticipants/{encoded}/versions/{encoded}/tags/{encoded}",
    ):
        assert broker.put(path, json={}).status_code == 201
        assert broker.get(path).status_code == 200

    for path in ("latest-version", f"latest-version/{encoded}", f"branches/{encoded}/latest-version"):
        assert broker.get(f"/pacticipants/{encoded}/{path}").json["number"] == name


@pytest.mark.parametrize("name", ["a%0Ab", "a%09b", "a%00b", "a%7Fb"])
def test_control_characters_are_no_part_of_a_name(broker, name):
    assert broker.put(f"/pacticipants/{name}/versions/1", json={}).status_code == 422


@pytest.mark.parametrize("character", ["\t", "\x1b", "\x7f"])
@pytest.mark.parametrize("field", ["pacticipantName", "pacticipantVersionNumber", "branch"])
def test_a_name_that_no_path_could_hold_is_refused(broker, field, character):
    publication = a_publication(a_pact(), version="1", branch="main") | {field: f"a{character}b"}

    answer = broker.post("/contracts/publish", json=publication)

    assert answer.status_code == 400
    assert "cannot contain a tab or a control character" in answer.json["errors"][field]
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []
