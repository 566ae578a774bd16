"""Branches: which versions are on them, and which one is the head."""

from datetime import timedelta

import pytest
from support.factories import NOON, a_pact, a_publication, a_verification_result

from broker.app import create_app
from broker.settings.settings import Settings

SHOP = "/pacticipants/Shop"


@pytest.fixture
def moments():
    """The times of the broker; the last one is now."""
    return [NOON]


@pytest.fixture
def broker(database, moments):
    return create_app(Settings(), database, clock=lambda: moments[-1]).test_client()


def put(broker, branch, version, **options):
    options = options or {"json": {}}
    return broker.put(f"{SHOP}/branches/{branch}/versions/{version}", **options)


def head(broker, branch):
    return broker.get(f"{SHOP}/branches/{branch}/latest-version").json["number"]


def names(answer):
    return [branch["name"] for branch in answer.json["_embedded"]["branches"]]


def memberships(broker, version):
    embedded = broker.get(f"{SHOP}/versions/{version}").json["_embedded"]
    assert embedded["branches"] == embedded["branchVersions"]
    return [(branch["name"], branch["latest"]) for branch in embedded["branches"]]


def test_a_version_on_a_branch_is_created_once(broker):
    first = put(broker, "main", "1")
    second = put(broker, "main", "1")

    assert (first.status_code, second.status_code) == (201, 200)
    assert "Location" not in second.headers
    read = broker.get(first.headers["Location"])
    assert read.json == first.json == second.json
    links = read.json["_links"]
    assert links["self"]["title"] == "Branch version"
    assert (links["pb:branch"]["name"], links["pb:version"]["name"]) == ("main", "1")
    assert broker.get(links["pb:branch"]["href"]).json["name"] == "main"
    assert broker.get(links["pb:version"]["href"]).json["number"] == "1"


@pytest.mark.parametrize("body", [b"", b"{}", b"not JSON", b'{"name": "other"}'])
def test_the_body_does_not_matter(broker, body):
    assert put(broker, "main", "1", data=body, content_type="application/json").status_code == 201


def test_a_body_of_another_type_is_refused(broker):
    answer = put(broker, "main", "1", data="x", content_type="text/plain")

    assert (answer.status_code, answer.data) == (415, b"")
    assert broker.get(SHOP).status_code == 404


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/pacticipants/%20/branches/main/versions/1", "pacticipantName"),
        (f"{SHOP}/branches/%20/versions/1", "branchName"),
        (f"{SHOP}/branches/main/versions/%20", "pacticipantVersionNumber"),
    ],
)
def test_a_blank_name_is_refused_by_field(broker, url, field):
    answer = broker.put(url, json={})

    assert answer.status_code == 400
    assert answer.json == {"errors": {field: ["cannot be blank"]}}
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []


def test_the_version_that_was_added_last_is_the_head_even_if_it_is_older(broker):
    for number in ("1", "2"):
        broker.put(f"{SHOP}/versions/{number}", json={})

    put(broker, "main", "2")
    put(broker, "main", "1")
    put(broker, "main", "2")  # it is there already

    assert head(broker, "main") == "1"
    assert (memberships(broker, "1"), memberships(broker, "2")) == ([("main", True)], [("main", False)])


def test_a_version_can_be_on_many_branches_in_the_order_in_which_it_joined(broker):
    for branch in ("b", "c", "a"):
        put(broker, branch, "1")

    assert memberships(broker, "1") == [("b", True), ("c", True), ("a", True)]


@pytest.mark.parametrize(
    ("settings", "branches", "main_branch"),
    [
        ({}, ["feature", "master", "main"], "master"),
        ({}, ["feature"], None),
        ({"auto_detect_main_branch": False}, ["main"], None),
        ({"main_branch_candidates": ("trunk",)}, ["main", "trunk"], "trunk"),
    ],
)
def test_the_first_candidate_becomes_the_main_branch(database, settings, branches, main_branch):
    broker = create_app(Settings(**settings), database).test_client()

    for branch in branches:
        put(broker, branch, "1")

    assert broker.get(SHOP).json.get("mainBranch") == main_branch


