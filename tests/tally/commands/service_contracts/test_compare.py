"""`tally compare`: what it reads, what it prints, and what it exits with."""

import io
import json

import pytest
import yaml
from support.comparison_documents import a_pact, an_api, answered, getting
from support.contract_documents import a_native, a_native_operation, an_asyncapi

ORDER = {"type": "object", "properties": {"id": {"type": "integer"}}}
DOCUMENT = an_api({"/": getting(ORDER)})
FITS, WRONG = a_pact(answered({"id": 1})), a_pact(answered({"id": "x"}))
MESSAGE = {
    "type": "Asynchronous/Messages",
    "description": "paid",
    "contents": {"content": {"orderId": 7}, "contentType": "application/json", "encoded": False},
}
MESSAGES = a_pact(MESSAGE, specification="4.0")


@pytest.fixture
def compare(tally, tmp_path, monkeypatch):
    """Write files, each a name and what it holds, and compare them."""

    def run(*arguments, **files):
        monkeypatch.chdir(tmp_path)
        for name, content in files.items():
            written = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{name}.json").write_text(written)
        return tally("compare", *arguments)

    return run


@pytest.mark.parametrize(("pact", "verdict", "code"), [(FITS, "compatible", 0), (WRONG, "incompatible", 1)])
def test_the_exit_code_says_whether_they_fit(compare, pact, verdict, code):
    run = compare("pact.json", "api.json", "--output", "json", pact=pact, api=DOCUMENT)

    assert (run.code, run.err) == (code, "")
    assert json.loads(run.out)["verdict"] == verdict


def test_what_is_not_guaranteed_counts_under_that_policy(compare):
    files = {"pact": FITS, "api": DOCUMENT}

    by_default = compare("pact.json", "api.json", **files)
    strict = compare("pact.json", "api.json", "--policy", "guaranteed", **files)

    assert (by_default.code, strict.code) == (0, 1)


def test_people_read_sentences_with_places(compare):
    run = compare("pact.json", "api.json", pact=WRONG, api=DOCUMENT)

    first, reason, places = run.out.splitlines()[:3]
    assert first == "interaction 0: error"
    assert reason == '  error: In the body of the response: at $.id, "x" is not of type "integer".'
    assert places.startswith(
        "    response.body.incompatible (pact /interactions/0/response/body/id, document /"
    )
    assert run.out.splitlines()[-1] == "Shop and Orders: they do not fit"


def test_a_table_has_a_row_for_each_finding(compare):
    run = compare("pact.json", "api.json", "--output", "table", pact=WRONG, api=DOCUMENT)

    assert run.out.splitlines()[1].split() == [
        *("interaction", "0", "error", "error", "possible", "response.body.incompatible"),
        "/interactions/0/response/body/id",
    ]


def test_documents_of_several_kinds_are_compared_together(compare):
    both = a_pact({**answered({"id": 1}), "type": "Synchronous/HTTP"}, MESSAGE, specification="4.0")

    run = compare(
        *("pact.json", "api.json", "events.json", "--output", "json"),
        pact=both,
        api=DOCUMENT,
        events=an_asyncapi(),
    )

    found = json.loads(run.out)["interactions"]
    assert [each["verdict"] for each in found] == ["ok", "ok"]
    assert {each["documentName"] for interaction in found for each in interaction["findings"]} == {
        "api.json",
        "events.json",
    }


def test_files_may_be_yaml_and_one_may_be_standard_input(tally, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(DOCUMENT))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(yaml.safe_dump(FITS).encode())))

    run = tally("compare", "-", "api.yaml")

    assert (run.code, run.err) == (0, "")


def test_a_plain_schema_is_told_its_channel(compare):
    schema = {"type": "object", "properties": {"orderId": {"type": "integer"}}}

    run = compare(
        *("pact.json", "paid.json", "--channel", "orders.paid", "--direction", "sent"),
        pact=MESSAGES,
        paid=schema,
    )

    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"type": "object", "x-contract-channel": "orders.paid", "x-contract-direction": "sent"},
         "/x-contract-direction: the document says 'sent', not 'received'"),
        (a_native(a_native_operation(examples=[])), "--channel and --direction are for plain JSON Schemas"),
    ],
)  # fmt: skip
def test_a_direction_that_nothing_would_heed_is_refused(compare, document, message):
    run = compare("pact.json", "paid.json", "--direction", "received", pact=MESSAGES, paid=document)

    assert run.code == 2
    assert message in " ".join(run.err.split())


def test_a_consumer_may_have_a_document_of_its_own(compare):
    provider = a_native(a_native_operation(examples=[]))

    run = compare("needs.json", "api.json", needs={**provider, "role": "consumer"}, api=provider)

    assert (run.code, run.err) == (0, "")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"pact": DOCUMENT, "api": FITS},
            "pact.json: is a service contract, not a pact: give the pact",
        ),
        ({"pact": FITS, "api": WRONG}, "api.json: is a pact, not a service contract: give the pact first"),
        ({"pact": a_pact(), "api": DOCUMENT}, "The pact has no interactions"),
        ({"pact": MESSAGES, "api": DOCUMENT}, "The pact has no HTTP interactions"),
        ({"pact": FITS, "api": an_asyncapi()}, "The pact has HTTP interactions only"),
        ({"pact": FITS, "api": an_api({})}, "api.json: describes no operations"),
        ({"pact": {"a": 1}, "api": DOCUMENT}, "pact.json: is not a pact: "),
        ({"pact": "{", "api": DOCUMENT}, "pact.json: is not valid JSON (line 1"),
        ({"pact": FITS, "api": "{"}, "api.json: "),
        ({"pact": FITS, "api": {"a": 1}}, "api.json: /: "),
        ({"pact": FITS}, "api.json: cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_said(compare, files, message):
    run = compare("pact.json", "api.json", **files)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"Error: {message}")


def test_standard_input_is_one_file(compare):
    run = compare("-", "-")

    assert (run.code, run.out) == (2, "")
    assert "Only one file can be read from standard input" in run.err


def test_what_is_unknown_exits_with_two(compare):
    plugged = {**answered({"id": 1}), "type": "Synchronous/HTTP", "pluginConfiguration": {"protobuf": {}}}

    run = compare("pact.json", "api.json", pact=a_pact(plugged, specification="4.0"), api=DOCUMENT)

    assert run.code == 2
    assert "nobody can say whether they fit" in run.out
