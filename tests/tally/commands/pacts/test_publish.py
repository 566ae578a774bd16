import json
import os
import subprocess
import sys
from base64 import b64decode
from math import nan
from pathlib import Path

import pytest
from support.hal_server import Answer

PACT = Path(sys.executable).with_name("pact")


@pytest.fixture
def pacts(tmp_path, monkeypatch):
    """A folder `pacts` in the working folder, with a way to write pacts into it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pacts").mkdir()

    def write(name, *, consumer="Shop", provider="Orders", version="2.0.0", **parts):
        document = {
            "consumer": {"name": consumer},
            "provider": {"name": provider},
            **(parts or {"interactions": [interaction("a list")]}),
            "metadata": {"pactSpecification": {"version": version}},
        }
        path = tmp_path / "pacts" / name
        path.write_text(json.dumps(document))
        return path

    return write


def interaction(description, **extra):
    request, response = {"method": "GET", "path": "/"}, {"status": 200}
    return {"description": description, "request": request, "response": response, **extra}


def content(contract):
    return json.loads(b64decode(contract["content"]))


def test_a_pact_is_sent_byte_for_byte_with_the_version_that_recorded_it(tally_at, pacts, published):
    path = pacts("shop.json", interactions=[interaction("a list")])

    run = tally_at("publish", path, "-a", "1.4.0", "--branch", "main", "--build-url", "https://ci/7")

    [body] = published()
    [contract] = body.pop("contracts")
    assert body == {
        "pacticipantName": "Shop",
        "pacticipantVersionNumber": "1.4.0",
        "branch": "main",
        "buildUrl": "https://ci/7",
    }
    assert b64decode(contract.pop("content")) == path.read_bytes()
    assert contract == {
        "consumerName": "Shop",
        "providerName": "Orders",
        "specification": "pact",
        "contentType": "application/json",
        "onConflict": "overwrite",
    }
    assert (run.code, run.out) == (0, "Pact published.\n")


def test_tags_may_be_repeated_and_separated_by_commas(tally_at, pacts, published):
    tally_at("publish", pacts("a.json"), "-a", "1", "-t", "dev,test", "--tag", "prod")

    assert published()[0]["tags"] == ["dev", "test", "prod"]


def test_the_pacts_of_one_consumer_go_in_one_request(tally_at, pacts, published):
    pacts("1.json", provider="Orders")
    pacts("2.json", provider="Stock")
    pacts("3.json", consumer="App", provider="Orders")

    tally_at("publish", "pacts", "-a", "1")

    sent = [
        (body["pacticipantName"], [contract["providerName"] for contract in body["contracts"]])
        for body in published()
    ]
    assert sent == [("Shop", ["Orders", "Stock"]), ("App", ["Orders"])]


@pytest.mark.parametrize(
    "argument", ["pacts", "pacts/*.json", "pacts/[ab].json", "pacts/a.json", "**/*.json"]
)
def test_files_folders_and_patterns_find_pacts(tally_at, pacts, published, argument):
    pacts("a.json")
    Path("pacts/readme.txt").write_text("not a pact")

    tally_at("publish", argument, "-a", "1")

    assert len(published()) == 1


def test_an_absolute_pattern_finds_pacts(tally_at, pacts, published):
    path = pacts("a.json")

    tally_at("publish", path.parent / "*.json", "-a", "1")

    assert len(published()) == 1


def test_a_file_that_is_named_twice_is_sent_once(tally_at, pacts, published):
    path = pacts("a.json")

    tally_at("publish", path, "pacts", "./pacts/*.json", "-a", "1")

    [contract] = published()[0]["contracts"]
    assert b64decode(contract["content"]) == path.read_bytes()


def test_two_files_of_one_pair_are_joined(tally_at, pacts, published):
    pacts("1.json", interactions=[interaction("a list"), interaction("one")])
    pacts("2.json", interactions=[interaction("one"), interaction("one", providerState="none")])
    pacts("3.json", messages=[{"description": "paid", "contents": "ü"}])

    tally_at("publish", "pacts", "-a", "1")

    [contract] = published()[0]["contracts"]
    joined = content(contract)
    assert [(item["description"], item.get("providerState")) for item in joined["interactions"]] == [
        ("a list", None),
        ("one", None),
        ("one", "none"),
    ]
    assert joined["messages"] == [{"description": "paid", "contents": "ü"}]


def test_two_files_that_disagree_are_not_joined_and_nothing_is_sent(tally_at, pacts, published):
    pacts("1.json", interactions=[interaction("one")])
    pacts("2.json", interactions=[interaction("one", response={"status": 404})])

    run = tally_at("publish", "pacts", "-a", "1")

    assert run.code == 2
    assert "pacts/2.json: 'one' is described differently in another file of the same pair" in run.err
    assert published() == []


def test_files_of_different_specification_versions_are_not_joined(tally_at, pacts, published):
    pacts("1.json", version="2.0.0")
    pacts("2.json", version="4.0")

    run = tally_at("publish", "pacts", "-a", "1")

    assert run.code == 2
    assert "pacts/2.json is written in version 4.0 of the Pact specification" in run.err
    assert published() == []


def test_merge_asks_the_broker_to_keep_what_it_has(tally_at, pacts, published):
    tally_at("publish", pacts("a.json"), "-a", "1", "--merge")

    assert published()[0]["contracts"][0]["onConflict"] == "merge"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", 'has no "consumer"'),
        ('{"consumer": "Shop"}', 'has no "consumer"'),
        ('{"consumer": {"name": "Shop"}, "provider": {"name": " "}}', 'has no "provider"'),
    ],
)
def test_one_file_that_is_no_pact_stops_everything(tally_at, pacts, published, text, problem):
    pacts("good.json")
    Path("pacts/bad.json").write_text(text)

    run = tally_at("publish", "pacts", "-a", "1")

    assert run.code == 2
    assert "Error: pacts/bad.json" in run.err
    assert problem in run.err
    assert published() == []


def test_bytes_that_are_not_utf_8_are_no_pact(tally_at, pacts, published):
    pacts("a.json").write_bytes(b'{"consumer": "\xff"}')

    assert "pacts/a.json is not JSON" in tally_at("publish", "pacts", "-a", "1").err
    assert published() == []


def test_a_byte_order_mark_is_left_out(tally_at, pacts, published):
    path = pacts("a.json")
    plain = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + plain)

    tally_at("publish", path, "-a", "1")

    assert b64decode(published()[0]["contracts"][0]["content"]) == plain


def test_only_validation_looks_at_the_interactions(tally_at, pacts, published):
    path = pacts("a.json", interactions=[{"description": "a list", "request": "GET /"}])

    run = tally_at("publish", path, "-a", "1", "--validate")

    assert run.code == 2
    assert f"Error: {path}: interactions[0]" in run.err
    assert published() == []
    assert tally_at("publish", path, "-a", "1").code == 0


@pytest.mark.parametrize(("response", "said"), [({"stauts": 200}, "stauts"), ({"body": nan}, "NaN")])
def test_validation_refuses_what_a_verifier_refuses(tally_at, pacts, response, said):
    interaction = {"description": "a", "request": {"method": "GET", "path": "/"}, "response": response}
    path = pacts("a.json", interactions=[interaction])

    run = tally_at("publish", path, "-a", "1", "--validate")

    assert run.code == 2
    assert str(path) in run.err
    assert said in run.err


def test_every_file_that_is_no_pact_is_named(tally_at, pacts):
    pacts("a.json").write_text("{")
    pacts("b.json").write_text("[")

    run = tally_at("publish", "pacts", "-a", "1")

    assert "pacts/a.json" in run.err
    assert "pacts/b.json" in run.err


@pytest.mark.usefixtures("pacts")
@pytest.mark.parametrize(
    ("argument", "problem"),
    [("pacts", "has no *.json file"), ("nowhere", "matches no file"), ("*.json", "matches no file")],
)
def test_an_argument_that_finds_nothing_is_an_error(tally_at, published, argument, problem):
    run = tally_at("publish", argument, "-a", "1")

    assert run.code == 2
    assert run.err == f"Error: {argument} {problem}: nothing was published.\n"
    assert published() == []


def test_a_refusal_shows_every_notice_and_exits_with_1(tally_at, pacts, hal_server):
    notices = [{"type": "error", "text": "Shop 1 differs."}, {"type": "info", "text": '-  "path": "/a"'}]
    body = {"notices": notices, "errors": {"contracts": ["Shop 1 differs."]}}
    hal_server.answers("POST", "/contracts/publish", Answer(body, 409))

    run = tally_at("publish", pacts("a.json"), "-a", "1")

    assert run.code == 1
    assert run.out == 'Shop 1 differs.\n-  "path": "/a"\n'


def test_a_request_that_is_wrong_names_the_field(tally_at, pacts, hal_server):
    errors = {"errors": {"pacticipantVersionNumber": ["cannot contain multiple lines"]}}
    hal_server.answers("POST", "/contracts/publish", Answer(errors, 400))

    run = tally_at("publish", pacts("a.json"), "-a", "1")

    assert run.code == 2
    assert run.err == "Error: pacticipantVersionNumber: cannot contain multiple lines\n"


@pytest.mark.usefixtures("published")
def test_json_output_is_what_the_broker_said_one_line_for_each_consumer(tally_at, pacts):
    pacts("1.json")
    pacts("2.json", consumer="App")

    run = tally_at("publish", "pacts", "-a", "1", "-o", "json")

    answers = [json.loads(line) for line in run.out.splitlines()]
    assert [answer["notices"][0]["text"] for answer in answers] == ["Pact published."] * 2


def test_a_version_is_needed(tally_at, pacts, published):
    run = tally_at("publish", pacts("a.json"))

    assert run.code == 2
    assert "Give --consumer-app-version, or --auto-detect-version-properties" in run.err
    assert published() == []


def test_what_is_not_given_is_detected(tally_at, pacts, published, monkeypatch):
    on_github(monkeypatch)

    run = tally_at("publish", pacts("a.json"), "--branch", "mine", "-r", "--tag-with-git-branch")

    [body] = published()
    assert body["pacticipantVersionNumber"] == "5ca1ab1e"
    assert body["branch"] == "mine"
    assert body["tags"] == ["feature/x"]
    assert body["buildUrl"] == "https://github.com/shop/web/actions/runs/42"
    assert run.err == "Version 5ca1ab1e, branch mine (GitHub Actions)\n"


def test_tagging_with_the_branch_detects_nothing_else(tally_at, pacts, published, monkeypatch):
    on_github(monkeypatch)

    tally_at("publish", pacts("a.json"), "-a", "1", "--tag-with-git-branch")

    [body] = published()
    assert (body["pacticipantVersionNumber"], body["tags"]) == ("1", ["feature/x"])
    assert body.keys().isdisjoint({"branch", "buildUrl"})


def test_tagging_with_a_branch_that_nobody_knows_is_refused(tally_at, pacts, published, monkeypatch):
    on_github(monkeypatch, GITHUB_HEAD_REF="", GITHUB_REF="refs/tags/v1")

    run = tally_at("publish", pacts("a.json"), "-a", "1", "--tag-with-git-branch")

    assert run.code == 2
    assert "GitHub Actions names no branch here; use --tag instead." in run.err
    assert published() == []


def test_it_sends_what_the_pact_command_line_sends(tally_at, pacts, published, hal_server):
    pacts("a.json")
    words = [
        "publish",
        "pacts",
        "-a",
        "1",
        "--branch",
        "main",
        "-t",
        "dev,test",
        "--build-url",
        "https://ci/7",
    ]

    tally_at(*words)
    environment = {**os.environ, "PACT_BROKER_BASE_URL": hal_server.base_url}
    subprocess.run([PACT, "broker", *words], env=environment, capture_output=True, check=False)

    ours, theirs = published()
    our_pact, their_pact = (
        content({"content": body["contracts"][0].pop("content")}) for body in (ours, theirs)
    )
    assert ours == theirs
    assert our_pact["interactions"] == their_pact["interactions"]


def on_github(monkeypatch, **changed):
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "5ca1ab1e",
        "GITHUB_HEAD_REF": "feature/x",
        "GITHUB_REF": "refs/pull/5/merge",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_RUN_ID": "42",
        **changed,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
