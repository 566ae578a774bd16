"""`tally publish-service-contract --app` and `--interface`: documents that are no files."""

import sys

import pytest

APP = """
class App:
    def openapi(self):
        answers = {"200": {"description": "the order"}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Orders", "version": "1"},
            "paths": {"/orders": {"get": {"operationId": "orders", "responses": answers}}},
        }

app = App()
broken = dict(openapi="3.1.0", info={}, paths={"/x": 3})

class Orders:
    def place(self, sku: str) -> int: ...

class Stock:
    def count(self, sku: str) -> int: ...

class Odd:
    def place(self, sku: object()) -> complex: ...
"""
ARGUMENTS = ("publish-service-contract", "--service", "Orders", "--version", "1")


@pytest.fixture
def sent(hal_server, tmp_path, monkeypatch):
    """Return the bodies that the broker received; the code is in the current directory."""
    link = {"href": hal_server.url("/publish")}
    hal_server.answers("GET", "/", {"_links": {"tally:publish-service-contract": link}})
    hal_server.answers("POST", "/publish", {"notices": []})
    (tmp_path / "orders_in_python.py").write_text(APP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "orders_in_python", raising=False)
    return lambda: [asked.body for asked in hal_server.sent("POST")]


def test_the_document_of_an_app_is_published(tally_at, sent):
    run = tally_at(*ARGUMENTS, "--app", "orders_in_python:app")

    assert (run.code, run.err) == (0, "")
    (body,) = sent()
    assert (body["specification"], list(body["content"]["paths"])) == ("openapi", ["/orders"])


def test_the_contract_of_a_class_is_published_for_the_service(tally_at, sent):
    run = tally_at(*ARGUMENTS, "--interface", "orders_in_python:Stock")

    assert (run.code, run.err) == (0, "")
    (body,) = sent()
    assert (body["specification"], body["content"]["service"]) == ("service-contract", "Orders")


def test_several_interfaces_are_told_apart_by_their_names(tally_at, sent):
    names = [word for name in ("Orders", "Stock") for word in ("--interface", f"orders_in_python:{name}")]

    run = tally_at(*ARGUMENTS, "--app", "orders_in_python:app", *names)

    assert (run.code, run.err) == (0, "")
    (body,) = sent()
    assert [each.get("name") for each in body["documents"]] == [None, "Orders", "Stock"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "What is the contract? Give a FILE, --app or --interface."),
        (("--app", "orders_in_python"), 'expected "package.module:name"'),
        (("--app", "orders_in_python:nothing"), "orders_in_python has no 'nothing'"),
        (("--app", "orders_in_python:broken"), "--app orders_in_python:broken is not a service contract: /"),
        (("--interface", "orders_in_python:Odd"), "--interface orders_in_python:Odd: Odd.place"),
    ],
)
def test_what_is_no_contract_is_refused_and_nothing_is_sent(tally_at, sent, arguments, complaint):
    run = tally_at(*ARGUMENTS, *arguments)

    assert (run.code, sent()) == (2, [])
    assert complaint in run.err
