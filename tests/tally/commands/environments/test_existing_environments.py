"""Describing, changing and deleting environments, at a real broker."""

import json

import pytest


@pytest.fixture
def uuid(on_broker):
    """An environment with everything that can be said of one."""
    created = on_broker(
        *("create-environment", "--name", "uat", "--display-name", "User acceptance", "--production"),
        *("--contact-name", "Ann", "--contact-email-address", "ann@example.org", "--output", "id"),
    )
    return created.out.strip()


def test_an_environment_is_described_by_uuid_or_name(on_broker, uuid):
    by_uuid = on_broker("describe-environment", "--uuid", uuid)
    by_name = on_broker("describe-environment", "--name", "uat")

    assert by_uuid.out == by_name.out
    assert by_uuid.out.startswith(
        f"Name: uat\nDisplay name: User acceptance\nProduction: yes\nUUID: {uuid}\n"
        "Contacts: Ann (ann@example.org)\nCreated: "
    )


def test_what_is_not_given_stays_as_it_is(on_broker, uuid, read):
    updated = on_broker("update-environment", "--uuid", uuid, "--display-name", "UAT")

    assert updated.out == f"Updated environment uat ({uuid}).\n"
    stored = read(f"/environments/{uuid}")
    assert (stored["name"], stored["displayName"], stored["production"]) == ("uat", "UAT", True)
    assert stored["contacts"] == [{"name": "Ann", "details": {"emailAddress": "ann@example.org"}}]


def test_everything_can_be_changed(on_broker, uuid, read):
    run = on_broker(
        *("update-environment", "--uuid", uuid, "--name", "int", "--no-production"),
        *("--contact-name", "Bob", "--output", "id"),
    )

    assert run.out == f"{uuid}\n"
    stored = read(f"/environments/{uuid}")
    assert (stored["name"], stored["production"], stored["contacts"][0]["name"]) == ("int", False, "Bob")


def test_an_environment_is_deleted(on_broker, uuid, read):
    deleted = on_broker("delete-environment", "--uuid", uuid)

    assert deleted.out == f"Deleted environment uat ({uuid}).\n"
    assert read(f"/environments/{uuid}") is None


def test_a_table_has_only_rows_and_columns(on_broker, uuid):
    one = on_broker("describe-environment", "--name", "uat", "-o", "table").out.splitlines()
    every = on_broker("list-environments", "-o", "table").out.splitlines()

    assert (len(one), len(every)) == (2, 4)
    assert all(uuid in lines[-1] for lines in (one, every))
    assert json.loads(on_broker("list-environments", "-o", "pretty").out)["_embedded"]["environments"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("describe-environment",), "Which environment? Give --uuid, or --name."),
        (("describe-environment", "--uuid", "a", "--name", "b"), "Which environment?"),
        (("describe-environment", "--name", "uta"), "no environment 'uta'. Did you mean uat?"),
        (("describe-environment", "--uuid", "nope"), "no environment with the uuid 'nope'"),
        (("update-environment", "--uuid", "nope", "--name", "x"), "no environment with the uuid 'nope'"),
        (("delete-environment", "--uuid", "nope"), "no environment with the uuid 'nope'"),
    ],
)
@pytest.mark.usefixtures("uuid")
def test_what_cannot_be_done_says_why(on_broker, words, said):
    run = on_broker(*words)

    assert (run.code, run.out) == (2, "")
    assert said in run.err


def test_what_the_broker_refuses_is_told(on_broker, uuid, read):
    run = on_broker("update-environment", "--uuid", uuid, "--name", "a b")

    assert (run.code, run.err) == (2, "Error: name: cannot contain spaces\n")
    assert read(f"/environments/{uuid}")["name"] == "uat"
    alone = on_broker("update-environment", "--uuid", uuid, "--contact-email-address", "a@example.org")
    assert "--contact-email-address needs --contact-name" in alone.err


def test_who_may_deploy_is_said_shown_and_kept(on_broker, read):
    made = on_broker(
        *("create-environment", "--name", "live", "--protected", "--requires-can-i-deploy", "--output", "id")
    )
    uuid = made.out.strip()
    on_broker("update-environment", "--uuid", uuid, "--display-name", "Live")
    stored = read(f"/environments/{uuid}")
    on_broker("update-environment", "--uuid", uuid, "--no-protected", "--no-requires-can-i-deploy")
    changed = read(f"/environments/{uuid}")

    assert (stored["protected"], stored["requiresCanIDeploy"]) == (True, True)
    assert (changed["protected"], changed["requiresCanIDeploy"]) == (False, False)


def test_teams_are_named_in_one_option_or_several(on_broker):
    refused = on_broker(
        "create-environment", "--name", "live", "--deployers", "payments", "search", "--deployers", "x"
    )
    both = on_broker("create-environment", "--name", "live", "--deployers", "x", "--no-deployers")

    for team in ("payments", "search", "x"):
        assert f"there is no team '{team}'" in refused.err
    assert "exclude each other" in both.err


def test_the_list_says_which_are_protected_once_one_says_it(on_broker):
    before = on_broker("list-environments").out
    on_broker("create-environment", "--name", "live", "--protected")
    after = on_broker("list-environments").out.splitlines()

    assert "PROTECTED" not in before
    assert after[0].split() == ["NAME", "DISPLAY", "NAME", "PRODUCTION", "UUID", "PROTECTED"]
    assert [line.split()[-1] for line in after[1:] if line.startswith(("live", "test"))] == ["yes", "no"]
