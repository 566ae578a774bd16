"""The short question: what it tells to do next, and what it refuses."""

import pytest
from support.decisions_over_http import Api


@pytest.fixture(autouse=True)
def api(broker):
    api = Api(broker)
    api.pact("Foo", "1", "with", "Bar")
    return api


def notices(broker, query):
    answer = broker.get("/can-i-deploy?" + query)
    assert answer.status_code == 200, answer.text
    return [(notice["type"], notice["text"]) for notice in answer.json["notices"]]


FOO_INTO_PRODUCTION = "pacticipant=Foo&version=1&environment=production"
PACT = "http://localhost/pacts/provider/Bar/consumer/Foo/version/1"


def test_the_index_leads_to_the_question(broker):
    links = broker.get("/").json["_links"]

    for relation, variable, value in (
        ("pb:can-i-deploy-pacticipant-version-to-environment", "{environment}", "production"),
        ("pb:can-i-deploy-pacticipant-version-to-tag", "{tag}", "prod"),
    ):
        assert links[relation]["templated"] is True
        href = links[relation]["href"].replace("{pacticipant}", "Foo").replace("{version}", "1")
        assert broker.get(href.replace(variable, value)).status_code == 200
    assert links["tally:matrix"]["href"] == "http://localhost/matrix"
    assert links["tally:matrix"]["templated"] is False


def test_a_provider_that_is_missing_has_to_be_verified_and_deployed(broker):
    (_, (kind, text)) = notices(broker, FOO_INTO_PRODUCTION)

    assert kind == "prompt"
    assert "Bar is not in production" in text
    assert PACT in text
    assert "record its deployment" in text


def test_a_provider_without_a_result_has_to_verify_the_pact(broker, api):
    api.version("Bar", "2")
    api.deployed("Bar", "2", "production")

    (_, (kind, text)) = notices(broker, FOO_INTO_PRODUCTION)

    assert kind == "prompt"
    assert text == (f"Next: Bar 2 has to verify {PACT}")


def test_the_types_of_notices_tell_warnings_errors_and_successes_apart(broker, api):
    ignoring = notices(broker, FOO_INTO_PRODUCTION + "&ignore[]=Bax")
    api.verified("Bar", "2", "Foo", "1")
    api.deployed("Bar", "2", "production")
    fine = notices(broker, FOO_INTO_PRODUCTION)

    assert [kind for kind, _ in ignoring] == ["warning", "error", "prompt"]
    assert [kind for kind, _ in fine] == ["success"]


def test_each_version_without_a_result_is_named(broker, api):
    api.version("Bar", "3")
    api.verified("Bar", "2", "Foo", "1")
    api.deployed("Bar", "2", "production", "as", "blue")
    api.deployed("Bar", "3", "production", "as", "green")

    (_, (kind, text)) = notices(broker, FOO_INTO_PRODUCTION)

    assert kind == "prompt"
    assert text == (f"Next: Bar 3 has to verify {PACT}")


def test_a_failure_says_where_to_see_what_failed(broker, api):
    api.failed("Bar", "2", "Foo", "1")
    api.deployed("Bar", "2", "production")

    (_, (kind, text)) = notices(broker, FOO_INTO_PRODUCTION)

    assert kind == "prompt"
    assert text.startswith(f"Next: See {PACT}?result=1 for what failed. Then deploy a version of Bar that")


def test_a_row_of_a_version_without_a_result_names_the_version(broker, api):
    api.version("Bar", "3")
    api.verified("Bar", "2", "Foo", "1")
    api.deployed("Bar", "2", "production", "as", "blue")
    api.deployed("Bar", "3", "production", "as", "green")

    rows = broker.get("/can-i-deploy?" + FOO_INTO_PRODUCTION).json["matrix"]

    found = {row["provider"]["version"]["number"]: row["verificationResult"] for row in rows}
    assert found["2"]["success"] is True
    assert found["3"] is None


@pytest.mark.parametrize("ignore", ["ignore[]=Bar", "ignore[][pacticipant]=Bar", "ignore=Bar"])
def test_a_provider_is_ignored(broker, ignore):
    answer = broker.get(f"/can-i-deploy?{FOO_INTO_PRODUCTION}&{ignore}").json

    assert answer["summary"]["deployable"] is True
    assert answer["summary"]["ignored"] == 1
    assert [row["ignored"] for row in answer["matrix"]] == [True]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("version=1&environment=test", {"pacticipant": ["is missing"]}),
        ("pacticipant=Foo&environment=test", {"version": ["is missing"]}),
        ("pacticipant=&version=1&environment=test", {"pacticipant": ["is missing"]}),
        ("pacticipant=Foo&version=1", {"": ["must specify either an environment, or a tag as 'to'"]}),
        (
            "pacticipant=Foo&version=1&environment=test&to=prod",
            {"": ["must specify either an environment, or a tag as 'to'"]},
        ),
        (
            "pacticipant=foo&version=1&environment=test",
            {"pacticipant": ["Pacticipant 'foo' does not exist (did you mean 'Foo'?)"]},
        ),
        (
            "pacticipant=Foo&version=1&environment=tst",
            {"environment": ["Environment 'tst' does not exist (did you mean 'test'?)"]},
        ),
    ],
)
def test_what_is_wrong_is_said_by_parameter(broker, query, errors):
    refused = broker.get("/can-i-deploy?" + query)

    assert (refused.status_code, refused.json) == (400, {"errors": errors})


def test_the_answer_is_also_a_text(broker):
    answer = broker.get("/can-i-deploy?" + FOO_INTO_PRODUCTION, headers={"Accept": "text/plain"})

    assert "Deployable: unknown" in answer.text
    assert "There is no verified pact between version 1 of Foo" in answer.text


def test_the_latest_version_with_a_tag_is_compared_with_the_latest_ones_with_another_tag(broker, api):
    api.version("Foo", "1", "tagged", "dev")
    api.verified("Bar", "2", "Foo", "1")
    url = "/pacticipants/Foo/latest-version/dev/can-i-deploy/to/prod"
    before = broker.get(url).json["summary"]["deployable"]

    api.version("Bar", "2", "tagged", "prod")

    assert before is None
    assert broker.get(url).json["summary"]["deployable"] is True


def test_the_head_of_a_branch_is_compared_with_an_environment(broker, api):
    api.version("Foo", "1", "on", "feat/x")
    api.verified("Bar", "2", "Foo", "1")
    url = "/pacticipants/Foo/branches/feat%2Fx/latest-version/can-i-deploy/to-environment/test"
    before = broker.get(url).json["summary"]["deployable"]

    api.deployed("Bar", "2", "test")

    assert before is None
    assert broker.get(url).json["summary"]["deployable"] is True


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/pacticipants/Baz/latest-version/dev/can-i-deploy/to/prod", "No pacticipant with name 'Baz' found"),
        (
            "/pacticipants/Foo/branches/main/latest-version/can-i-deploy/to-environment/test",
            "No version of Foo is on the branch 'main'",
        ),
        (
            "/pacticipants/Foo/branches/feat/latest-version/can-i-deploy/to-environment/tst",
            "Environment 'tst' does not exist (did you mean 'test'?)",
        ),
    ],
)
def test_a_path_with_something_unknown_is_not_found(broker, api, path, error):
    api.version("Foo", "1", "on", "feat")

    missing = broker.get(path)

    assert (missing.status_code, missing.json) == (404, {"error": error})
