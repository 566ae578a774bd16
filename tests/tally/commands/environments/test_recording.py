"""Deployments, releases and environments: what is recorded, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.hal_server import Answer

PACT = Path(sys.executable).with_name("pact")
VERSION = "/pacticipants/Shop/versions/3"
DEPLOYMENT = ("record-deployment", "-a", "Shop", "-e", "3", "--environment", "test")
RELEASE = ("record-release", "-a", "Shop", "-e", "3", "--environment", "test")


@pytest.fixture
def broker(hal_server):
    """A broker with version 3 of Shop, which is deployed to test twice, and released there once."""
    link = hal_server.url
    records = {
        "pb:record-deployment": [
            {"name": name, "href": link(f"/deploy/{name}")} for name in ("prod", "test")
        ],
        "pb:record-release": [{"name": name, "href": link(f"/release/{name}")} for name in ("prod", "test")],
    }
    hal_server.answers("GET", VERSION, {"number": "3", "_links": records})
    hal_server.answers("POST", "/deploy/test", Answer({"uuid": "D1", "currentlyDeployed": True}, 201))
    hal_server.answers("POST", "/release/test", Answer({"uuid": "R1", "currentlySupported": True}, 201))
    current = {
        "pb:currently-deployed-deployed-versions": {"href": link("/environments/E2/deployed")},
        "pb:currently-supported-released-versions": {"href": link("/environments/E2/released")},
    }
    hal_server.answers("GET", "/environments/E2", {"name": "test", "_links": current})
    deployed = [current_version(hal_server, "D1"), current_version(hal_server, "D2", target="blue")]
    hal_server.answers("GET", "/environments/E2/deployed", {"_embedded": {"deployedVersions": deployed}})
    released = [current_version(hal_server, "R1")]
    hal_server.answers("GET", "/environments/E2/released", {"_embedded": {"releasedVersions": released}})
    for uuid in ("D1", "D2", "R1"):
        hal_server.answers("PATCH", f"/{uuid}", current_version(hal_server, uuid))
    return hal_server


def current_version(server, uuid, **extra):
    return {
        "uuid": uuid,
        "_embedded": {"version": {"number": "3"}},
        "_links": {"self": {"href": server.url(f"/{uuid}")}},
        **extra,
    }


def test_a_deployment_is_recorded_through_the_links_of_the_version(tally_at, broker):
    run = tally_at(*DEPLOYMENT)

    assert [(asked.method, asked.path) for asked in broker.asked] == [
        ("GET", "/"),
        ("GET", "/environments"),
        ("GET", VERSION),
        ("POST", "/deploy/test"),
    ]
    assert broker.asked[-1].body == {}
    assert (run.code, run.out) == (0, "Recorded: Shop 3 is deployed to test.\n")


def test_a_deployment_may_name_one_of_several_instances(tally_at, broker):
    run = tally_at(*DEPLOYMENT, "--application-instance", "blue")

    assert broker.asked[-1].body == {"applicationInstance": "blue"}
    assert run.out == "Recorded: Shop 3 is deployed to test (application instance blue).\n"


@pytest.mark.parametrize(("command", "uuid"), [(DEPLOYMENT, "D1"), (RELEASE, "R1")])
def test_json_output_is_what_the_broker_recorded(tally_at, broker, command, uuid):  # noqa: ARG001 - answers
    assert json.loads(tally_at(*command, "-o", "json").out)["uuid"] == uuid


def test_an_unknown_environment_is_answered_with_the_known_ones_and_the_nearest(tally_at, broker):
    run = tally_at("record-deployment", "-a", "Shop", "-e", "3", "--environment", "prodution")

    assert run.code == 2
    assert "There is no environment 'prodution'. Did you mean production?" in run.err
    assert "The broker knows production, test." in run.err
    assert broker.sent("POST") == []


def test_an_unknown_version_says_how_the_broker_learns_of_one(tally_at, broker):
    run = tally_at("record-deployment", "-a", "Shop", "-e", "4", "--environment", "test")

    assert run.code == 2
    assert run.err.startswith("Error: The broker knows no version 4 of Shop.")
    assert "tally publish" in run.err
    assert broker.sent("POST") == []


@pytest.mark.parametrize(
    "words",
    [
        ("record-deployment", "-e", "3"),
        ("record-release", "-e", "3"),
        ("record-undeployment",),
        ("record-support-ended", "-e", "3"),
    ],
)
def test_an_unknown_application_is_answered_with_the_nearest(tally_at, broker, words):
    broker.answers("GET", "/environments/E2/deployed", {"_embedded": {"deployedVersions": []}})
    broker.answers("GET", "/environments/E2/released", {"_embedded": {"releasedVersions": []}})

    run = tally_at(*words, "-a", "Shpo", "--environment", "test")

    assert run.code == 2
    assert run.err == "Error: The broker knows no application 'Shpo'. Did you mean Shop?\n"


def test_a_broker_without_environments_is_told_to_be_too_old(tally_at, hal_server):
    hal_server.answers("GET", "/", {"_links": {}})

    run = tally_at(*DEPLOYMENT)

    assert run.code == 2
    assert "offers no link pb:environments" in run.err


def test_a_release_is_recorded_through_the_links_of_the_version(tally_at, broker):
    run = tally_at(*RELEASE)

    assert [asked.path for asked in broker.sent("POST")] == ["/release/test"]
    assert (run.code, run.out) == (0, "Recorded: Shop 3 is released to test.\n")


@pytest.mark.parametrize(("options", "uuid"), [((), "D1"), (("--application-instance", "blue"), "D2")])
def test_an_undeployment_ends_the_deployment_of_that_instance_alone(tally_at, broker, options, uuid):
    run = tally_at("record-undeployment", "-a", "Shop", "--environment", "test", *options)

    [patched] = broker.sent("PATCH")
    assert (patched.path, patched.body) == (f"/{uuid}", {"currentlyDeployed": False})
    assert broker.asked[-2].query == [("pacticipant", "Shop")]
    assert (run.code, run.out) == (0, "Recorded: Shop 3 is no longer in test.\n")


def test_an_unknown_instance_is_answered_with_the_known_ones(tally_at, broker):
    run = tally_at(
        "record-undeployment", "-a", "Shop", "--environment", "test", "--application-instance", "red"
    )

    assert run.code == 2
    assert "no such application instance in test. It has one without a name, blue." in run.err
    assert broker.sent("PATCH") == []


def test_what_is_not_deployed_cannot_be_undeployed(tally_at, broker):
    broker.answers("GET", "/environments/E2/deployed", {"_embedded": {"deployedVersions": []}})

    run = tally_at("record-undeployment", "-a", "Shop", "--environment", "test")

    assert run.code == 2
    assert run.err == "Error: Shop is not deployed to test: there is no deployment to end.\n"


def test_the_end_of_support_is_recorded_for_the_release(tally_at, broker):
    run = tally_at("record-support-ended", "-a", "Shop", "-e", "3", "--environment", "test")

    [patched] = broker.sent("PATCH")
    assert (patched.path, patched.body) == ("/R1", {"currentlySupported": False})
    assert broker.asked[-2].query == [("pacticipant", "Shop"), ("version", "3")]
    assert run.out == "Recorded: support of Shop 3 in test has ended.\n"


def test_support_of_what_was_not_released_cannot_end(tally_at, broker):
    broker.answers("GET", "/environments/E2/released", {"_embedded": {"releasedVersions": []}})

    run = tally_at("record-support-ended", "-a", "Shop", "-e", "3", "--environment", "test")

    assert run.code == 2
    assert run.err == "Error: Shop 3 is not a supported release in test.\n"


def test_environments_are_listed_as_a_table(tally_at):
    assert tally_at("list-environments").out == (
        "NAME        DISPLAY NAME  PRODUCTION  UUID\n"
        "production  Production    yes         E1\n"
        "test        Test          no          E2\n"
    )


@pytest.mark.parametrize("output", ["json", "pretty"])
def test_environments_are_listed_as_json(tally_at, output):
    listed = json.loads(tally_at("list-environments", "-o", output).out)

    assert [item["name"] for item in listed["_embedded"]["environments"]] == ["production", "test"]


def test_a_broker_without_any_environment_says_how_to_make_one(tally_at, hal_server):
    hal_server.answers("GET", "/environments", {"_embedded": {"environments": []}})

    assert "tally create-environment --name test" in tally_at("list-environments").out


ENVIRONMENT = ("create-environment", "--name", "uat")


@pytest.fixture
def created(hal_server):
    """The bodies of the requests to create an environment."""
    hal_server.answers("POST", "/environments", Answer({"uuid": "E3", "name": "uat"}, 201))
    return lambda: [asked.body for asked in hal_server.sent("POST")]


def test_an_environment_is_created(tally_at, created):
    run = tally_at(*ENVIRONMENT, "--display-name", "User acceptance", "--no-production")

    assert created() == [{"name": "uat", "displayName": "User acceptance", "production": False}]
    assert (run.code, run.out) == (0, "Created environment uat (E3).\n")


def test_the_id_of_a_new_environment_can_be_used_by_a_script(tally_at, created):
    assert tally_at(*ENVIRONMENT, "-o", "id").out == "E3\n"
    assert json.loads(tally_at(*ENVIRONMENT, "-o", "json").out) == {"uuid": "E3", "name": "uat"}
    assert len(created()) == 2


def test_a_contact_needs_a_name(tally_at, created):
    run = tally_at(*ENVIRONMENT, "--contact-email-address", "a@example.org")

    assert run.code == 2
    assert "--contact-email-address needs --contact-name" in run.err
    assert created() == []


def test_a_name_that_is_taken_is_refused_in_the_words_of_the_broker(tally_at, hal_server):
    hal_server.answers("POST", "/environments", Answer({"errors": {"name": ["is taken"]}}, 400))

    run = tally_at(*ENVIRONMENT)

    assert (run.code, run.err) == (2, "Error: name: is taken\n")


@pytest.mark.parametrize(
    "command",
    [
        (*ENVIRONMENT, "--production", "--contact-name", "Team", "--contact-email-address", "t@example.org"),
        (*ENVIRONMENT, "--display-name", "UAT"),
        DEPLOYMENT,
        RELEASE,
    ],
)
def test_it_records_what_the_pact_command_line_records(tally_at, broker, created, command):
    tally_at(*command)
    environment = {**os.environ, "PACT_BROKER_BASE_URL": broker.base_url}
    subprocess.run([PACT, "broker", *command], env=environment, capture_output=True, check=False)

    ours, theirs = broker.sent("POST")
    assert (ours.path, ours.body) == (theirs.path, theirs.body)
    assert len(created()) == 2


@pytest.mark.parametrize(("command", "path"), [(DEPLOYMENT, "/deploy/test"), (RELEASE, "/release/test")])
def test_an_override_is_sent_with_its_reason(tally_at, broker, command, path):
    tally_at(*command, "--override", "the shop is down")

    assert (broker.asked[-1].path, broker.asked[-1].body) == (path, {"override": "the shop is down"})


@pytest.mark.parametrize(("command", "path"), [(DEPLOYMENT, "/deploy/test"), (RELEASE, "/release/test")])
def test_a_refusal_for_want_of_a_yes_ends_with_1_and_shows_the_reasons(tally_at, broker, command, path):
    broker.answers("POST", path, Answer({"error": "It was not recorded\nNext: verify it"}, 409))

    run = tally_at(*command)

    assert (run.code, run.out, run.err) == (1, "", "It was not recorded\nNext: verify it\n")
