"""What an assistant may write where the user allows it: each tool says first what it will do."""

import json
import os

import pytest
import requests
from support.assistants import RefusedError, assistant
from support.confirming import code_in
from support.factories import a_pact, a_publication, an_interaction

from tally.assistants.answers import ToolError
from tally.assistants.sources.files import Files
from tally.assistants.sources.sources import Sources
from tally.assistants.writing import WRITING

OTHER = an_interaction("another request")


def test_writing_is_offered_only_where_the_user_allows_it(lax_broker):
    with assistant("--broker-base-url", lax_broker) as asked:
        assert not {tool.name for tool in WRITING} & asked.tools().keys()
        for tool in WRITING:
            with pytest.raises(RefusedError, match="offers it only with --allow-writes"):
                asked.call(tool.name, confirm="1")
    with assistant("--broker-base-url", lax_broker, "--allow-writes") as asked:
        found = asked.tools()
        for tool in WRITING:
            hints = found[tool.name].annotations
            assert (hints.read_only_hint, hints.destructive_hint) == (False, False)
            assert "confirm" in found[tool.name].input_schema["properties"]
        assert not [name for name in found if "delete" in name or "overwrite" in name]


def test_a_pact_is_published_once_it_is_confirmed(call, at, project):
    (project / "pact.json").write_text(json.dumps(a_pact(consumer="Web", provider="Oders")))
    arguments = {"version": "a/1 ø", "branch": "feat/x", "paths": ["pact.json"]}

    plan = call("publish_pacts", **arguments)

    assert (
        plan["summary"] == "Nothing is written yet. Confirmed, this will publish 1 pact as version `a/1 ø`."
    )
    assert plan["data"]["will"] == [
        "create the application `Web`",
        "create the application `Oders`",
        "create version `a/1 ø` of `Web` on branch `feat/x`",
        f"publish the pact of `Web` with `Oders` from `{project / 'pact.json'}`",
        "trigger the webhooks that are for these pacts, if there are any",
    ]
    assert plan["data"]["warnings"] == [
        "The broker knows no `Oders`, but `Orders`. Is it the same, misspelt?"
    ]
    assert "publish_pacts with the same arguments and confirm: " in plan["next"][-1]
    assert at("/pacticipants/Web") is None


def test_what_has_changed_since_it_was_shown_is_not_published(call, at, project):
    file = project / "pact.json"
    file.write_text(json.dumps(a_pact(consumer="Before")))
    arguments = {"version": "1", "branch": "main", "paths": ["pact.json"]}
    code = code_in(call("publish_pacts", **arguments))

    for other in (a_pact(consumer="After"), a_pact(OTHER, consumer="Before")):
        file.write_text(json.dumps(other))
        with pytest.raises(ToolError, match="has changed since"):
            call("publish_pacts", **arguments, confirm=code)

    assert at("/pacticipants/Before") is None
    assert at("/pacticipants/After") is None


def test_where_a_version_was_built_is_shown(call, project):
    (project / "pact.json").write_text(json.dumps(a_pact()))
    built = {"version": "9", "branch": "main", "build_url": "https://ci.example.org/9"}

    plan = call("publish_pacts", **built, paths=["pact.json"])

    assert (
        "create version `9` of `Shop` on branch `main`, built at `https://ci.example.org/9`"
        in plan["data"]["will"]
    )


def test_what_is_confirmed_is_published_and_again_changes_nothing(call, at, project):
    (project / "pact.json").write_text(json.dumps(a_pact(consumer="Site")))
    arguments = {"version": "1", "branch": "main", "paths": ["pact.json"], "confirm": True}

    done = call("publish_pacts", **arguments)

    assert done["summary"] == "Done: published 1 pact of version `1`."
    assert at("/pacts/provider/Orders/consumer/Site/version/1")["consumer"]["name"] == "Site"
    assert done["links"]["version of Site"].endswith("/pacticipants/Site/versions/1")
    assert call("publish_pacts", **arguments)["summary"].startswith("Nothing is written: no need to publish")


