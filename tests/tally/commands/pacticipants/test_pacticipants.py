"""Applications, their versions, tags and branches, at a real broker."""

import json

import pytest

SHOP = ("-a", "Shop")
VERSION = (*SHOP, "-e", "1")


def test_an_application_is_created_changed_and_described(on_broker, read):
    created = on_broker("create-or-update-pacticipant", "--name", "Shop", "--main-branch", "main")
    updated = on_broker("create-or-update-pacticipant", "--name", "Shop", "--display-name", "The shop")

    assert (created.out, updated.out) == ("Created Shop.\n", "Updated Shop.\n")
    shop = read("/pacticipants/Shop")
    assert (shop["displayName"], shop["mainBranch"]) == ("The shop", "main")
    described = on_broker("describe-pacticipant", "--name", "Shop")
    assert described.out.startswith("Name: Shop\nDisplay name: The shop\nMain branch: main\nCreated: ")


def test_applications_are_listed(on_broker, publish):
    assert "There are no applications yet" in on_broker("list-pacticipants").out
    publish()

    listed = on_broker("list-pacticipants").out.splitlines()

    assert listed[0].split("  ")[0] == "NAME"
    assert [line.split()[0] for line in listed[1:]] == ["Orders", "Shop"]
    assert listed[2].split() == ["Shop", "Shop", "main", "1"]


def test_an_application_is_deleted_with_all_that_is_its(on_broker, publish, read):
    publish()

    deleted = on_broker("delete-pacticipant", "--name", "Shop")

    assert (deleted.code, deleted.out) == (0, "Deleted Shop, with its versions, pacts and results.\n")
    assert read("/pacticipants/Shop") is None
    assert read("/pacts/latest")["pacts"] == []


@pytest.mark.parametrize("output", ["json", "pretty"])
def test_programs_get_what_the_broker_answers(on_broker, publish, read, output):
    publish()

    listed, one = (
        on_broker(*words, "--output", output)
        for words in (["list-pacticipants"], ["describe-pacticipant", "--name", "Shop"])
    )

    assert json.loads(listed.out) == read("/pacticipants")
    assert json.loads(one.out) == read("/pacticipants/Shop")
    assert (one.out.count("\n") == 1) is (output == "json")


def test_a_version_is_created_with_branch_and_tags(on_broker, read):
    created = on_broker("create-or-update-version", *VERSION, "--branch", "feat/x", "-t", "a", "b", "-t", "c")

    assert created.out == "Shop 1 is in the broker, on branch feat/x, with tag a, b, c.\n"
    version = read("/pacticipants/Shop/versions/1")["_embedded"]
    assert [branch["name"] for branch in version["branches"]] == ["feat/x"]
    assert [tag["name"] for tag in version["tags"]] == ["a", "b", "c"]


def test_creating_a_version_again_keeps_what_is_known_of_it(on_broker, publish, read):
    publish(buildUrl="https://ci.example.org/1")

    on_broker("create-or-update-version", *VERSION)

    assert read("/pacticipants/Shop/versions/1")["buildUrl"] == "https://ci.example.org/1"


def test_a_version_is_described_by_number_by_tag_and_as_the_latest(on_broker):
    on_broker("create-or-update-version", *VERSION, "--branch", "main", "--tag", "prod")
    on_broker("create-or-update-version", *SHOP, "-e", "2")

    latest = on_broker("describe-version", *SHOP)
    same = on_broker("describe-version", *SHOP, "--latest")
    tagged = on_broker("describe-version", *SHOP, "-l", "prod", "-o", "table")
    numbered = on_broker("describe-version", *VERSION)

    assert latest.out == same.out
    assert latest.out.startswith("Version: 2\nCreated: ")
    assert [line.split()[:3] for line in tagged.out.splitlines()] == [
        ["VERSION", "BRANCHES", "TAGS"],
        ["1", "main", "prod"],
    ]
    assert numbered.out.startswith("Version: 1\nBranches: main\nTags: prod\n")


def test_the_versions_in_an_environment_are_described(on_broker, publish):
    publish()
    on_broker("record-deployment", *VERSION, "--environment", "test", "--application-instance", "blue")
    on_broker("record-release", *VERSION, "--environment", "test")
    there = ("describe-version", *SHOP, "--environment", "test")

    both = [line.split() for line in on_broker(*there).out.splitlines()]
    released = [line.split() for line in on_broker(*there, "--released").out.splitlines()]
    deployed = json.loads(on_broker(*there, "--deployed", "--output", "json").out)

    assert both[1:] == [["1", "deployed", "test", "blue"], ["1", "released", "test"]]
    assert released[1:] == both[2:]
    assert [item["currentlyDeployed"] for item in deployed] == [True]
    nowhere = on_broker("describe-version", *SHOP, "--environment", "production")
    assert nowhere.out == "No version of Shop is deployed or released in production.\n"


def test_a_version_is_deleted(on_broker, publish, read):
    publish()

    deleted = on_broker("delete-version", *VERSION)

    assert deleted.out == "Deleted Shop 1, with its pacts and results.\n"
    assert read("/pacticipants/Shop/versions/1") is None


