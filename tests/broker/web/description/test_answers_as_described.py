"""Whatever is wrong with a request, the description has the answer: its status, type, body and headers."""

import re
from itertools import cycle
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import event
from support.described import Described, fits
from support.factories import a_pact, a_publication, an_interaction
from support.fuzzing import a_little_of_everything

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

PROBLEM = "application/problem+json"
CONTROL = ("a\nb", "\t", "a\x7f")
NAMES = (
    *("0123456789abcdef", "ä/ö", "..", "x.json", "%41", "a\u2028b", "\ufeff", " ", "\x85", "\u3000 "),
    *("1", "-1", "9" * 19, "x" * 255, "x" * 256, "ä" * 501),
)
FLAW = {
    "query": {"query_string": "x=%ff"},
    "charset": {"headers": {"Accept-Charset": "latin-1"}},
    "site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "type": {"data": "{}", "headers": {"Content-Type": "text/plain"}},
    "no JSON": {"data": "{", "headers": {"Content-Type": "application/json"}},
    "another value": {"data": "[[]]", "headers": {"Content-Type": "application/json"}},
    "changed": {"data": "{}", "headers": {"If-Match": '"x"', "Content-Type": "application/json"}},
    "a condition that is none": {"headers": {"If-None-Match": "\\"}},
    "key": {"data": "{}", "headers": {"Idempotency-Key": "a b", "Content-Type": "application/json"}},
    "a choice that there is not": {"headers": {"Accept": "image/png"}},
}


def empty_body(operation):
    """Return the options of a request whose body is an object without anything."""
    kinds = operation.get("requestBody", {}).get("content", {})
    return {"data": "{}", "content_type": next(iter(kinds))} if kinds else {}


@pytest.fixture
def known(broker):
    """What the variables of paths mean."""
    return {name: values[0] for name, values in a_little_of_everything(broker).items()}


@pytest.fixture
def described(broker):
    return Described(broker)


def address(path, names):
    return re.sub(r"\{(\w+)\}", lambda match: quote(names.get(match[1], "none"), safe=""), path)


def variables(operation):
    return [item for item in operation["parameters"] if item["in"] == "path"]


@pytest.mark.parametrize("flaw", FLAW)
def test_a_flaw_of_a_request_is_answered_as_described(broker, described, known, flaw):
    wrong = []
    accepts = cycle(["*/*", PROBLEM])

    operations = [item for item in described.operations() if item[0] != "OPTIONS"]
    some = sorted(operations[[*FLAW].index(flaw) % 3 :: 3], key=lambda item: item[0] == "DELETE")
    for method, path, operation in some:  # a third of them: all flaws with all would take ten seconds
        options = {**FLAW[flaw]}
        headers = {"Accept": next(accepts), **options.pop("headers", {})}
        answer = broker.open(address(path, known), method=method, headers=headers, **options)
        wrong += [(method, path, text) for text in described.contradictions(operation, answer)]

    assert wrong == []


def test_a_control_character_in_any_variable_of_a_path_is_refused_with_a_problem(broker, described, known):
    characters = cycle(CONTROL)

    for method, path, operation in described.operations():
        for variable in variables(operation):
            name = next(characters)
            answer = broker.open(address(path, {**known, variable["name"]: name}), method=method)

            assert not fits(variable["schema"], name)
            assert answer.status_code == 422, (method, path)
            assert described.contradictions(operation, answer) == []
            assert answer.content_type == f"{PROBLEM};charset=utf-8"
            assert answer.json["type"] == "http://localhost/problems/invalid-request-parameter-value"


def test_a_name_that_its_pattern_does_not_allow_is_refused_and_others_are_not_for_their_form(
    broker, described, known
):
    operations = {
        (method, variable["name"]): (path, operation, variable["schema"])
        for method, path, operation in described.operations()
        for variable in variables(operation)
        if method not in {"DELETE", "OPTIONS"}
    }
    wrong = []

    for (method, variable), (path, operation, schema) in operations.items():
        for name in NAMES:
            place = address(path, {**known, variable: name})
            answer = broker.open(place, method=method, **empty_body(operation))
            wrong += [(method, place, text) for text in described.contradictions(operation, answer)]
            # A broker without accounts refuses whatever is about them, before it looks at names.
            is_refused_by_form = answer.status_code in {400, 404} or "has no accounts yet" in answer.text
            if not fits(schema, name) and not is_refused_by_form:
                wrong.append((method, place, variable, answer.status_code, "is accepted"))
            if fits(schema, name) and f"'{variable}'" in answer.text and answer.status_code == 400:
                wrong.append((method, place, variable, answer.text, "is refused"))

    assert wrong == []