@pytest.mark.parametrize("confirm", [False, True])
def test_a_pact_is_never_overwritten(call, at, project, confirm):
    before = at("/pacts/provider/Orders/consumer/Shop/version/1")
    (project / "pact.json").write_text(json.dumps(a_pact(OTHER)))

    with pytest.raises(ToolError, match=r"`Shop` `1` already has another pact with `Orders`.*new version"):
        call("publish_pacts", version="1", branch="main", paths=["pact.json"], confirm=confirm)

    assert at("/pacts/provider/Orders/consumer/Shop/version/1") == before


def test_a_publication_that_is_refused_halfway_says_what_was_published(call, at, project):
    (project / "1.json").write_text(json.dumps(a_pact(consumer="Before")))
    (project / "2.json").write_text(json.dumps(a_pact(consumer="shop")))

    with pytest.raises(ToolError, match=r"refused the pacts of `shop`.*before that: the pacts of `Before`"):
        call("publish_pacts", version="1", branch="main", paths=["."], confirm=True)
    assert at("/pacticipants/Before/versions/1") is not None
    (project / "1.json").unlink()
    with pytest.raises(ToolError, match=r"resembles 'Shop'"):
        call("publish_pacts", version="1", branch="main", paths=["."], confirm=True)


def test_another_branch_and_build_of_a_version_are_named(call, at, project):
    (project / "pact.json").write_text(json.dumps(a_pact(consumer="Branched")))
    arguments = {"version": "1", "branch": "main", "paths": ["pact.json"], "confirm": True}
    call("publish_pacts", **arguments)

    changed = {"branch": "other", "build_url": "https://ci.example.org/1"}
    plan = call("publish_pacts", **{**arguments, **changed, "confirm": False})

    assert plan["data"]["will"][:2] == [
        "add version `1` of `Branched`, which is there, to branch `other`",
        "set the address of the build of version `1` of `Branched` to `https://ci.example.org/1`",
    ]
    call("publish_pacts", **{**arguments, **changed})
    assert at("/pacticipants/Branched/versions/1")["buildUrl"] == "https://ci.example.org/1"


def test_the_pacts_that_the_server_was_started_with_are_published(call, tmp_path):
    folder = tmp_path / "pacts"
    folder.mkdir()
    (folder / "pact.json").write_text(json.dumps(a_pact(consumer="Started")))

    plan = call("publish_pacts", files=Files((folder,)), version="1", branch="main")

    assert any("`Started`" in step for step in plan["data"]["will"])


@pytest.fixture
def secret(tmp_path):
    """A pact that is in no folder of the project."""
    file = tmp_path / "secret.json"
    file.write_text(json.dumps(a_pact(consumer="Secret")))
    return file


@pytest.mark.parametrize(
    "path", ["{outside}", "../secret.json", "pacts/../../secret.json", "link.json", "linked"]
)
def test_files_outside_of_the_project_are_not_published(call, project, secret, path):
    (project / "link.json").symlink_to(secret)
    (project / "linked").mkdir()
    (project / "linked" / "pact.json").symlink_to(secret)

    with pytest.raises(ToolError, match="may not be read: `tally mcp` reads what is in"):
        call("publish_pacts", version="1", branch="main", paths=[path.format(outside=secret)])


@pytest.mark.usefixtures("secret")
def test_a_contract_cannot_take_in_a_file_outside_of_the_project(call, project):
    document = an_openapi_document() | {"components": {"schemas": {"S": {"$ref": "../secret.json"}}}}
    (project / "openapi.json").write_text(json.dumps(document))

    with pytest.raises(ToolError, match="outside of the folders that may be read"):
        call("publish_service_contract", service="Orders", version="1", branch="main", paths=["openapi.json"])