def test_a_version_is_tagged_and_untagged(on_broker, publish, read):
    publish()

    tagged = on_broker("create-version-tag", *VERSION, "--tag", "a", "b")
    untagged = on_broker("delete-version-tag", *VERSION, "--tag", "a")
    again = on_broker("delete-version-tag", *VERSION, "--tag", "a")

    assert tagged.out == "Tagged Shop 1 with a.\nTagged Shop 1 with b.\n"
    assert untagged.out == "Shop 1 no longer has the tag a.\n"
    assert (again.code, again.out) == (0, "Shop 1 has no tag a: there is nothing to delete.\n")
    assert [tag["name"] for tag in read("/pacticipants/Shop/versions/1")["_embedded"]["tags"]] == ["b"]


def test_a_version_that_is_not_there_is_tagged_only_when_it_may_be_created(on_broker, publish, read):
    publish()
    missing = ("create-version-tag", *SHOP, "-e", "9", "-t", "a")

    refused = on_broker(*missing)

    assert (refused.code, refused.err) == (
        2,
        "Error: The broker knows no version '9' of Shop: --auto-create-version creates it.\n",
    )
    assert read("/pacticipants/Shop/versions/9") is None
    assert on_broker(*missing, "--auto-create-version").code == 0
    assert read("/pacticipants/Shop/versions/9")["number"] == "9"


def test_the_branch_of_the_build_can_be_the_tag(on_broker, publish, read, monkeypatch):
    publish()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_REF", "refs/heads/feat/x")

    on_broker("create-version-tag", *VERSION, "-g")

    assert [tag["name"] for tag in read("/pacticipants/Shop/versions/1")["_embedded"]["tags"]] == ["feat/x"]
    monkeypatch.setenv("GITHUB_REF", "refs/tags/v1")
    assert "GitHub Actions names no branch here" in on_broker("create-version-tag", *VERSION, "-g").err


def test_a_branch_is_deleted_and_its_versions_stay(on_broker, publish, read):
    publish(branch="feat/x")
    branch = ("delete-branch", *SHOP, "--branch", "feat/x")

    deleted = on_broker(*branch)

    assert (deleted.code, deleted.out) == (0, "Deleted the branch feat/x of Shop.\n")
    assert read("/pacticipants/Shop/versions/1")["_embedded"]["branches"] == []
    again = on_broker(*branch)
    assert (again.code, again.out) == (0, "Shop has no branch feat/x: there is nothing to delete.\n")
    for insisting in (["--error-when-not-found"], ["--error-when-not-found", "true"]):
        refused = on_broker(*branch, *insisting)
        assert (refused.code, refused.err) == (2, "Error: Shop has no branch feat/x.\n")
    assert on_broker(*branch, "--error-when-not-found", "false").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("describe-pacticipant", "--name", "Shpo"),
        ("delete-pacticipant", "--name", "Shpo"),
        ("describe-version", "-a", "Shpo"),
        ("describe-version", "-a", "Shpo", "-e", "1"),
        ("describe-version", "-a", "Shpo", "--environment", "test"),
        ("delete-version", "-a", "Shpo", "-e", "1"),
        ("create-version-tag", "-a", "Shpo", "-e", "1", "-t", "a"),
        ("get-pacts", "--provider", "Shpo"),
        ("provider-states", "list", "--provider", "Shpo"),
    ],
)
def test_an_unknown_application_is_answered_with_the_nearest_name(on_broker, publish, words):
    publish()

    run = on_broker(*words)

    assert (run.code, run.out) == (2, "")
    assert run.err == "Error: The broker knows no application 'Shpo'. Did you mean Shop?\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("describe-version", *SHOP, "-e", "9"), "knows no version '9' of Shop."),
        (("describe-version", *SHOP, "-l", "a"), "knows no version of Shop with the tag 'a'."),
        (("describe-version", "-a", "Orders"), "knows no version of Orders."),
        (("describe-version", *VERSION, "-l", "a"), "exclude each other"),
        (("describe-version", *SHOP, "--deployed"), "need --environment"),
        (("describe-version", *SHOP, "--environment", "prod"), "no environment 'prod'"),
        (("delete-version", *SHOP, "-e", "9"), "knows no version '9' of Shop."),
        (("create-version-tag", *VERSION), "Which tag?"),
        (("create-or-update-version", *VERSION, "-t", ""), "--tag is empty"),
        (("create-or-update-pacticipant", "--name", "Shop", "--main-branch", "a b"), "mainBranch: cannot"),
        (("delete-branch", *SHOP, "--branch", "x", "--error-when-not-found", "maybe"), "'maybe'"),
    ],
)
def test_what_cannot_be_done_says_why(on_broker, publish, words, said):
    publish()

    run = on_broker(*words)

    assert (run.code, run.out) == (2, "")
    assert said in run.err


@pytest.mark.parametrize("name", ["", ".", ".."])
@pytest.mark.parametrize(
    "words",
    [("delete-branch", *SHOP, "--branch"), ("delete-version", *SHOP, "-e"), ("delete-pacticipant", "--name")],
)
def test_a_name_that_leads_to_another_place_deletes_nothing(on_broker, publish, read, words, name):
    publish()

    run = on_broker(*words, name)

    assert run.code == 2
    assert "is empty" in run.err or "means another place" in run.err
    assert read("/pacticipants/Shop/versions/1")["_embedded"]["branches"][0]["name"] == "main"
