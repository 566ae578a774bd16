"""Archives as browsers write them, and what is no archive."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.har_files import an_archive, an_entry
from support.searching import search

from tally.drafts import files, folding
from tally.drafts.draft import Draft, draft
from tally.drafts.har import read_har
from tally.errors import TallyError, UsageError
from tally.pact import load_pact

POSTED = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "sku", "value": "a b"}]}


def test_an_archive_of_a_browser_becomes_a_valid_pact(record_har, tmp_path):
    run, document = record_har(an_entry(), options=["--pact-dir", tmp_path / "drafts"])

    pact = load_pact(tmp_path / "drafts/Shop-Orders.json")
    assert (pact.consumer, pact.provider, pact.specification) == ("Shop", "Orders", "4.0")
    assert "1 request, 1 interaction" in run.out
    assert document["interactions"][0]["comments"]["text"][0] == "A draft: to be decided by a person."


def test_a_draft_of_version_3_has_its_notes_in_the_metadata(record_har, tmp_path):
    headers = {"authorization": "Bearer x"}
    _, document = record_har(an_entry(headers=headers), options=["--specification", "V3"])

    [interaction] = document["interactions"]
    assert load_pact(tmp_path / "drafts/Shop-Orders.json").specification == "3.0.0"
    assert interaction["response"]["body"] == {"id": 7}
    assert interaction["response"]["headers"] == {"content-type": "application/json"}
    notes = document["metadata"]["tallystick"]["draft"]["interactions"]["GET /orders/{id} (200)"]
    assert "Redacted: request header authorization" in notes


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (an_entry(resource="document", kind="text/html"), "pages with their pictures"),
        (an_entry(resource=None, kind="text/css; charset=utf-8"), "pages with their pictures"),
        (an_entry(status=503), "GET /orders/{id} answered 503, an error of the server"),
        (an_entry(status=0), "requests that got no answer"),
        (an_entry(status=304), "answers with 304"),
        (an_entry(status=101, url="wss://api.example.org/live", resource="websocket"), "requests by wss:"),
        (an_entry(url="data:image/png;base64,AA", resource=None), "requests by data:"),
        (an_entry("OPTIONS", headers={"access-control-request-method": "PUT"}), "preflight requests"),
    ],
)
def test_what_belongs_in_no_contract_is_left_out_and_said(record_har, entry, reason):
    run, document = record_har(an_entry(), entry)

    assert run.code == 0, run.err
    assert len(document["interactions"]) == 1
    assert reason in run.out


def test_what_an_archive_has_does_nothing_to_a_terminal(record_har):
    run, _ = record_har(
        an_entry(url="https://api.example.org/a?%1b[2J=1", answer={"\x1b[2J": None}),
        an_entry("POST", "https://api.example.org/\x1b[2J", status=500),
    )

    assert run.code == 0, run.err
    assert "\x1b" not in run.out + run.err


def test_without_anything_left_there_is_no_file(record_har):
    run, document = record_har(an_entry(status=500))

    assert (run.code, document) == (2, None)
    assert "GET /orders/{id} answered 500" in run.err


def test_an_empty_archive_makes_no_file(record_har):
    run, document = record_har()

    assert (run.code, document) == (2, None)
    assert "It has no requests: was the network recorded?" in run.err


def test_one_of_several_hosts_is_to_be_named(record_har):
    entries = [an_entry(), an_entry(url="https://cdn.example.org:8443/x"), an_entry()]

    run, document = record_har(*entries)
    assert (run.code, document) == (2, None)
    assert (
        "api.example.org (2), cdn.example.org:8443 (1). Name those of the provider with --only-host"
        in run.err
    )

    run, document = record_har(*entries, options=["--only-host", "API.example.org"])
    assert run.code == 0
    assert "requests to other hosts (1)" in run.out
    assert [each["description"] for each in document["interactions"]] == ["GET /orders/{id} (200)"]


def test_a_host_that_is_not_in_the_archive_is_refused(record_har):
    run, document = record_har(an_entry(), options=["--only-host", "api.example.com"])

    assert (run.code, document) == (2, None)
    assert "no request to it, but to api.example.org (1)" in run.err


def test_a_form_that_is_given_as_parameters_is_read(drafted):
    interaction = drafted(an_entry("POST", posted=POSTED))

    assert interaction["request"]["body"]["content"] == "sku=a+b"
    assert interaction["request"]["headers"]["Content-Type"] == ["application/x-www-form-urlencoded"]


@pytest.mark.parametrize(
    ("parts", "question"),
    [
        ({"content": {"text": None, "size": 12}}, "the archive does not have the body"),
        ({"answer": "{", "kind": "application/json"}, "it says that it is JSON, but it is none"),
        ({"answer": '{"a": 1, "a": 2}'}, 'the key "a" occurs twice'),
        ({"answer": '{"a": 1e999}'}, "the number 1e999 is too large"),
        ({"answer": "x" * 70_000, "kind": "text/plain"}, "it is larger than 64 KiB"),
        ({"answer": {"a": "x" * 40_000, "b": "y" * 40_000}}, "it is larger than 64 KiB"),
        (
            {"answer": "AAEC" * 6_000, "kind": "image/png", "content": {"encoding": "base64"}},
            "it is larger than 16 KiB",
        ),
        ({"answer": "x" * 1_100_000, "kind": "text/plain"}, "it is larger than 1024 KiB"),
        ({"answer": "--b", "kind": "multipart/mixed; boundary=b"}, "a multipart body is left out"),
        ({"answer": "<a/>", "kind": "application/xml"}, "XML is left out"),
        ({"answer": "data: 1\n\n", "kind": "text/event-stream"}, "declare its events as messages"),
        (
            {"answer": "AAEC", "kind": "application/x-own", "content": {"encoding": "base64"}},
            "cannot be recognised",
        ),
        ({"answer": "[" * 2000 + "]" * 2000}, "is left out"),
    ],
)
def test_a_body_that_a_draft_cannot_have_is_left_out_and_said(record_har, parts, question):
    run, document = record_har(an_entry(**parts))

    assert run.code == 0, run.err
    assert "body" not in document["interactions"][0]["response"]
    assert question in run.out


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        ([], 'expected an object with "log"'),
        ({"log": {}}, "log.entries: expected a list, but it is missing"),
        ({"log": {"entries": [1]}}, "log.entries[0]: expected an object, but it is a number"),
        ({"log": {"entries": [{}]}}, "log.entries[0].request: expected an object, but it is missing"),
        (an_archive({**an_entry(), "response": None}), "log.entries[0].response: expected an object"),
        (an_archive(an_entry(url="http://[")), "log.entries[0].request.url: 'http://[' is no address"),
        (an_archive(an_entry(url="https:///a")), "log.entries[0].request.url: 'https:///a' names no host"),
        (an_archive(an_entry("GET it")), "log.entries[0].request.method: 'GET IT' is no method of HTTP"),
        (
            an_archive(an_entry(status="200")),
            "log.entries[0].response.status: expected a status of HTTP, but it is '200'",
        ),
        (
            an_archive(an_entry(content={"encoding": "base64", "text": "é"})),
            "response.content.text: is not base64",
        ),
        (
            an_archive(an_entry(posted=[])),
            "log.entries[0].request.postData: expected an object, but it is a list",
        ),
    ],
)
def test_a_broken_archive_is_refused_with_the_place(record_har, archive, problem):
    run, document = record_har(archive=archive)

    assert (run.code, document) == (2, None)
    assert problem in run.err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "is no HAR file: it is not JSON (line 1, column 2"),
        (b"\xff", "it is not UTF-8 text (byte 0)"),
        (b"[" * 100_000, "is no HAR file"),
        (b"PK\x03\x04", "is no HAR file"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tally, tmp_path, content, problem):
    path = tmp_path / "shop.har"
    path.write_bytes(content)

    run = tally("record", "--har", path, "--consumer", "Shop", "--provider", "Orders", "-o", tmp_path / "d")

    assert run.code == 2
    assert problem in run.err


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "base64"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places_in(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places_in(item, (*path, key))


ARCHIVE = an_archive(
    an_entry(answer={"id": 7, "items": [{"sku": "tea"}]}, response_headers={"location": "/a/7", "x-a": "b"}),
    an_entry("POST", posted={"mimeType": "application/json", "text": '{"sku": "tea"}'}),
)
PLACES = [path for path in places_in(ARCHIVE) if path]


@given(path=st.sampled_from(PLACES), value=JSON, body=JSON)
@search(150, is_fixed=True)
def test_whatever_an_archive_has_it_is_read_or_refused(tmp_path_factory, path, value, body):
    archive = json.loads(json.dumps(ARCHIVE))
    archive["log"]["entries"][0]["response"]["content"]["text"] = json.dumps(body)
    parent = archive
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    folder = tmp_path_factory.mktemp("har")
    (folder / "shop.har").write_text(json.dumps(archive))

    try:
        made = draft(read_har(folder / "shop.har").folded(), consumer="Shop", provider="Orders")
        files.write(folder / "draft.json", made)
    except UsageError:
        return  # with the place; TallyError would mean that the draft is no pact
    load_pact(folder / "draft.json")


def test_an_entry_without_headers_and_with_a_decimal_status_is_read(record_har):
    entry = an_entry(status=200.0)
    del entry["request"]["headers"]

    run, document = record_har(entry)

    assert run.code == 0, run.err
    [interaction] = document["interactions"]
    assert interaction["response"]["status"] == 200
    assert "headers" not in interaction["request"]


def test_bodies_beyond_what_is_kept_are_left_out_and_said(record_har, monkeypatch):
    monkeypatch.setattr(folding, "MOST_BYTES", 1)

    run, document = record_har(an_entry(), an_entry(url="https://api.example.org/shops", answer={"b": 1}))

    with_body = [each for each in document["interactions"] if "body" in each["response"]]
    assert [each["request"]["path"] for each in with_body] == ["/orders/7"]
    assert "MiB were recorded" in run.out


def test_what_is_no_pact_is_not_written(tmp_path):
    with pytest.raises(TallyError, match="makes no valid pact, so nothing is written"):
        files.write(tmp_path / "draft.json", Draft({"interactions": 1}, ()))

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "drafts").write_text("a file")
    made = draft([], consumer="Shop", provider="Orders")

    with pytest.raises(TallyError, match="cannot be written"):
        files.write(tmp_path / "drafts/Shop-Orders.json", made)


def test_a_text_in_an_unknown_encoding_is_kept_as_bytes(record_har):
    run, document = record_har(an_entry(answer="tea", kind="text/plain; charset=none"))

    body = document["interactions"][0]["response"]["body"]
    assert body == {"content": "dGVh", "contentType": "text/plain", "encoded": "base64"}
    assert "a body of text/plain is in the file as it was: look for secrets in it" in run.out