@pytest.mark.parametrize("is_stored", [True, False])
def test_names_that_are_stored_have_the_form_that_is_described(broker, described, is_stored):
    """Publishing stores all of them, so each name is judged alone: stored if valid, refused if not."""
    for path in (
        "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
        "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
        "/pacts/provider/{provider}/consumer/{consumer}/version/{consumerApplicationVersion}",
    ):
        operation = described.document["paths"][path]["put"]
        for variable in variables(operation):
            names = [name for name in NAMES if fits(variable["schema"], name) is is_stored]
            assert names
            for name in names:
                answer = broker.put(address(path, {variable["name"]: name}), json={"interactions": []})

                assert answer.status_code in ({200, 201} if is_stored else {400}), (
                    variable["name"],
                    name,
                    answer.text,
                )


def limited(schema):
    """Return the values of a parameter that has only some; [] for others."""
    inner = schema.get("items", schema)
    return inner.get("enum") or next(iter(inner.get("anyOf", ())), {}).get("enum", [])


def test_a_parameter_that_is_blank_is_accepted_where_that_is_described_and_nowhere_else(
    broker, described, known
):
    accepted, refused = set(), set()

    for method, path, operation in described.operations():
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or parameter["schema"].get("type") == "array":
                continue
            may_be_blank = Draft202012Validator(parameter["schema"]).is_valid("")
            answer = broker.open(address(path, known), method=method, query_string={parameter["name"]: ""})
            if answer.status_code in {200, 201, 204}:
                accepted.add(parameter["name"])
                assert may_be_blank, (method, path, parameter["name"])
            elif answer.status_code == 400 and not may_be_blank:
                refused.add(parameter["name"])

    assert accepted >= {"sort", "since", "latestby", "limit", "wait", "at"}
    assert refused >= {"size", "dryRun", "initials"}


def test_a_misspelt_value_of_a_parameter_is_refused_with_those_that_there_are(broker, described, known):
    tried = set()

    for method, path, operation in described.operations():
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or not (values := limited(parameter["schema"])):
                continue
            tried.add(parameter["name"])
            selector = {"q[][pacticipant]": "Shop"} if parameter["name"].startswith("q[]") else {}
            for text in ("treu", "TRUE", "1", "yes", "cvpb", values[0] + "x"):
                answer = broker.open(
                    address(path, known), method=method, query_string={**selector, parameter["name"]: text}
                )

                assert answer.status_code == 400, (method, path, parameter["name"], text)
                assert described.contradictions(operation, answer) == []
                assert all(value in answer.text for value in values)

    assert tried >= {"dryRun", "initials", "latest", "mainBranch", "latestby", "success[]", "q[][latest]"}


@pytest.mark.parametrize("name", ["dryrun", "dry_run", "DRYRUN", "dryRun[]", "dryRuns"])
def test_a_misspelt_name_of_the_dry_run_is_refused(broker, name):
    answer = broker.post(f"/webhooks/execute?{name}=true", json={})

    assert answer.status_code == 400
    assert "did you mean 'dryRun'?" in answer.text


def test_a_dry_run_that_is_said_twice_is_refused(broker):
    answer = broker.post("/webhooks/execute?dryRun=false&dryRun=true", json={})

    assert (answer.status_code, answer.json) == (400, {"errors": {"dryRun": ["must be given once"]}})


