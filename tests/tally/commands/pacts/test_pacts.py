"""Listing and downloading pacts, and listing provider states, at a real broker."""

import json

import pytest
from support.factories import a_pact, an_interaction

PACT = "Pact between Shop ({}) and Orders"
FROM_ORDERS = ("get-pacts", "--provider", "Orders")


@pytest.fixture
def versions(publish):
    """Two versions of Shop on main, one on another branch."""
    publish(a_pact(an_interaction("first")), version="1")
    publish(a_pact(an_interaction("second")), version="2")
    publish(a_pact(an_interaction("other")), version="3", branch="feat/x")


def titles(run):
    assert run.code == 0, run.err
    return [pact["title"] for pact in json.loads(run.out)["pacts"]]


def test_the_latest_pact_of_each_pair_is_listed(on_broker, publish):
    nothing = on_broker("list-latest-pact-versions")
    publish(version="1")
    publish(a_pact(consumer="Shop", provider="Stock"), version="2")

    listed = on_broker("list-latest-pact-versions").out.splitlines()

    assert nothing.out.startswith("There are no pacts yet")
    assert [line.split()[:3] for line in listed[1:]] == [["Shop", "1", "Orders"], ["Shop", "2", "Stock"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"1", "2"}),
        (("--latest",), {"2"}),
        (("--branch", "feat/x"), {"3"}),
        (("--branch", "main", "--latest"), {"2"}),
        (("--consumer", "Shop"), {"1", "2"}),
        (("--consumer", "Shop", "--latest"), {"2"}),
        (("--consumer", "Shop", "--branch", "main", "--latest"), {"2"}),
        (("--consumer", "Shop", "--branch", "feat/x"), {"3"}),
    ],
)
@pytest.mark.usefixtures("versions")
def test_the_pacts_of_a_provider_are_chosen(on_broker, options, expected):
    found = titles(on_broker(*FROM_ORDERS, *options, "--output", "json"))

    assert set(found) == {PACT.format(version) for version in expected}


@pytest.mark.usefixtures("versions")
def test_a_branch_without_pacts_is_told(on_broker):
    run = on_broker(*FROM_ORDERS, "--branch", "nope")

    assert (run.code, run.out) == (0, "There is no pact with Orders on branch nope of any consumer.\n")


@pytest.mark.usefixtures("versions")
def test_pacts_are_downloaded_as_they_are(on_broker, tmp_path, monkeypatch, publish):
    exact = an_interaction("exact", response={"status": 200, "body": {"n": 0}})
    publish(a_pact(exact, consumer="a/b:c"), version="../x")
    monkeypatch.chdir(tmp_path)

    run = on_broker(*FROM_ORDERS, "--latest", "--download")

    assert run.code == 0, run.err
    files = {file.name: json.loads(file.read_bytes()) for file in (tmp_path / "pacts").iterdir()}
    assert set(files) == {"Shop-Orders-2.json", "a_b_c-Orders-.._x.json"}
    assert files["Shop-Orders-2.json"]["interactions"][0]["description"] == "second"
    assert sorted(run.err.splitlines()) == [f"Wrote pacts/{name}" for name in sorted(files)]


