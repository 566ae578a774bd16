"""What an import asks at its end: of what is deployed, and of what has contracts with it."""

import pytest
from support.factories import a_pact
from support.pact_broker import PactBroker

from broker.web import cached_counts


@pytest.fixture
def landscape():
    """Thirty applications and four environments; the first three use the last one, which is in production."""
    source = PactBroker()
    for number in range(30):
        name = f"App {number}"
        source.pacticipant(name, mainBranch="main")
        source.version(name, "1", branch="main")
        source.version(name, "2", branch="main")
    for number in range(3):
        source.publish(f"App {number}", "2", "App 29", a_pact(consumer=f"App {number}", provider="App 29"))
    for name in ("test", "uat", "live", "production"):
        source.environment(name, production=name == "production")
    return source


def questions(copy):
    asked = [dict(asked.query) for asked in copy.asked if asked.path == "/matrix"]
    return sorted((query["q[][version]"], query["environment"]) for query in asked if "environment" in query)


def test_only_what_can_be_said_of_a_deployment_is_asked(copy, landscape):
    landscape.record("deployed", "production", "App 29", "1")

    _, report = copy(landscape)

    # Of the three consumers the newest version; of the provider also the one that is there.
    assert questions(copy) == [("1", "production"), *[("2", "production")] * 4]
    assert report["comparison"]["canIDeploy"]["asked"] == 5


def test_what_is_released_is_there_as_well(copy, landscape):
    landscape.record("released", "uat", "App 0", "1")

    copy(landscape, "--compare-only")

    assert questions(copy) == [("1", "uat"), ("2", "uat"), ("2", "uat")]


def test_nothing_is_asked_where_nothing_is_deployed_and_that_is_said(copy, landscape):
    _, report = copy(landscape)
    told = copy.text(landscape, "--compare-only")

    assert report["comparison"]["canIDeploy"]["asked"] == 0
    assert questions(copy) == []
    assert "can-i-deploy: nothing was asked, as nothing is deployed or released." in told.out


def test_counts_that_are_of_before_the_import_are_not_compared(copy, landscape, monkeypatch):
    monkeypatch.setattr(cached_counts, "LONG", 0.0)  # each count is kept for a hundred times its duration
    copy(landscape)
    landscape.version("App 1", "3", branch="main")

    code, report = copy(landscape)

    assert report["copied"] == {"versions": 1, "branch versions": 1}
    assert {count["what"]: count["target"] for count in report["comparison"]["counts"]}["versions"] == 61
    assert code == 0