def test_a_home_folder_is_no_project(call, project, monkeypatch):
    monkeypatch.setenv("HOME", str(project))
    (project / "pact.json").write_text(json.dumps(a_pact()))

    with pytest.raises(ToolError, match="`tally mcp` reads what is in no file at all"):
        call("publish_pacts", version="1", branch="main", paths=["pact.json"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"branch": "main"}, "version is missing"),
        ({"version": "2", "branch": " ", "paths": ["pact.json"]}, "branch is empty"),
        ({"version": "2", "branch": "main"}, "paths: name files to publish"),
        ({"version": "2", "branch": "main", "paths": ["missing.json"]}, "there is no file `missing.json`"),
        ({"version": "2", "branch": "main", "paths": ["a\0b"]}, "is no path of a file"),
        ({"version": "2", "branch": "main", "paths": [""]}, "paths has an empty path"),
        ({"version": "2", "branch": "main", "paths": ["huge.json"]}, "larger than 64 MiB"),
        ({"version": "2", "branch": "main", "paths": ["https://example.org/p.json"]}, "nothing is fetched"),
        ({"version": "2", "branch": "main", "paths": ["broken.json"]}, "is not JSON"),
        ({"version": "2", "branch": "main", "paths": ["other.json"]}, "is not a pact"),
        ({"version": "2", "branch": "main", "paths": ["."], "overwrite": True}, "no parameter `overwrite`"),
        (
            {"version": "2", "branch": "main", "paths": ["pact.json"], "confirm": "yes"},
            "this is not the code",
        ),
        (
            {"version": "2", "branch": "main", "paths": ["pact.json"], "confirm": [1]},
            "confirm: it must be a text",
        ),
    ],
)
def test_what_is_no_publication_is_refused(call, project, arguments, said):
    (project / "broken.json").write_text("{")
    (project / "other.json").write_text("{}")
    (project / "pact.json").write_text(json.dumps(a_pact()))
    if arguments.get("paths") == ["huge.json"]:
        with (project / "huge.json").open("wb") as file:
            file.truncate(65 * 2**20)  # takes no place on the disk

    with pytest.raises(ToolError) as refused:
        call("publish_pacts", **arguments)

    assert said in str(refused.value)


@pytest.mark.parametrize("path", ["pipe.yaml", "folder"])
def test_a_service_contract_is_not_awaited_from_a_pipe_nor_read_from_a_folder(call, project, path):
    os.mkfifo(project / "pipe.yaml")
    (project / "folder").mkdir()

    with pytest.raises(ToolError, match="there is no file"):
        call("publish_service_contract", service="Orders", version="1", branch="main", paths=[path])


def an_openapi_document(**paths):
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {"/orders": {"get": {"responses": {"200": {"description": "fine"}}}}, **paths},
    }


def test_a_service_contract_is_published_once_it_is_confirmed(call, at, project):
    (project / "openapi.json").write_text(json.dumps(an_openapi_document()))
    arguments = {"service": "Orders", "version": "o1", "branch": "main", "paths": ["openapi.json"]}

    plan = call("publish_service_contract", **arguments)

    assert plan["data"]["will"] == [
        "create version `o1` of `Orders` on branch `main`",
        f"publish `{project / 'openapi.json'}` (openapi)",
        "trigger the webhooks for service contracts, if there are any",
    ]
    assert at("/pacticipants/Orders/versions/o1") is None
    done = call("publish_service_contract", **arguments, confirm=True)
    assert done["summary"] == "Done: published 1 document of `Orders` `o1`."
    assert at("/pacticipants/Orders/versions/o1/service-contract") is not None
    assert call("publish_service_contract", **arguments)["summary"].startswith(
        "Nothing is written: no need to publish"
    )

    (project / "openapi.json").write_text(json.dumps(an_openapi_document(**{"/x": {}})))
    with pytest.raises(ToolError, match="already has another document `openapi`"):
        call("publish_service_contract", **arguments)


def test_a_service_contract_of_several_documents_is_compared_one_by_one(call, project):
    (project / "openapi.json").write_text(json.dumps(an_openapi_document()))
    events = {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "channels": {},
        "operations": {},
    }
    (project / "events.json").write_text(json.dumps(events))
    arguments = {"service": "Orders", "version": "o2", "branch": "main"}
    call("publish_service_contract", **arguments, paths=["openapi.json", "events.json"], confirm=True)

    again = call("publish_service_contract", **arguments, paths=["events.json", "openapi.json"])

    assert again["summary"].startswith("Nothing is written: no need to publish")
    (project / "events.json").write_text(json.dumps({**events, "info": {"title": "Orders", "version": "2"}}))
    with pytest.raises(ToolError, match="already has another document `asyncapi`"):
        call("publish_service_contract", **arguments, paths=["events.json"], confirm=True)


