"""From recorded answers in the shapes of a Pact Broker (reference §4 to §11) into a live Tallystick."""

import json
from pathlib import Path

import pytest
import requests
from support.hal_server import Answer, hal_server_running

RECORDED = Path(__file__).parents[2] / "data" / "importing"
WEBHOOK = "/webhooks/dCGCl-Ba3PqEFJ_iE9mJkQ"
LIVE = "16926ef3-590f-4e3f-838e-719717aa88c9"
PACT = "/pacts/provider/Pay/consumer/Web/version/{}"


@pytest.fixture
def pact_broker():
    """Return a function that serves a recorded broker."""
    with hal_server_running() as server:

        def recorded(name):
            text = (RECORDED / f"{name}.json").read_text("utf-8").replace("BROKER", server.base_url)
            for path, document in json.loads(text).items():
                server.answers("GET", path, document)
            return server

        yield recorded


@pytest.fixture
def copy(tally, live_broker, monkeypatch, tmp_path):
    """Run the import into the live broker; returns the exit code and the report."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def run(source, *words):
        told = tally("import", "--from", source.base_url, "-b", live_broker, "--output", "json", *words)
        return told.code, json.loads(told.out)

    return run


@pytest.fixture
def read(live_broker):
    """Read a document of the target."""

    def get(path):
        answer = requests.get(live_broker + path, headers={"Accept": "application/hal+json"}, timeout=30)
        return answer.json() if answer.ok else None

    return get


def count(report, what):
    return next(
        (item["source"], item["target"], item["reason"])
        for item in report["comparison"]["counts"]
        if item["what"] == what
    )


def test_everything_that_a_pact_broker_tells_arrives(pact_broker, copy, read):
    source = pact_broker("pact-broker-2.120")

    code, report = copy(source)

    assert report["copied"] == {
        "pacticipants": 2,
        "labels": 1,
        "versions": 5,
        "tags": 2,
        "branch versions": 6,
        "pacts": 3,
        "results": 3,
        "environments": 1,
        "deployments": 3,
        "releases": 1,
        "webhooks": 1,
    }
    assert report["problems"] == []
    assert {asked.method for asked in source.asked} == {"GET"}
    assert all("tally" not in asked.path for asked in source.asked)
    versions = read("/pacticipants/Web/versions")["_embedded"]["versions"]
    assert [version["number"] for version in versions] == ["w3", "w2", "w1"]
    assert read("/pacticipants/Web/branches/feat%2Fx/latest-version")["number"] == "w2"
    assert read("/pacticipants/Web/branches/main")["createdAt"] == "2023-05-02T08:00:01+00:00"
    assert read("/pacticipants/Web")["mainBranch"] == "main"
    # One result of the four belongs to a pact that was overwritten: that is why the brokers differ.
    assert code == 1
    assert count(report, "results")[:2] == (4, 3)
    assert "overwritten" in count(report, "results")[2]
    assert report["comparison"]["canIDeploy"] == {"asked": 2, "differing": []}


def test_a_pact_keeps_its_content_its_hash_and_its_results(pact_broker, copy, read):
    source = pact_broker("pact-broker-2.120")

    copy(source)

    theirs = requests.get(source.url(PACT.format("w2")), timeout=30).json()
    ours = read(PACT.format("w2"))
    assert list(ours) == list(theirs)
    assert {**ours, "_links": 0} == {**theirs, "_links": 0}
    assert ours["_links"]["pb:pact-version"]["name"] == theirs["_links"]["pb:pact-version"]["name"]
    latest = read(f"{PACT.format('w1')}/verification-results/latest")
    assert (latest["providerApplicationVersion"], latest["success"]) == ("p2", True)
    assert latest["verificationDate"] == "2023-05-03T10:00:00+00:00"
    assert latest["testResults"] == {"tests": [{"status": "passed"}]}
    assert latest["verifiedBy"] == {
        "implementation": "Pact-Rust",
        "version": "1.2.3",
        "client_implementation": "pact-js",
        "client_test_framework": "jest",
        "client_version": "12.0.0",
    }


def test_deployments_keep_their_instances_and_dates(pact_broker, copy, read):
    copy(pact_broker("pact-broker-2.120"))

    live = read("/environments?name=live")["_embedded"]["environments"][0]
    place = f"/pacticipants/Pay/versions/{{}}/deployed-versions/environment/{live['uuid']}"
    first = read(place.format("p1"))["_embedded"]["deployedVersions"]
    second = read(place.format("p2"))["_embedded"]["deployedVersions"]
    assert [(item["currentlyDeployed"], item["undeployedAt"]) for item in first] == [
        (False, "2023-05-03T12:00:00+00:00")
    ]
    assert [(item.get("applicationInstance"), item["createdAt"]) for item in second] == [
        ("blue", "2023-05-04T12:00:00+00:00"),
        (None, "2023-05-03T12:00:00+00:00"),
    ]
    assert live["contacts"] == [{"name": "Ops", "details": {"email": "ops@example.org"}}]


def test_what_a_script_rolled_back_to_within_a_second_is_deployed_afterwards(pact_broker, copy, read):
    source = pact_broker("pact-broker-2.120")
    first, second = "2023-05-02T12:00:00+00:00", "2023-05-03T12:00:00+00:00"
    deployments = {
        "p1": [
            deployment("d-4", second),
            deployment("d-2", second, second),
            deployment("d-1", first, second),
        ],
        "p2": [deployment("d-3", second, second)],
    }
    for number, items in deployments.items():
        path = f"/pacticipants/Pay/versions/{number}/deployed-versions/environment/{LIVE}"
        source.answers("GET", path, {"_embedded": {"deployedVersions": items}})

    copy(source)
    _, again = copy(source)

    live = read("/environments?name=live")["_embedded"]["environments"][0]["uuid"]
    there = read(f"/environments/{live}/deployed-versions/currently-deployed")["_embedded"]
    assert [
        (item["_embedded"]["version"]["number"], item["createdAt"]) for item in there["deployedVersions"]
    ] == [("p1", second)]
    assert (again["copied"].get("deployments", 0), again["present"]["deployments"]) == (0, 4)


def deployment(uuid, begun, ended=None):
    is_current = {"currentlyDeployed": ended is None}
    dates = {"createdAt": begun, **({"undeployedAt": ended} if ended else {})}
    return {"uuid": uuid, **is_current, **dates}


def test_a_webhook_without_its_secrets_is_disabled_and_named(pact_broker, copy, read):
    _, report = copy(pact_broker("pact-broker-2.120"))

    webhook = read(WEBHOOK)
    assert webhook["enabled"] is False
    assert webhook["request"]["body"] == {"pact": "${pactbroker.pactUrl}"}
    assert webhook["createdAt"] == "2023-05-01T10:00:00+00:00"
    note = "The webhook Build Pay (dCGCl-Ba3PqEFJ_iE9mJkQ) is disabled until it gets its secret again: {}"
    assert report["notes"] == [note.format("header authorization, password")]


@pytest.mark.parametrize(
    ("ending", "body", "named"),
    [
        ("?**********", {}, "query of the URL"),
        ("?ref=main&token=**********", {}, "query of the URL"),
        ("/**********", {}, "address"),
        ("", {"deep": [{"token": "**********"}]}, "body"),
    ],
)
def test_a_webhook_of_which_a_part_is_not_shown_is_disabled_and_the_part_named(
    pact_broker, copy, read, ending, body, named
):
    source = pact_broker("pact-broker-2.120")
    webhook = requests.get(source.base_url + WEBHOOK, timeout=10).json()
    webhook["request"] |= {"url": webhook["request"]["url"] + ending, "body": body}
    source.answers("GET", WEBHOOK, webhook)

    _, report = copy(source)

    assert read(WEBHOOK)["enabled"] is False
    assert [note for note in report["notes"] if note.endswith(f", {named}")]


def test_a_webhook_with_a_misspelt_parameter_is_named_with_the_reason(pact_broker, copy, read):
    source = pact_broker("pact-broker-2.120")
    webhook = requests.get(source.base_url + WEBHOOK, timeout=10).json()
    webhook["request"]["body"] = {"pact": "${pactbroker.pactUrll}"}
    source.answers("GET", WEBHOOK, webhook)

    code, report = copy(source)

    assert code == 1
    reason = "request.body: ${pactbroker.pactUrll} is no parameter (did you mean 'pactUrl'?)"
    assert report["problems"] == [f"The webhook Build Pay (dCGCl-Ba3PqEFJ_iE9mJkQ) was refused: {reason}"]
    assert read(WEBHOOK) is None


def test_a_second_run_copies_nothing_and_reads_no_pact_again(pact_broker, copy):
    source = pact_broker("pact-broker-2.120")
    copy(source)
    source.asked.clear()

    _, report = copy(source)

    assert report["copied"] == {}
    assert report["present"]["pacts"] == 3
    assert report["present"]["results"] == 3
    read = [asked.path for asked in source.asked]
    assert not [path for path in read if "/consumer/Web/version/" in path or "/verification-results/" in path]


def test_an_old_broker_is_copied_as_far_as_it_goes(pact_broker, copy, read):
    code, report = copy(pact_broker("pact-broker-2.20"))

    assert report["copied"]["versions"] == 5
    assert report["copied"]["pacts"] == 3
    assert report["copied"]["results"] == 3
    assert report["notes"] == ["The source has no environments: it is older than Pact Broker 2.80"]
    assert read("/pacticipants/Web/latest-version")["number"] == "w3"
    assert count(report, "results") == (None, 3, None)
    assert code == 0


def test_a_stricter_answer_is_told_with_its_reason(pact_broker, copy):
    """Version p2 verified the pact of w3, and p1, which is deployed beside it, did not."""
    source = pact_broker("pact-broker-2.120")
    version = "/matrix?q%5B%5D%5Bpacticipant%5D=Web&q%5B%5D%5Bversion%5D="
    of_w2, of_w3 = (f"{version}{n}&q%5B%5D%5Bpacticipant%5D=Pay&limit=1000" for n in ("w2", "w3"))
    pact = recorded_answer(source, PACT.format("w3"))
    sha = pact["_links"]["pb:pact-version"]["name"]
    row = recorded_answer(source, of_w2)["matrix"][0]
    path = f"/pacts/provider/Pay/consumer/Web/pact-version/{sha}/verification-results/18"
    row["verificationResult"]["_links"]["self"]["href"] = source.url(path)
    summary = {"deployable": True, "success": 1, "failed": 0, "unknown": 0}
    source.answers("GET", of_w3, {"summary": summary, "matrix": [row]})
    source.answers("GET", path, {"success": True, "providerApplicationVersion": "p2"})
    question = f"{version}w3&environment=live&latestby=cvpv"
    source.answers("GET", question, {"summary": summary, "matrix": [row]})
    live = recorded_answer(source, "/environments")["_embedded"]["environments"][0]["uuid"]
    beside = {
        "uuid": "d-9",
        "currentlyDeployed": True,
        "applicationInstance": "green",
        "createdAt": "2023-05-06T12:00:00+00:00",
    }
    source.answers(
        "GET",
        f"/pacticipants/Pay/versions/p1/deployed-versions/environment/{live}",
        {"_embedded": {"deployedVersions": [beside]}},
    )

    _, report = copy(source)

    (told,) = report["comparison"]["canIDeploy"]["differing"]
    assert (told["version"], told["source"], told["target"]) == ("w3", "yes", "unknown")
    assert "unverified_in_environment_is_unknown" in told["reason"]


def recorded_answer(source, path):
    return requests.get(source.url(path), timeout=30).json()


def test_a_dry_run_says_what_would_be_copied_and_writes_nothing(pact_broker, copy, read):
    _, report = copy(pact_broker("pact-broker-2.120"), "--dry-run")

    assert report["dryRun"] is True
    assert (report["copied"]["pacts"], report["copied"]["results"]) == (3, 3)
    assert report["comparison"] is None
    assert read("/pacticipants")["_embedded"]["pacticipants"] == []
    assert len(read("/environments")["_embedded"]["environments"]) == 2


def test_a_pact_that_cannot_be_read_is_named_and_the_others_are_copied(pact_broker, copy):
    source = pact_broker("pact-broker-2.120")
    source.answers("GET", PACT.format("w1"), Answer({"error": "gone"}, 404))

    code, report = copy(source)

    assert code == 1
    assert report["copied"]["pacts"] == 2
    assert report["problems"] == ["The pact of Web w1 with Pay cannot be read: gone"]


def test_names_that_are_too_long_are_named_and_the_rest_is_copied(pact_broker, copy, read):
    source = pact_broker("pact-broker-2.120")
    environments = recorded_answer(source, "/environments")
    too_long = {**environments["_embedded"]["environments"][0], "name": "e" * 256}
    environments["_embedded"]["environments"].append(too_long)
    source.answers("GET", "/environments", environments)
    pacticipants = recorded_answer(source, "/pacticipants?page=1&size=100")
    pacticipants["_embedded"]["pacticipants"][0]["_embedded"]["labels"] = [{"name": "l" * 256}]
    source.answers("GET", "/pacticipants?page=1&size=100", pacticipants)

    code, report = copy(source)

    assert code == 1
    reason = "cannot be longer than 255 characters (it has 256)"
    assert [problem for problem in report["problems"] if problem.endswith(reason)] == [
        f"The pacticipant Web was refused: label: {reason}",
        f"The environment {too_long['name']} was refused: name: {reason}",
    ]
    assert read("/pacticipants/Web/latest-version")["number"] == "w3"


def test_a_source_that_fails_ends_the_import_and_says_how_it_goes_on(pact_broker, tally, live_broker):
    source = pact_broker("pact-broker-2.120")
    source.answers("GET", PACT.format("w3"), Answer({"error": {"message": "too busy"}}, 503))

    told = tally("import", "--from", source.base_url, "-b", live_broker, "--retries", 0)

    assert told.code == 2
    assert "too busy" in told.err
    assert "the same command continues where it stopped." in told.err