def test_a_main_branch_that_was_chosen_stays(broker):
    broker.post("/pacticipants", json={"name": "Shop", "mainBranch": "trunk"})

    put(broker, "main", "1")

    assert broker.get(SHOP).json["mainBranch"] == "trunk"


def test_branches_are_listed_by_their_last_addition(broker, moments):
    for minute, branch in enumerate(("main", "feature/a", "feature/b", "main")):
        moments.append(NOON + timedelta(minutes=minute))
        put(broker, branch.replace("/", "%2F"), str(minute))
    moments.append(NOON + timedelta(hours=1))
    put(broker, "feature%2Fa", "1")  # it is there already: that is no addition

    listed = broker.get(f"{SHOP}/branches")

    assert names(listed) == ["main", "feature/b", "feature/a"]
    assert listed.json["page"] == {"number": 1, "size": 100, "totalElements": 3, "totalPages": 1}
    links = listed.json["_links"]
    assert links["self"]["title"] == "Shop branches"
    assert [link["name"] for link in links["pb:branches"]] == names(listed)
    for link in links["pb:branches"]:
        branch = broker.get(link["href"]).json
        assert branch["name"] == link["name"]
        assert broker.get(branch["_links"]["pb:latest-version"]["href"]).status_code == 200
    assert names(broker.get(f"{SHOP}/branches?q=FEATURE/")) == ["feature/b", "feature/a"]
    assert names(broker.get(f"{SHOP}/branches?q=feature&size=1&page=2")) == ["feature/a"]


def test_a_branch_tells_when_it_was_updated_last(broker, moments):
    put(broker, "main", "1")
    assert "updatedAt" not in broker.get(f"{SHOP}/branches/main").json
    moments.append(NOON + timedelta(minutes=1))

    put(broker, "main", "2")

    branch = broker.get(f"{SHOP}/branches/main").json
    assert (branch["createdAt"], branch["updatedAt"]) == (
        "2026-06-01T12:00:00+00:00",
        "2026-06-01T12:01:00+00:00",
    )


def test_a_branch_that_goes_leaves_its_versions(broker):
    put(broker, "main", "1")
    put(broker, "other", "1")

    assert broker.delete(f"{SHOP}/branches/main").status_code == 204

    assert broker.get(f"{SHOP}/branches/main").status_code == 404
    assert memberships(broker, "1") == [("other", True)]
    assert broker.delete(f"{SHOP}/branches/main").status_code == 404


@pytest.mark.parametrize(
    ("query", "removed", "remaining"),
    [
        ("", "3 branches were removed", "What remains: main."),
        (
            "?exclude[]=a%2Fb&exclude[]=c&exclude[]=unknown",
            "1 branch was removed",
            "What remains: a/b, c, main.",
        ),
        ("?exclude=c&cache=1", "2 branches were removed", "What remains: c, main."),
    ],
)
def test_all_branches_but_some_and_the_main_one_can_be_removed(broker, query, removed, remaining):
    for branch in ("main", "a%2Fb", "c", "d"):
        put(broker, branch, "1")
    broker.put("/pacticipants/Other/branches/d/versions/1", json={})

    answer = broker.delete(f"{SHOP}/branches{query}")

    assert answer.status_code == 202
    (notice,) = answer.json["notices"]
    assert notice == {"type": "success", "text": f"{removed} from Shop. {remaining}"}
    assert sorted(names(broker.get(f"{SHOP}/branches"))) == remaining[len("What remains: ") : -1].split(", ")
    assert names(broker.get("/pacticipants/Other/branches")) == ["d"]
    assert broker.get(f"{SHOP}/versions/1").status_code == 200


