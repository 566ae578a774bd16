"""Reading one pact in every way, and deleting it."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.app import create_app
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.settings.settings import Settings

BETWEEN = "/pacts/provider/Orders/consumer/Shop"
FIRST = f"{BETWEEN}/version/1"
HTTP_404 = {"status": 404}


@pytest.fixture
def history(broker):
    """Three versions of Shop: 1 on main, 2 tagged, 3 on a branch; the first and the last are alike."""
    for number, status, said in (
        ("1", 200, {"branch": "main"}),
        ("2", 404, {"branch": None, "tags": ["dev"]}),
        ("3", 200, {"branch": "feat/x"}),
    ):
        pact = a_pact(an_interaction(response={"status": status}))
        assert (
            broker.post("/contracts/publish", json=a_publication(pact, version=number, **said)).status_code
            == 200
        )
    return broker


def content(pact):
    return {key: value for key, value in pact.items() if key not in {"createdAt", "_links"}}


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("latest", "3"),
        ("latest/dev", "2"),
        ("latest-untagged", "3"),
        ("branch/main/latest", "1"),
        ("branch/feat%2Fx/latest", "3"),
    ],
)
def test_the_latest_pact_is_that_of_the_latest_version_that_fits(history, path, version):
    answer = history.get(f"{BETWEEN}/{path}")

    assert answer.status_code == 200
    assert answer.headers["X-Pact-Consumer-Version"] == version
    assert answer.json["_links"]["self"]["href"] == f"http://localhost{BETWEEN}/version/{version}"


def test_the_old_address_of_the_latest_pact_works(history):
    assert history.get("/pact/provider/Orders/consumer/Shop/latest").headers["X-Pact-Consumer-Version"] == "3"


def test_a_content_is_shown_with_the_newest_version_that_has_it(history):
    old = history.get(FIRST).json

    shown = history.get(old["_links"]["pb:pact-version"]["href"]).json

    assert content(shown) == content(old)
    assert shown["_links"]["pb:consumer-version"]["name"] == "3"


def test_results_for_the_latest_pact_know_which_version_it_was(history):
    latest = history.get(f"{BETWEEN}/latest").json

    publish = latest["_links"]["pb:publish-verification-results"]["href"]
    assert "/metadata/" in publish
    assert history.post(publish, json=a_verification_result()).status_code == 201
    with_metadata = history.get(publish.removesuffix("/verification-results")).json
    assert [link["name"] for link in with_metadata["_links"]["pb:consumer-versions"]] == ["3"]
    assert with_metadata["_links"]["pb:publish-verification-results"]["href"] == publish


@pytest.mark.parametrize("metadata", ["%%%", "!!", "Y3ZuPTI", "Y3ZuPTI="])
def test_any_metadata_is_accepted(history, metadata):
    sha = history.get(FIRST).json["_links"]["pb:pact-version"]["name"]

    assert (
        history.get(f"{BETWEEN}/pact-version/{sha}/metadata/{metadata.replace('%', '%25')}").status_code
        == 200
    )


def test_every_link_of_a_pact_leads_somewhere(history):
    links = history.get(FIRST).json["_links"]
    history.post(links["pb:publish-verification-results"]["href"], json=a_verification_result())
    history.put(links["pb:tag-prod-version"]["href"], json={})

    plain = {
        relation: link["href"]
        for relation, link in links.items()
        if isinstance(link, dict) and "{" not in link["href"]
    }
    for only_posted in ("pb:publish-verification-results", "tally:publish-verification-part"):
        del plain[only_posted]
    del plain["pb:previous-distinct"]  # 404: it is the first
    statuses = {relation: history.get(href).status_code for relation, href in plain.items()}
    assert set(statuses.values()) == {200}, statuses
    assert {"self", "pb:consumer", "pb:provider", "pb:latest-verification-results"} <= set(statuses)


def test_templates_of_a_pact_are_left_for_the_client(history):
    links = history.get(FIRST).json["_links"]

    assert links["pb:latest-tagged-pact-version"]["href"] == f"http://localhost{BETWEEN}/latest/{{tag}}"
    assert links["pb:tag-version"]["href"] == "http://localhost/pacticipants/Shop/versions/1/tags/{tag}"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, "application/hal+json"),
        ("*/*", "application/hal+json"),
        ("application/json", "application/json"),
        ("application/hal+json, application/json", "application/hal+json"),
        ("application/problem+json", "application/hal+json"),
    ],
)
def test_a_pact_is_sent_as_the_client_accepts_it(history, accept, answered):
    headers = {} if accept is None else {"Accept": accept}

    assert history.get(FIRST, headers=headers).content_type == f"{answered};charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "version/9",
        "latest/prod",
        "branch/none/latest",
        "pact-version/0000000000000000000000000000000000000000",
    ],
)
def test_a_pact_that_is_not_there_is_not_found(history, path):
    answer = history.get(f"{BETWEEN}/{path}")

    assert answer.status_code == 404
    assert answer.json["error"]


@pytest.mark.parametrize(("name", "role"), [("Orders", "provider"), ("Shop", "consumer")])
def test_an_unknown_pacticipant_is_named(history, name, role):
    answer = history.get(FIRST.replace(name, "Nobody"))

    assert answer.status_code == 404
    assert answer.json == {"error": f"No {role} with name 'Nobody' found"}


def test_deleting_a_pact_leaves_the_others(history):
    answer = history.delete(f"{BETWEEN}/version/3")

    assert answer.status_code == 200
    assert answer.json["_links"]["index"]["href"] == "http://localhost"
    assert history.get(f"{BETWEEN}/version/3").status_code == 404
    latest = history.get(answer.json["_links"]["pb:latest-pact-version"]["href"])
    assert latest.headers["X-Pact-Consumer-Version"] == "2"


def test_after_the_last_pact_there_is_no_latest(broker):
    broker.put(FIRST, json=a_pact())

    answer = broker.delete(FIRST)

    assert list(answer.json["_links"]) == ["index"]
    assert broker.delete(FIRST).status_code == 404
    assert broker.put(FIRST, json=a_pact(an_interaction(response=HTTP_404))).status_code == 201


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_metadata_says_which_version_with_the_content_is_meant(history):
    sha = history.get(FIRST).json["_links"]["pb:pact-version"]["name"]
    first, second = (encode(Metadata((number,))) for number in ("1", "2"))

    named = history.get(f"{BETWEEN}/pact-version/{sha}/metadata/{first}").json
    without_it = history.get(f"{BETWEEN}/pact-version/{sha}/metadata/{second}").json

    assert named["_links"]["pb:consumer-version"]["name"] == "1"
    assert without_it["_links"]["pb:consumer-version"]["name"] == "3"


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_content_that_was_overwritten_can_still_be_read_and_verified(database):
    settings = Settings(allow_dangerous_contract_modification=True)
    broker = create_app(settings, database).test_client()
    overwritten = broker.put(FIRST, json=a_pact(an_interaction("first"))).json
    broker.put(FIRST, json=a_pact(an_interaction("second")))

    shown = broker.get(overwritten["_links"]["pb:pact-version"]["href"]).json
    result = broker.post(
        shown["_links"]["pb:publish-verification-results"]["href"], json=a_verification_result()
    )

    assert content(shown) == content(overwritten)
    assert shown["_links"]["self"]["href"] == f"http://localhost{FIRST}"
    assert result.status_code == 201
    assert broker.get(result.headers["Location"]).json == result.json
