import base64
import json

import pytest
from support.contract_documents import (
    a_native,
    a_native_operation,
    a_response,
    an_id,
    an_openapi,
    an_operation,
)
from support.hal_server import Answer

PATH = "/service-contracts/publish"
PUBLISHED = {"notices": [{"type": "success", "text": "Published the service contract of Orders."}]}


@pytest.fixture
def broker(hal_server):
    """A broker that takes service contracts."""
    hal_server.answers(
        "GET", "/", {"_links": {"tally:publish-service-contract": {"href": hal_server.url(PATH)}}}
    )
    hal_server.answers("POST", PATH, PUBLISHED)
    return hal_server


@pytest.fixture
def contract(tmp_path):
    """Write a document, and return its path."""

    def write(document, name="openapi.json"):
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


def test_a_contract_is_sent_with_the_version_that_keeps_it(broker, tally_at, contract):
    run = tally_at(
        *("publish-service-contract", contract(an_openapi()), "--service", "Orders", "--version", "1"),
        *("--branch", "main", "--tag", "a", "--tag", "b", "--build-url", "https://ci.example.org/1"),
    )

    assert (run.code, run.out, run.err) == (0, "Published the service contract of Orders.\n", "")
    (sent,) = broker.sent("POST")
    assert sent.body == {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": "1",
        "branch": "main",
        "tags": ["a", "b"],
        "buildUrl": "https://ci.example.org/1",
        "specification": "openapi",
        "content": an_openapi(),
    }


def test_what_is_not_given_is_not_sent(broker, tally_at, contract):
    tally_at("publish-service-contract", contract(a_native()), "--service", "Orders", "--version", "1")

    (sent,) = broker.sent("POST")
    assert sent.body == {
        "pacticipantName": "Orders",
        "pacticipantVersionNumber": "1",
        "specification": "service-contract",
        "content": a_native(),
    }


def test_yaml_and_the_files_it_refers_to_are_sent_as_one_document(broker, tally_at, contract):
    contract("Order: {type: object}", "order.yaml")
    operation = an_operation(responses={"200": a_response({"$ref": "order.yaml#/Order"})})

    run = tally_at(
        *("publish-service-contract", contract(an_openapi({"/orders/{id}": {"get": operation}}))),
        *("--service", "Orders", "--version", "1"),
    )

    assert run.code == 0
    (sent,) = broker.sent("POST")
    assert sent.body["content"]["x-contract-bundled"] == {"order.yaml": {"Order": {"type": "object"}}}


def test_the_version_may_be_taken_from_the_ci_system(broker, tally_at, contract, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")

    run = tally_at("publish-service-contract", contract(an_openapi()), "--service", "Orders", "-r")

    (sent,) = broker.sent("POST")
    assert (sent.body["pacticipantVersionNumber"], sent.body["branch"]) == ("c0ffee", "main")
    assert "Version c0ffee, branch main (GitHub Actions)" in run.err


@pytest.mark.usefixtures("broker")
def test_the_answer_may_be_printed_as_json(tally_at, contract):
    run = tally_at(
        "publish-service-contract",
        contract(an_openapi()),
        "--service",
        "Orders",
        "--version",
        "1",
        "-o",
        "json",
    )

    assert json.loads(run.out) == PUBLISHED


def test_a_doubtful_example_is_a_warning(broker, tally_at, contract):
    operation = an_operation(parameters=[an_id(examples={"open": {"value": "x"}})])

    run = tally_at(
        *("publish-service-contract", contract(an_openapi({"/orders/{id}": {"get": operation}}))),
        *("--service", "Orders", "--version", "1"),
    )

    assert run.code == 0
    assert "example 'open', path/id: 'x' is not of type 'integer'" in run.err
    assert len(broker.sent("POST")) == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"openapi": "3.1.0"}, "openapi.json is not a service contract: /: 'paths' is a required property"),
        ({"swagger": "1.2"}, "/swagger: version '1.2' is not supported; 2.0 is"),
        ("- a list", "openapi.json: a service contract is a mapping, not a list"),
        ("{", "openapi.json: not JSON"),
    ],
)
def test_what_is_no_contract_is_not_sent(broker, tally_at, contract, document, message):
    run = tally_at("publish-service-contract", contract(document), "--service", "Orders", "--version", "1")

    assert run.code == 2
    assert message in run.err
    assert broker.asked == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--service", "Orders"], "Give --version"),
        (["--service", "Orders", "--version", " "], "Give --version"),
        (["--service", " ", "--version", "1"], "--service is empty"),
        (["--version", "1"], "Missing option '-a' / '--service'"),
    ],
)
def test_a_service_and_a_version_are_needed(broker, tally_at, contract, options, message):
    run = tally_at("publish-service-contract", contract(an_openapi()), *options)

    assert run.code == 2
    assert message in run.err
    assert broker.asked == []


def test_a_missing_file_is_named(broker, tally_at, tmp_path):
    run = tally_at("publish-service-contract", tmp_path / "no.yaml", "--service", "Orders", "--version", "1")

    assert run.code == 2
    assert "no.yaml: cannot be read" in run.err
    assert broker.asked == []


