"""Chains of requests: what follows from what, by links of the document and by paths."""

import json

import pytest
from support.contract_documents import a_response, an_openapi

from verifier.generation.settings import Generation
from verifier.verifier import Verifier

THING = {
    "type": "object",
    "required": ["key", "name"],
    "properties": {"key": {"type": "integer"}, "name": {"type": "string", "enum": ["a", "b"]}},
}
NEW = {"type": "object", "required": ["name"], "properties": {"name": {"enum": ["a", "b"]}}}


def taking(schema):
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def in_path(name):
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


class Things:
    """A provider of things, as a WSGI application; *broken* says what it does wrong."""

    def __init__(self, broken=""):
        self.broken = broken
        self.things = {}
        self.asked = []

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append(f"{method} {path}")
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, body, headers = self.answer(method, path, json.loads(content) if content else None)
        start_response(f"{status} -", [("Content-Type", "application/json"), *headers])
        return [] if body is None else [json.dumps(body).encode()]

    def answer(self, method, path, body):
        if method == "POST":
            key = 100 + len(self.things)
            self.things[key] = {"key": key, **body}
            if self.broken == "not created":
                del self.things[key]
            return 201, {"key": key, **body}, [("Location", f"/shelf/{key}")]
        key = int(path.rpartition("/")[2])
        if key not in self.things:
            return 404, {}, []
        if method == "DELETE":
            if self.broken != "not deleted":
                del self.things[key]
            return 204, None, []
        if method == "PUT":
            if self.broken != "not changed":
                self.things[key] = {"key": key, **body}
            return 204, None, []
        return 200, self.things[key], []


def document(item, *, links=None):
    """Return a document whose items are at the path *item*."""
    name = item.rpartition("{")[2].rstrip("}")
    created = {**a_response(THING), **({"links": links} if links else {})}
    gone = {"404": a_response({})}
    return an_openapi(
        {
            "/things": {
                "post": {"operationId": "add", "requestBody": taking(NEW), "responses": {"201": created}}
            },
            item: {
                "parameters": [in_path(name)],
                "get": {"operationId": "show", "responses": {"200": a_response(THING), **gone}},
                "put": {
                    "operationId": "change",
                    "requestBody": taking(NEW),
                    "responses": {"204": {"description": ""}, **gone},
                },
                "delete": {"operationId": "remove", "responses": {"204": {"description": ""}, **gone}},
            },
        }
    )


@pytest.fixture
def verified(tmp_path):
    def verify(app, contract):
        file = tmp_path / "things.json"
        file.write_text(json.dumps(contract))
        verifier = Verifier(app, generation=Generation(phases=("workflows",)))
        return verifier.add_service_contract(file).run()

    return verify


def messages(report):
    return {
        mismatch.message
        for contract in report.contracts
        for result in contract.results
        for mismatch in result.mismatches
    }


def test_paths_say_what_is_created_and_the_answer_what_it_is_called(verified):
    things = Things()

    assert verified(things, document("/things/{key}")).passed
    assert things.asked[:2] == ["POST /things", "GET /things/100"]
    assert {each.split("/")[0] for each in things.asked} == {"POST ", "GET ", "PUT ", "DELETE "}


def test_the_location_names_what_is_created_when_the_body_does_not(verified):
    things = Things()

    assert verified(things, document("/things/{number}")).passed
    assert "GET /things/100" in things.asked


def test_links_say_what_follows_elsewhere(verified):
    things = Things()
    links = {
        name: {"operationId": name, "parameters": {"number": "$response.body#/key"}}
        for name in ("show", "change", "remove")
    }

    report = verified(things, document("/shelf/{number}", links=links))

    assert report.passed, messages(report)
    assert {each.rpartition("/")[0] for each in things.asked} == {
        "POST ", "GET /shelf", "PUT /shelf", "DELETE /shelf",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("not created", "what was created is not there: GET /things/{key} was answered with 404"),
        ("not deleted", "what was deleted is still there: GET /things/{key} was answered with 200"),
        ("not changed", "a change was accepted, and nothing of it is there when read: name"),
    ],
)
def test_what_is_not_kept_is_found(verified, broken, message):
    report = verified(Things(broken), document("/things/{key}"))

    assert messages(report) == {message}


def test_a_chain_that_fails_shows_every_request(verified):
    report = verified(Things("not deleted"), document("/things/{key}"))

    (failure,) = [result for result in report.contracts[0].results if not result.passed]
    assert [step.sent.method for step in failure.before] == ["POST", "GET", "DELETE"]
    assert failure.case.description == "POST /things → DELETE /things/{key}: workflow 2"


def test_an_application_that_raises_is_a_failure_with_its_cause(tmp_path):
    def app(environ, start_response):
        content = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if content["name"] == "b":
            raise KeyError(content["name"])
        start_response("201 -", [("Content-Type", "application/json")])
        return [json.dumps({"key": 1, **content}).encode()]

    file = tmp_path / "things.json"
    created = {"operationId": "add", "requestBody": taking(NEW), "responses": {"201": a_response(THING)}}
    file.write_text(json.dumps(an_openapi({"/things": {"post": created}})))

    report = Verifier(app, generation=Generation(phases=("valid",))).add_service_contract(file).run()

    (failure,) = [result for result in report.contracts[0].results if not result.passed]
    assert failure.smallest["body"]["value"] == {"name": "b"}
    assert "raised KeyError" in failure.problem