@pytest.mark.parametrize(
    "name", ["limit", "wait", "page", "size", "pageNumber", "pageSize", "maxPacticipants"]
)
def test_a_number_is_refused_unless_it_is_one_within_the_bounds(broker, described, known, name):
    method, path, operation = next(
        item for item in described.operations() if name in {each["name"] for each in item[2]["parameters"]}
    )

    for number in ("1" * 5000, "2147483648", "-1", "1.0", "+1", "\u0663", "1e1", "x"):
        asked = {"pacticipant": "Shop", "version": "1", "environment": "lab", name: number}
        answer = broker.open(address(path, known), method=method, query_string=asked)

        has_no_end = name == "maxPacticipants" and number.isdecimal() and number.isascii()
        assert answer.status_code == (200 if has_no_end else 400), number
        assert described.contradictions(operation, answer) == []


MAY_BE_A_UUID = {"/webhooks/execute", "/tokens/exchange", "/trusts/test"}
"""Addresses whose other methods are those of another path with a variable."""


def test_every_address_names_its_methods(broker, described, known):
    for method, path, operation in described.operations():
        if method == "OPTIONS":
            answer = broker.options(address(path, known))
            methods = {name.upper() for name in described.document["paths"][path]}

            assert described.contradictions(operation, answer) == []
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == methods or path in MAY_BE_A_UUID
            assert answer.headers["Allow"] == answer.headers["Access-Control-Allow-Methods"]


def test_a_method_that_an_address_has_not_is_answered_with_those_that_it_has(broker, described, known):
    for path, methods in described.document["paths"].items():
        for method in ("PUT", "POST", "PATCH", "DELETE", "GET", "TRACE"):
            if method.lower() not in methods and path not in MAY_BE_A_UUID:
                answer = broker.open(address(path, known), method=method)

                assert answer.status_code == 405, (method, path)
                assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == {
                    name.upper() for name in methods
                }
                assert (answer.data, answer.content_type) == (b"", None)


def test_what_a_deployed_version_cannot_be_is_refused_as_described(broker, described):
    known = a_little_of_everything(broker)
    operation = described.document["paths"]["/deployed-versions/{uuid}"]["patch"]

    answer = broker.patch(
        f"/deployed-versions/{known['uuid'][1]}",
        data='{"currentlyDeployed": true}',
        content_type="application/merge-patch+json",
    )

    assert answer.status_code == 422
    assert described.contradictions(operation, answer) == []


def test_a_key_that_was_given_to_another_request_is_refused_as_described(broker, described):
    operation = described.document["paths"]["/pacticipants"]["post"]
    key = {"Idempotency-Key": "1"}

    first, second = (
        broker.post("/pacticipants", json={"name": name}, headers=key) for name in ("Shop", "Web")
    )

    assert (first.status_code, second.status_code) == (201, 422)
    assert described.contradictions(operation, second) == []


def test_a_database_that_is_away_or_full_is_answered_as_described(database, described, tmp_path):
    operation = described.document["paths"]["/contracts/publish"]["post"]
    away = create_app(Settings(), Database(f"sqlite:///{tmp_path}/no/folder/x.sqlite3")).test_client()
    full = Database(database.url)
    event.listen(full._engine, "connect", lambda it, _: it.execute("PRAGMA max_page_count = 1"))  # noqa: SLF001 - a full disk

    answers = [
        client.post("/contracts/publish", json=a_publication(a_pact(an_interaction("x" * 100_000))))
        for client in (away, create_app(Settings(), full).test_client())
    ]

    full.close()
    assert [answer.status_code for answer in answers] == [503, 507]
    assert [described.contradictions(operation, answer) for answer in answers] == [[], []]


def test_credentials_are_refused_as_described(database):
    settings = Settings(basic_auth_username="ci", basic_auth_password="secret", failed_logins_per_minute=1)
    client = create_app(settings, database).test_client()
    described = Described(client, headers={"Authorization": "Basic Y2k6c2VjcmV0"})
    operation = described.document["paths"]["/pacticipants"]["get"]

    answers = [
        client.get("/pacticipants"),
        client.get("/pacticipants", headers={"Authorization": "Basic Y2k6eA=="}),
        client.options("/pacticipants"),
    ]

    assert [answer.status_code for answer in answers] == [401, 429, 401]
    assert [described.contradictions(operation, answer) for answer in answers] == [[], [], []]