def test_another_content_for_the_same_version_is_refused(broker, tally_at, contract):
    refusal = {
        "notices": [{"type": "error", "text": "Orders 1 already has another contract."}],
        "errors": {"content": ["Orders 1 already has another contract."]},
    }
    broker.answers("POST", PATH, Answer(refusal, 409))

    run = tally_at(
        "publish-service-contract", contract(an_openapi()), "--service", "Orders", "--version", "1"
    )

    assert (run.code, run.out) == (1, "Orders 1 already has another contract.\n")


def test_what_the_broker_finds_wrong_is_shown(broker, tally_at, contract):
    broker.answers("POST", PATH, Answer({"errors": {"content": ["/paths: no"]}}, 400))

    run = tally_at(
        "publish-service-contract", contract(an_openapi()), "--service", "Orders", "--version", "1"
    )

    assert run.code == 2
    assert "content: /paths: no" in run.err


def test_another_broker_takes_no_service_contracts(hal_server, tally_at, contract):
    run = tally_at(
        "publish-service-contract", contract(an_openapi()), "--service", "Orders", "--version", "1"
    )

    assert run.code == 2
    assert "does not accept service contracts" in run.err
    assert "needs a Tallystick broker" in run.err
    assert hal_server.sent("POST") == []


def publish(tally_at, *arguments):
    return tally_at("publish-service-contract", *arguments, "--service", "Orders", "--version", "1")


EVENTS = a_native(a_native_operation(id="getEvents", path="/events/{id}"))


def test_several_files_are_sent_in_one_request(broker, tally_at, contract):
    run = publish(tally_at, contract(an_openapi()), contract(EVENTS, "events.json"))

    assert run.code == 0
    (sent,) = broker.sent("POST")
    assert sent.body["documents"] == [
        {"specification": "openapi", "content": an_openapi()},
        {"specification": "service-contract", "content": EVENTS},
    ]


def test_documents_may_have_names(broker, tally_at, contract):
    publish(tally_at, contract(an_openapi()), "--document", "public")
    publish(
        tally_at,
        *(contract(an_openapi()), contract(an_openapi({}), "admin.json")),
        *("--document", "public", "--document", "admin"),
    )

    one, several = broker.sent("POST")
    assert one.body["document"] == "public"
    assert [document["name"] for document in several.body["documents"]] == ["public", "admin"]


def test_what_the_tests_of_the_service_said_is_sent_too(broker, tally_at, contract, tmp_path):
    (tmp_path / "results.txt").write_text("passed")

    publish(
        tally_at,
        *(contract(an_openapi()), "--verification-exit-code", "0"),
        *("--verification-results", tmp_path / "results.txt", "--verifier", "fuzzer"),
        *("--verification-results-content-type", "text/plain", "--verification-results-format", "text"),
    )
    publish(tally_at, contract(an_openapi()), "--no-verification-success")

    passed, failed = (sent.body["selfVerificationResults"] for sent in broker.sent("POST"))
    assert passed == {
        "success": True,
        "content": base64.b64encode(b"passed").decode(),
        "contentType": "text/plain",
        "format": "text",
        "verifier": "fuzzer",
    }
    assert failed == {"success": False}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--document", "a", "--document", "b"], "--document is given 2 times, for 1 files"),
        (["--channel", "orders"], "--channel is given 1 times, for 0 JSON Schemas"),
        (["--direction", "sent"], "--direction is for JSON Schemas: no FILE is one"),
        (["--kind", "asyncapi"], "is not asyncapi, as --kind says: it is openapi"),
        (["--verifier", "fuzzer"], "Did the tests pass?"),
        (["--verification-success", "--verification-exit-code", "1"], "they say the same"),
        (["--verification-success", "--verification-results", "no.txt"], "no.txt cannot be read"),
    ],
)
def test_options_that_do_not_fit_are_refused(broker, tally_at, contract, options, message):
    run = publish(tally_at, contract(an_openapi()), *options)

    assert run.code == 2
    assert message in " ".join(run.err.split())
    assert broker.asked == []


def test_two_files_of_one_kind_need_names(broker, tally_at, contract):
    run = publish(tally_at, contract(an_openapi()), contract(an_openapi({}), "other.json"))

    assert run.code == 2
    assert "other.json would have the same name" in " ".join(run.err.split())
    assert broker.asked == []


def test_an_operation_of_two_files_is_named_with_both_places(broker, tally_at, contract):
    other = contract(an_openapi({"/other": {"get": an_operation(parameters=[])}}), "other.json")

    run = publish(tally_at, contract(an_openapi()), other, "--document", "one", "--document", "two")

    assert (run.code, broker.asked) == (2, [])
    assert "other.json: /paths/~1other/get: the id 'getOrder' is also that of" in run.err
    assert "/paths/~1orders~1{id}/get" in run.err


def test_results_are_of_one_document(broker, tally_at, contract):
    run = publish(tally_at, contract(an_openapi()), contract(EVENTS, "events.json"), "--verification-success")

    assert run.code == 2
    assert "is of one document" in run.err
    assert broker.asked == []