@pytest.mark.usefixtures("versions")
def test_a_folder_can_be_named_and_must_be_one(on_broker, tmp_path):
    there = on_broker(*FROM_ORDERS, "--download", "--download-dir", tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    refused = on_broker(*FROM_ORDERS, "--download", "--download-dir", tmp_path / "file")
    alone = on_broker(*FROM_ORDERS, "--download-dir", "pacts")

    assert there.code == 0
    assert len(list((tmp_path / "a" / "b").iterdir())) == 2
    assert (refused.code, alone.code) == (2, 2)
    assert f"--download-dir: {tmp_path / 'file'} cannot be written to" in refused.err
    assert "--download-dir is for --download" in alone.err


def test_nothing_is_written_unless_every_pact_can_be_fetched(tally_at, hal_server, tmp_path):
    index = hal_server.url("/")
    hal_server.answers(
        "GET",
        "/",
        {"_links": {"pb:provider-pacts-with-main-branch": {"href": f"{index}pacts/{{provider}}"}}},
    )
    links = [{"name": name, "title": name, "href": f"{index}pact/{name}"} for name in ("there", "gone")]
    hal_server.answers("GET", "/pacts/Orders", {"_links": {"pb:pacts": links}})
    hal_server.answers("GET", "/pact/there", "{}")

    run = tally_at(*FROM_ORDERS, "--download", "--download-dir", tmp_path / "pacts")

    assert run.code == 2
    assert not (tmp_path / "pacts").exists()


def test_what_is_no_pact_is_not_written(tally_at, hal_server, tmp_path):
    link = {"href": hal_server.url("/pacts/{provider}")}
    hal_server.answers("GET", "/", {"_links": {"pb:provider-pacts-with-main-branch": link}})
    listed = [{"name": "Shop", "title": "Pact", "href": hal_server.url("/pact")}]
    hal_server.answers("GET", "/pacts/Orders", {"_links": {"pb:pacts": listed}})
    hal_server.answers("GET", "/pact", "[]")

    run = tally_at(*FROM_ORDERS, "--download", "--download-dir", tmp_path / "pacts")

    assert (run.code, run.err) == (2, "Error: The broker answered with something that is no pact.\n")
    assert not (tmp_path / "pacts").exists()


def test_pacts_with_the_same_file_name_are_all_written(on_broker, publish, tmp_path):
    for name in ("a/b", "a:b"):
        on_broker("create-or-update-pacticipant", "--name", name)  # or else similar names are refused
        publish(a_pact(consumer=name), version="1")

    on_broker(*FROM_ORDERS, "--download", "--download-dir", tmp_path)

    assert {file.name for file in tmp_path.glob("*.json")} == {"a_b-Orders-1.json", "a_b-Orders-1-2.json"}


def test_provider_states_are_listed_once_each(on_broker, publish):
    state = {"name": "an order exists", "params": {"id": 1}}
    publish(a_pact(an_interaction("first", providerStates=[state])), version="1")
    publish(a_pact(an_interaction("x", providerStates=[{"name": "a branch"}])), version="2", branch="feat/x")
    listed = ("provider-states", "list", "-r", "Orders")

    main = on_broker(*listed).out.splitlines()
    branch = json.loads(on_broker(*listed, "--branch", "feat/x", "--json").out)
    on_broker("record-deployment", "-a", "Shop", "-e", "2", "--environment", "test")
    environment = on_broker(*listed, "--environment", "test", "--output", "table").out.splitlines()

    assert main[1].split("  ")[0] == "an order exists"
    assert main[1].split()[3:] == ["Shop", '{"id":1}']
    assert [state["name"] for state in branch["providerStates"]] == ["a branch"]
    assert environment[1].startswith("a branch")
    on_no_branch = on_broker(*listed, "--branch", "nope")
    assert on_no_branch.out == "No pact with Orders has a provider state, on branch nope of its consumers.\n"
    nothing = on_broker(*listed, "--environment", "production")
    assert nothing.out == "No pact with Orders has a provider state, among what is in production.\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--branch", "a", "--environment", "b"), "exclude each other"),
        (("--environment", "prod"), "There is no environment 'prod'."),
        (("--branch", ""), "The value for the branch is empty."),
    ],
)
def test_what_cannot_be_listed_says_why(on_broker, publish, options, said):
    publish()

    run = on_broker("provider-states", "list", "-r", "Orders", *options)

    assert (run.code, run.out) == (2, "")
    assert said in run.err


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ((), ""),
        (("--branch", "feat/x"), "/branch/feat%2Fx"),
        (("--environment", "test"), "/environment/test"),
    ],
)
def test_a_pact_broker_has_provider_states_below_the_pacts(tally_at, hal_server, options, path):
    pacts = {"href": hal_server.url("/pacts/provider/{provider}"), "templated": True}
    hal_server.answers("GET", "/", {"_links": {"pb:provider-pacts": pacts}})
    states = {"providerStates": [{"name": "an order exists", "consumers": ["Shop"]}]}
    hal_server.answers("GET", f"/pacts/provider/Orders/provider-states{path}", states)

    run = tally_at("provider-states", "list", "-r", "Orders", *options)

    assert "an order exists  Shop" in run.out
