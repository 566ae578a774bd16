"""Where we decided to differ from the Pact Broker, or not to: docs/api-differences.md gives the reasons."""

import pytest
from support.decisions_over_http import Api
from support.factories import a_publication


@pytest.fixture
def api(broker):
    return Api(broker)


def rows(answer):
    assert answer.status_code == 200, answer.text
    return [
        (
            row["consumer"]["version"]["number"],
            row["provider"]["version"] and row["provider"]["version"]["number"],
            row["verificationResult"] and row["verificationResult"]["success"],
        )
        for row in answer.json["matrix"]
    ]


def summary(answer):
    assert answer.status_code == 200, answer.text
    return answer.json["summary"]


def environment(broker, name):
    return broker.get(f"/environments?name={name}").json["_embedded"]["environments"][0]


def test_several_versions_on_a_branch_are_all_asked_about_without_a_target(broker, api):
    for number in ("1", "2"):
        api.version("Foo", number, "on", "main")
        api.pact("Foo", number, "with", "Bar")
    api.failed("Bar", "7", "Foo", "1")

    answer = broker.get("/matrix?q[][pacticipant]=Foo&q[][branch]=main")

    assert rows(answer) == [("2", None, None), ("1", "7", False)]
    assert summary(answer)["deployable"] is None


def test_the_results_of_one_provider_version_are_those_that_its_consumers_see(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.failed("Bar", "7", "Foo", "1")
    api.verified("Bar", "7", "Foo", "1")

    of_provider = rows(broker.get("/matrix?q[][pacticipant]=Bar&q[][version]=7"))
    of_consumer = rows(broker.get("/matrix?q[][pacticipant]=Foo&q[][version]=1"))
    newest = rows(broker.get("/matrix?q[][pacticipant]=Bar&q[][version]=7&latestby=cvpv"))

    assert of_provider == of_consumer == [("1", "7", True), ("1", "7", False)]
    assert newest == [("1", "7", True)]


@pytest.mark.parametrize("where", ["q[][environment]=prodcution", "q[][version]=1&environment=prodcution"])
def test_an_environment_that_does_not_exist_is_refused_wherever_it_is_named(broker, api, where):
    api.pact("Foo", "1", "with", "Bar")

    answer = broker.get(f"/matrix?q[][pacticipant]=Foo&{where}")

    assert (answer.status_code, answer.json) == (
        400,
        {"errors": ["Environment 'prodcution' does not exist (did you mean 'production'?)"]},
    )


@pytest.mark.parametrize(
    "ignored", ["ignore[][pacticipant]=Bar", "ignore[][pacticipant]=Bar&ignore[][version]=7"]
)
def test_what_is_ignored_is_not_missed_when_a_filter_hides_it(broker, api, ignored):
    api.pact("Foo", "1", "with", "Bar")
    api.failed("Bar", "7", "Foo", "1")
    api.deployed("Bar", "7", "production")
    question = "/matrix?q[][pacticipant]=Foo&q[][version]=1&environment=production&success[]=true"

    assert summary(broker.get(f"{question}&{ignored}"))["deployable"] is True
    assert summary(broker.get(question))["deployable"] is None


@pytest.mark.parametrize(
    "question",
    [
        "/can-i-deploy?pacticipant=Bar&version=7&to=porduction",
        "/pacticipants/Bar/latest-version/dev/can-i-deploy/to/porduction",
        "/matrix?q[][pacticipant]=Bar&q[][version]=7&tag=porduction&latest=true",
        "/matrix?q[][pacticipant]=Bar&q[][version]=7&branch=porduction",
    ],
)
def test_a_target_that_nobody_has_is_said(broker, api, question):
    api.pact("Foo", "1", "with", "Bar")
    api.verified("Bar", "7", "Foo", "1")
    broker.put("/pacticipants/Bar/versions/7/tags/dev", json={})

    answer = broker.get(question).json

    assert answer["summary"]["deployable"] is True
    (warning,) = (notice for notice in answer["notices"] if "porduction" in notice["text"])
    assert (warning["type"], "check the name" in warning["text"]) == ("warning", True)


def test_no_version_with_the_tag_that_is_asked_about_is_not_found(broker, api):
    api.version("Bar", "7")

    answer = broker.get("/pacticipants/Bar/latest-version/nope/can-i-deploy/to/production")

    assert (answer.status_code, answer.json) == (404, {"error": "Bar has no version with the tag nope"})


def test_a_branch_may_be_the_target(broker, api):
    api.pact("Foo", "1", "with", "Bar")
    api.version("Bar", "7", "on", "release")
    api.version("Bar", "8", "on", "main")
    api.failed("Bar", "7", "Foo", "1")
    api.verified("Bar", "8", "Foo", "1")
    question = "/matrix?q[][pacticipant]=Foo&q[][version]=1&latest=true"

    assert rows(broker.get(f"{question}&branch=release")) == [("1", "7", False)]
    assert rows(broker.get(f"{question}&branch=main")) == [("1", "8", True)]


def test_what_is_deployed_is_listed_newest_first_and_what_is_released_oldest_first(broker, api):
    for name, number in (("Foo", "1"), ("App", "2"), ("Zoo", "3")):
        api.version(name, number)
        api.deployed(name, number, "production")
        api.released(name, number, "production")
    links = environment(broker, "production")["_links"]

    deployed = broker.get(links["pb:currently-deployed-deployed-versions"]["href"]).json
    released = broker.get(links["pb:currently-supported-released-versions"]["href"]).json

    assert [
        item["_embedded"]["pacticipant"]["name"] for item in deployed["_embedded"]["deployedVersions"]
    ] == [
        "Zoo",
        "App",
        "Foo",
    ]
    assert [
        item["_embedded"]["pacticipant"]["name"] for item in released["_embedded"]["releasedVersions"]
    ] == [
        "Foo",
        "App",
        "Zoo",
    ]


def test_the_places_of_a_version_and_of_an_application_are_listed_oldest_first(broker, api):
    api.version("Foo", "1")
    for name in ("test", "production"):
        api.deployed("Foo", "1", name)
        api.released("Foo", "1", name)

    version = broker.get("/pacticipants/Foo/versions/1").json["_links"]
    application = broker.get("/pacticipants/Foo").json["_links"]

    lists = (
        version["pb:deployed-environments"],
        version["pb:released-environments"],
        application["pb:deployed-environments"],
    )
    assert [[link["name"] for link in found] for found in lists] == [["Test", "Production"]] * 3


def test_the_status_of_webhooks_is_listed_oldest_first(broker):
    for name in ("b", "a", "c"):
        hook = {"events": [{"name": "contract_published"}], "request": {"url": f"https://{name}.example.org"}}
        assert broker.post("/webhooks", json=hook).status_code == 201
    broker.post("/contracts/publish", json=a_publication())

    status = broker.get("/pacts/provider/Orders/consumer/Shop/webhooks/status").json

    names = [item["name"] for item in status["_embedded"]["triggeredWebhooks"]]
    assert names == ["POST b.example.org", "POST a.example.org", "POST c.example.org"]


LISTS = [
    "/pacticipants?q=ho&size=1",
    "/pacticipants/label/team?q=ho",
    "/pacticipants/Shop/branches?q=ma",
    "/pacticipants/Shop/versions?size=2&page=1",
    "/labels?size=5",
    "/environments?name=test",
    "/integrations?q=ho&page=1&size=1",
]


@pytest.mark.parametrize("path", LISTS)
def test_the_self_link_of_a_list_leads_to_the_list_that_was_asked_for(broker, path):
    broker.post("/contracts/publish", json=a_publication())
    broker.put("/pacticipants/Shop/labels/team", json={})

    found = broker.get(path, headers={"Accept": "application/hal+json"}).json

    assert found["_links"]["self"]["href"] == f"http://localhost{path}"


def test_the_self_link_of_what_is_deployed_has_its_filter(broker):
    url = environment(broker, "test")["_links"]["pb:currently-deployed-deployed-versions"]["href"]

    found = broker.get(f"{url}?pacticipant=My%20Shop&target=").json

    assert found["_links"]["self"]["href"] == f"{url}?pacticipant=My+Shop&target="