def test_a_pact_broker_takes_no_service_contracts(call_at_pact_broker, project):
    (project / "openapi.json").write_text(json.dumps(an_openapi_document()))
    arguments = {"service": "Orders", "version": "1", "branch": "main", "paths": ["openapi.json"]}

    with pytest.raises(ToolError, match="is no Tallystick broker"):
        call_at_pact_broker("publish_service_contract", **arguments)


def test_a_deployment_is_recorded_once_it_is_confirmed(call, at, lax_broker):
    arguments = {"pacticipant": "Shop", "version": "1", "environment": "production"}

    plan = call("record_deployment", **arguments)

    assert plan["data"]["will"] == ["record that `Shop` `1` is deployed to `production`"]
    production, verdict = plan["data"]["warnings"]
    assert production == "`production` is a production environment."
    assert verdict.startswith("can_i_deploy says: No: it is not known yet whether `Shop` `1` can be deployed")
    assert "Tell the user the warnings" in plan["next"][0]
    assert _deployed(at) == []
    assert call("record_deployment", **arguments, confirm=True)["summary"].startswith("Done: `Shop` `1`")
    assert _deployed(at) == ["1"]
    assert call("record_deployment", **arguments, confirm=True)["summary"].startswith(
        "Nothing is written: no need to record"
    )

    publication = a_publication(a_pact(), version="2")
    requests.post(f"{lax_broker}/contracts/publish", json=publication, timeout=30).raise_for_status()
    plan = call("record_deployment", **{**arguments, "version": "2"})
    assert "end the deployment of `Shop` `1` there, which it replaces" in plan["data"]["will"]
    other = call("record_deployment", **{**arguments, "version": "2"}, application_instance="blue")
    assert other["data"]["will"] == ["record that `Shop` `2` is deployed to `production` (`blue`)"]


def _deployed(at):
    [production] = [
        item for item in at("/environments")["_embedded"]["environments"] if item["name"] == "production"
    ]
    found = at(f"/environments/{production['uuid']}/deployed-versions/currently-deployed")
    return [item["_embedded"]["version"]["number"] for item in found["_embedded"]["deployedVersions"]]


def test_a_release_is_recorded_once_it_is_confirmed(call):
    arguments = {"pacticipant": "Shop", "version": "1", "environment": "test"}

    plan = call("record_release", **arguments)

    assert plan["data"]["will"] == [
        "record that `Shop` `1` is released to `test`, beside 0 supported versions"
    ]
    assert call("record_release", **arguments, confirm=True)["summary"].startswith("Done: `Shop` `1`")
    assert call("record_release", **arguments)["summary"].startswith("Nothing is written: no need to record")


@pytest.mark.parametrize("tool", ["record_deployment", "record_release"])
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"pacticipant": "Shopp"},
            "pacticipant: The broker knows no application `Shopp`. Did you mean `Shop`?",
        ),
        ({"version": "7"}, "version: `Shop` has no version `7`"),
        ({"version": ""}, "version is empty"),
        ({"environment": ""}, "environment: There is no environment ``"),
        ({"version": ".."}, "cannot be '..'"),
        (
            {"environment": "prodution"},
            "environment: There is no environment `prodution`. Did you mean `production`?",
        ),
        ({"environment": "production` ignore this"}, "no environment `production' ignore this`"),
    ],
)
def test_what_cannot_be_recorded_is_refused(call, at, tool, changed, said):
    before = _deployed(at)
    arguments = {"pacticipant": "Shop", "version": "1", "environment": "production", **changed}

    with pytest.raises(ToolError) as refused:
        call(tool, **arguments, confirm=True)

    assert said in str(refused.value)
    assert _deployed(at) == before


def test_files_alone_cannot_be_written_to(project):
    (project / "pact.json").write_text(json.dumps(a_pact()))
    [tool] = [each for each in WRITING if each.name == "publish_pacts"]

    with pytest.raises(ToolError, match="needs a broker"):
        tool.call(Sources(folder=project), {"version": "1", "branch": "main", "paths": [os.curdir]})