@pytest.mark.parametrize(
    "query", ["exlude[]=a", "Exclude[]=a", "excludes=a", "exclude[a]=b", "exclude[][a]=b"]
)
def test_what_may_have_been_meant_as_branches_to_keep_removes_nothing(broker, query):
    put(broker, "a", "1")

    answer = broker.delete(f"{SHOP}/branches?{query}")

    assert answer.status_code == 400
    assert "write exclude[]=NAME" in next(iter(answer.json["errors"].values()))[0]
    assert names(broker.get(f"{SHOP}/branches")) == ["a"]


def test_an_application_without_a_main_branch_may_lose_every_branch(broker):
    put(broker, "a", "1")

    answer = broker.delete(f"{SHOP}/branches")

    assert answer.json["notices"][0]["text"] == "1 branch was removed from Shop. None remains."
    assert names(broker.get(f"{SHOP}/branches")) == []


def test_taking_the_head_off_promotes_the_latest_version_that_remains(broker):
    for number in ("1", "2", "3"):
        broker.put(f"{SHOP}/versions/{number}", json={})
    for number in ("2", "1", "3"):
        put(broker, "main", number)
    put(broker, "other", "3")

    taken = broker.delete(f"{SHOP}/branches/main/versions/3")

    assert taken.status_code == 204
    assert head(broker, "main") == "2"
    assert memberships(broker, "3") == [("other", True)]
    assert broker.delete(f"{SHOP}/branches/main/versions/3").status_code == 404


def test_taking_another_version_off_leaves_the_head(broker):
    for number in ("1", "2", "3"):
        put(broker, "main", number)

    broker.delete(f"{SHOP}/branches/main/versions/2")

    assert head(broker, "main") == "3"


def test_an_empty_branch_has_no_latest_version_and_takes_a_new_one(broker):
    put(broker, "main", "1")
    broker.delete(f"{SHOP}/branches/main/versions/1")

    assert names(broker.get(f"{SHOP}/branches")) == ["main"]
    assert broker.get(f"{SHOP}/branches/main/latest-version").status_code == 404

    put(broker, "main", "1")
    assert head(broker, "main") == "1"


def test_what_is_missing_is_named(broker):
    broker.put(f"{SHOP}/versions/1", json={})

    assert broker.get("/pacticipants/Other/branches").json["error"].endswith("'Other' found")
    assert "main" in broker.get(f"{SHOP}/branches/main").json["error"]
    assert "branch main" in broker.get(f"{SHOP}/branches/main/versions/1").json["error"]


@pytest.fixture
def pending(broker):
    """Whether the pact of Shop is pending for its provider's branch `main`; version 9 has verified it."""
    pact = a_pact(consumer="Shop", provider="Orders")
    broker.post("/contracts/publish", json=a_publication(pact, version="1"))
    latest = broker.get("/pacts/provider/Orders/consumer/Shop/latest").json
    url = latest["_links"]["pb:publish-verification-results"]["href"]
    assert broker.post(url, json=a_verification_result("9")).status_code == 201

    def is_pending():
        asked = broker.post(
            "/pacts/provider/Orders/for-verification",
            json={"includePendingStatus": True, "providerVersionBranch": "main"},
        )
        (found,) = asked.json["_embedded"]["pacts"]
        return found["verificationProperties"]["pending"]

    return is_pending


@pytest.mark.parametrize(
    "undo", ["/pacticipants/Orders/branches/main/versions/9", "/pacticipants/Orders/versions/9"]
)
def test_what_a_version_verified_counts_for_a_branch_as_long_as_it_is_on_it(broker, moments, pending, undo):
    moments.append(NOON + timedelta(hours=1))
    broker.put("/pacticipants/Orders/branches/main/versions/8", json={})
    assert pending()

    broker.put("/pacticipants/Orders/branches/main/versions/9", json={})
    assert not pending()

    assert broker.delete(undo).status_code == 204
    assert pending()
