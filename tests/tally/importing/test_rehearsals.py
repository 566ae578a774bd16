"""A dry run refuses what the real run refuses, and for the same reasons."""

import pytest
from support.factories import a_pact, an_interaction
from support.pact_broker import PactBroker

LONG = "x" * 501


@pytest.fixture
def tables(database):
    """Return how many rows each table has."""

    def count():
        with database.connection() as connection:
            names = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).scalars()
            return {
                name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar()  # noqa: S608 - a table
                for name in names.all()
            }

    return count


def a_broker_full_of_refusals():
    """A broker with what is right, and each kind of what a Tallystick refuses."""
    source = PactBroker()
    source.pacticipant("Shop", mainBranch="main", _embedded={"labels": [{"name": "team"}]})
    source.pacticipant("Pay", _embedded={"labels": [{"name": LONG}]})
    source.pacticipant("Old", mainBranch="a main branch")
    source.pacticipant(LONG[:256])
    source.version("Shop", "1", branch="main", tags=("prod", "dev"), buildUrl="https://ci.example.org/1")
    source.version("Shop", "2", branch="main")
    source.version("Shop", "3", tags=(LONG,))
    source.version("Shop", "4", branch=LONG)
    source.version("Shop", "5", buildUrl=f"https://ci.example.org/{'x' * 2048}")
    source.version("Shop", LONG, branch="main")
    source.version("Pay", "p1", branch="trunk")
    source.version("Old", "o\t1")
    source.version(LONG[:256], "1")
    _contracts(source)
    _places(source)
    _webhooks(source)
    return source


def _contracts(source):
    good = source.publish("Shop", "1", "Pay", a_pact(consumer="Shop", provider="Pay"))
    source.publish("Shop", "2", "Pay", a_pact(an_interaction("two"), consumer="Web", provider="Pay"))
    source.publish("Shop", "3", "Pay", a_pact(an_interaction("3"), consumer="Shop", provider="Pay"))
    source.publish("Shop", LONG, "Pay", a_pact(an_interaction("4"), consumer="Shop", provider="Pay"))
    source.publish("Shop", "1", "New", a_pact(consumer="Shop", provider="New"))
    source.publish("Shop", "1", LONG[:256], a_pact(consumer="Shop", provider=LONG[:256]))
    results = (
        {"providerApplicationVersion": "p1"},
        {"providerApplicationVersion": "p2", "success": False},
        {"providerApplicationVersion": " "},
        {"providerApplicationVersion": LONG},
        {"buildUrl": "no address"},
        {"success": None},
        {"success": "yes"},
    )
    source.results = [(good, result) for result in results]


def _places(source):
    source.environment("production", production=True)
    source.environment("live")
    source.environment("two words")
    source.environment(LONG)
    source.record("deployed", "production", "Shop", "1", undeployedAt="2024-03-06T10:00:00+00:00")
    source.record("deployed", "production", "Shop", "2", applicationInstance=LONG)
    source.record("deployed", "live", "Shop", "1", applicationInstance="blue")
    source.record("deployed", "live", "Pay", "p2")  # which came with its result
    source.record("deployed", "live", "Pay", "p9")
    source.record("released", "live", "Shop", "3")  # which came with its pact
    source.record("released", "live", "Shop", "2", supportEndedAt="2024-03-07T10:00:00+00:00")
    source.record("released", "live", "Shop", "5")
    source.record("deployed", "two words", "Shop", "1")


def _webhooks(source):
    shop = {"consumer": {"name": "Shop"}, "provider": {"name": "New"}}
    source.webhook("of-good-names-0001", **shop)
    source.webhook("of-a-label-0000001", consumer={"label": "team"})
    source.webhook("without-secret-001", request={"headers": {"Authorization": "****"}})
    source.webhook("of-nobody-00000001", consumer={"name": "Nobody"}, provider={"name": "Pay"})
    source.webhook("of-a-refused-00001", consumer={"name": LONG[:256]})
    source.webhook("short")
    source.webhook("to-no-address-0001", request={"url": "not an address"}, **shop)
    source.webhook("to-a-template-0001", request={"url": "https://${pactbroker.consumerName}/x"})
    source.webhook("by-get-00000000001", request={"method": "GET"})
    source.webhook("by-http-0000000001", request={"url": "http://ci.example.org"})
    source.webhook("with-secret-000001", request={"body": {"token": "${secret.ci}"}})
    source.webhook("of-no-event-000001", events=[{"name": "contract_pubished"}])
    source.webhook("with-long-name-001", description="x" * 1001)


def test_a_dry_run_and_the_real_run_refuse_the_same(copy, tables):
    before = tables()

    dry_code, dry = copy(a_broker_full_of_refusals(), "--dry-run")
    after_dry_run = tables()
    code, real = copy(a_broker_full_of_refusals())

    assert after_dry_run == before
    assert dry["problems"] == real["problems"]
    assert dry["copied"] == real["copied"]
    assert dry["notes"] == real["notes"]
    assert (dry_code, code) == (1, 1)
    kinds = ("The pacticipant", "Version", "The pact of", "Result", "The environment", "The deployment of")
    for kind in (*kinds, "The release of", "The webhook"):
        assert [problem for problem in dry["problems"] if problem.startswith(kind)], kind
    webhooks = [problem for problem in dry["problems"] if problem.startswith("The webhook")]
    assert len(webhooks) >= 7


def test_a_dry_run_sees_what_the_target_has_already(copy, tables):
    first = PactBroker()
    first.pacticipant("Shop", mainBranch="trunk")
    first.version("Shop", "1", branch="main", tags=("prod",))
    first.publish("Shop", "1", "Pay", a_pact(an_interaction("other"), consumer="Shop", provider="Pay"))
    first.environment("live")
    first.record("deployed", "live", "Shop", "1")
    copy(first)
    before = tables()

    _, dry = copy(a_broker_full_of_refusals(), "--dry-run")
    after_dry_run = tables()
    _, real = copy(a_broker_full_of_refusals())

    assert after_dry_run == before
    assert dry["problems"] == real["problems"]
    assert dry["copied"] == real["copied"]
    assert dry["present"] == real["present"]
    assert "mainBranch is 'main' in the source, and stays 'trunk'" in dry["problems"][0]


def test_a_dry_run_of_what_is_right_says_what_the_real_run_copies(copy):
    source = PactBroker()
    source.pacticipant("Shop")
    source.version("Shop", "1", branch="main")
    pact = source.publish("Shop", "1", "Pay", a_pact(consumer="Shop", provider="Pay"))
    source.results = [(pact, {})]
    source.environment("live")
    source.record("deployed", "live", "Shop", "1")
    source.webhook("of-good-names-0001", consumer={"name": "Shop"}, provider={"name": "Pay"})

    dry_code, dry = copy(source, "--dry-run")
    _, real = copy(source)

    assert (dry_code, dry["problems"]) == (0, [])
    assert dry["copied"] == real["copied"] != {}
