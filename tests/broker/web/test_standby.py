"""A standby answers what is shown to people: never less than who asks has written, and never a decision."""

import random
import re
from collections import Counter
from contextlib import suppress
from threading import Thread

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from support.factories import a_pact, a_publication
from support.filling_forms import Person
from support.reading_pages import A_BROWSER, Page
from support.receivers import wait_until
from support.standby import replicated
from support.standby_processes import LAG, Process

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits
from broker.storage.failures import UnknownOutcomeError
from broker.storage.positions import SLACK, Position
from broker.storage.standby import FIRST_PAUSE, Reason, StandbyUnusableError
from broker.web.lagging import is_marked

LISTS = "/pacticipants"
MARKED = {
    "badges.latest_pact",
    "badges.latest_tagged_pact",
    "badges.latest_untagged_pact",
    "badges.tagged_versions",
    "dashboard.index",
    "dashboard.of_pair",
    "pages.applications",
    "pages.badges",
    "pages.between_contents",
    "pages.branch",
    "pages.branches",
    "pages.compare",
    "pages.comparison",
    "pages.compatibility_of_documents",
    "pages.contracts",
    "pages.deployments",
    "pages.environment",
    "pages.environments",
    "pages.group",
    "pages.history",
    "pages.index",
    "pages.interaction_history",
    "pages.latest_branch_pact",
    "pages.latest_pact",
    "pages.latest_result",
    "pages.latest_tagged_pact",
    "pages.latest_untagged_pact",
    "pages.logs",
    "pages.network",
    "pages.network_in_dot",
    "pages.network_svg",
    "pages.pact",
    "pages.pact_content",
    "pages.pacticipant",
    "pages.result",
    "pages.results",
    "pages.scenario_result",
    "pages.search",
    "pages.service_contract",
    "pages.settings",
    "pages.show_insights",
    "pages.since_previous",
    "pages.since_version",
    "pages.versions",
    "pages.webhook",
    "pages.webhooks",
}


@pytest.fixture(scope="module")
def pair():
    with replicated(is_synchronous=False) as pair:
        yield pair


@pytest.fixture
def start(pair):
    """Start a process; the standby replays again afterwards."""
    started = []
    pair.resume()

    def make(**options):
        started.append(Process(pair.first_url, pair.standby_url, **options))
        return started[-1]

    yield make
    pair.resume()
    for process in started:
        process.close()


def names(client, **headers):
    answer = client.get(LISTS, headers={**A_BROWSER, **headers})
    assert answer.status_code == 200, answer.text
    return {row[0].split()[0] for row in Page(answer).rows}


def write(client, name, **headers):
    answer = client.post("/pacticipants", json={"name": name}, headers=headers)
    assert answer.status_code == 201, answer.text


def written_by(process):
    """Return the name of the cookie with what was written, as an answer sets it."""
    answer = process.client().post("/environments", json={}, headers=by_a_browser())
    [cookie] = answer.headers.getlist("Set-Cookie")
    return cookie.partition("=")[0]


def by_a_browser():
    return {"Sec-Fetch-Site": "same-origin"}


def test_these_views_may_lag_and_no_other(broker):
    views = broker.application.view_functions

    marked = {endpoint for endpoint, view in views.items() if is_marked(view)}

    assert marked == MARKED


def test_none_of_them_is_of_accounts_of_the_audit_log_a_form_or_a_decision_but_for_badges_of_results(broker):
    modules = {broker.application.view_functions[name].__module__ for name in MARKED}

    rooms = {module.removeprefix("broker.web.") for module in modules}
    assert not [room for room in rooms if re.search(r"accounts|audit|forms|gates|secrets|deletions", room)]
    assert {room for room in rooms if "decisions" in room} == {
        "api.decisions.badges",
        "pages.decisions.badges",
    }
    assert {room for room in rooms if room.startswith("api.")} == {
        "api.decisions.badges",
        "api.dashboard.dashboard",
    }


def test_a_page_is_read_from_the_standby_alone(start, pair):
    process = start()
    write(process.client(), "FromStandby")
    pair.resume()
    process.look()

    assert "FromStandby" in names(process.client())
    assert process.asked["primary"] == []
    first = len(process.asked["standby"])
    process.forget()
    assert "FromStandby" in names(process.client())
    assert len(process.asked["standby"]) == first - 1  # where the standby is was known
    assert process.reads() == {("standby", ""): 2}


def test_what_this_process_has_written_is_shown_at_once(start, pair):
    process = start()
    pair.pause()

    write(process.client(), "OfThisProcess")

    assert "OfThisProcess" in names(process.client())
    assert process.reads() == {("primary", "behind"): 1}


def test_a_form_sets_a_cookie_with_which_every_process_shows_what_it_wrote(start, pair):
    writer, reader = start(), start()
    person = Person(writer.client())
    person.visit("/environments/new")
    pair.pause()

    person.send(name="cookie-land")

    name = written_by(writer)
    cookie = person.client.get_cookie(name)
    assert re.fullmatch("tally-written-[0-9a-f]{8}", name)
    assert Position.read(cookie.value)
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", LAG + SLACK + 2)
    person.client.application = reader.app
    assert "Cookie Land" in person.visit("/environments").text
    assert "Cookie Land" not in Page(reader.client().get("/environments", headers=A_BROWSER)).text


def test_what_the_explorer_of_the_api_wrote_is_shown_as_well(start, pair):
    writer, reader = start(), start()
    client = writer.client()
    pair.pause()

    write(client, "ByExplorer", **by_a_browser())

    client.application = reader.app
    assert "ByExplorer" in names(client)
    write(pipeline := writer.client(), "ByPipeline")
    assert pipeline.get_cookie(written_by(writer)) is None


def test_who_has_seen_something_at_the_primary_is_not_shown_less_by_the_standby(start, pair):
    writer, reader = start(), start()
    client = reader.client()
    pair.pause()
    write(writer.client(), "SeenOnce")

    on_a_page_of_the_primary = client.get("/pacticipants/SeenOnce/edit", headers=A_BROWSER)

    assert "SeenOnce" in on_a_page_of_the_primary.text
    assert "SeenOnce" in names(client)
    assert "SeenOnce" not in names(reader.client())


def test_what_others_wrote_is_shown_after_some_seconds_however_slow_the_standby_is(start, pair):
    writer, reader = start(), start()
    pair.pause()
    write(writer.client(), "OfOthers")
    reader.look()

    assert "OfOthers" not in names(reader.client())
    reader.look(LAG - 1)
    assert "OfOthers" not in names(reader.client())
    reader.look(2)
    assert "OfOthers" in names(reader.client())


def test_nothing_is_read_from_the_standby_when_the_primary_was_not_looked_at(start):
    process = start()
    process.clock.now += LAG + SLACK + 0.1

    names(process.client())

    assert process.reads() == {("primary", "unknown"): 1}


def test_decisions_are_always_new(start, pair):
    writer, reader = start(), start()
    pair.pause()
    published = writer.client().post(
        "/contracts/publish", json=a_publication(a_pact(consumer="Till", provider="Bank"))
    )
    assert published.status_code == 200
    result = {"success": True, "providerApplicationVersion": "1"}
    [link] = [each["href"] for each in published.json["_links"]["pb:contracts"]]
    pact = writer.client().get(link.removeprefix("http://localhost")).json
    url = pact["_links"]["pb:publish-verification-results"]["href"].removeprefix("http://localhost")
    assert writer.client().post(url, json=result).status_code == 201

    asked = "?q[]pacticipant=Till&q[]version=1&q[]pacticipant=Bank&q[]version=1"
    for path in ("/matrix", "/can-i-deploy?pacticipant=Till&version=1&to=nowhere"):
        reader.client().get(path + (asked if path == "/matrix" else ""))
        reader.client().get(path + (asked if path == "/matrix" else ""), headers=A_BROWSER)
    assert reader.client().get("/matrix" + asked).json["summary"]["deployable"] is True
    assert len(reader.client().get("/pacts/provider/Bank/for-verification").json["_embedded"]["pacts"]) == 1
    assert reader.client().get("/pacticipants/Till").status_code == 200
    assert reader.asked["standby"] == []


def test_what_the_standby_does_not_have_yet_is_found_nevertheless(start, pair):
    writer, reader = start(), start()
    pair.pause()
    write(writer.client(), "NotThereYet")

    assert "NotThereYet" in reader.client().get("/pacticipants/NotThereYet", headers=A_BROWSER).text
    assert reader.client().get("/pacticipants/Nowhere", headers=A_BROWSER).status_code == 404
    assert reader.reads() == {("primary", "not_found"): 1}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "-",
        "1-",
        "1-zz",
        "1--5",
        "-1-5",
        "1-5;x",
        "1-" + "f" * 17,
        "1" * 9 + "-1",
        "1-\u0663",
        "\x7f",
        "'",
    ],
)
def test_a_cookie_that_is_no_position_is_ignored(start, value):
    process = start()
    client = process.client()
    client.set_cookie(written_by(process), value)

    names(client, **{"Tally-Position": value})

    assert process.reads() == {("standby", ""): 1}


@pytest.mark.parametrize("value", ["1-ffffffffffffffff", "ffffffff-1", "2-0"])
def test_a_cookie_from_nowhere_leads_to_the_primary(start, value):
    process = start()
    client = process.client()
    client.set_cookie(written_by(process), value)

    assert client.get("/", headers=A_BROWSER).status_code == 200
    assert process.reads() == {("primary", "behind"): 1}


def test_a_page_that_an_event_made_ask_again_has_the_change(start, pair):
    writer, teller, reader = start(), start(), start()
    teller.database.newest_changes()
    pair.pause()
    writer.client().post(
        "/contracts/publish", json=a_publication(a_pact(consumer="EventShop", provider="EventBank"))
    )

    teller.database.newest_changes()

    position = str(teller.database.standby.known.reached)
    assert "EventShop" not in names(reader.client())
    assert "EventShop" in names(reader.client(), **{"Tally-Position": position})
    assert "EventShop" in names(teller.client())


def test_what_a_client_has_already_is_compared_with_what_it_must_be_shown(start, pair):
    writer, reader = start(), start()
    old = {"If-None-Match": writer.client().get("/dashboard").headers["ETag"]}
    pair.pause()
    writer.client().post(
        "/contracts/publish", json=a_publication(a_pact(consumer="TagShop", provider="TagBank"))
    )

    new = {**old, "Tally-Position": str(writer.database.standby.position())}
    assert reader.client().get("/dashboard", headers=old).status_code == 304
    assert reader.client().get("/dashboard", headers=new).status_code == 200


def test_badges_and_metrics_are_read_from_the_standby(start):
    process = start()

    badge = process.client().get("/pacts/provider/Bank/consumer/Till/latest/badge.svg")
    counts = process.client().get("/metrics")

    assert (badge.status_code, counts.status_code) == (200, 200)
    assert process.asked["primary"] == []
    exposed = process.client().get("/metrics", headers={"Accept": "text/plain"}).text
    assert "tally_standby_up 1.0" in exposed
    assert re.search(r"tally_standby_lag_bytes \d", exposed)
    assert "tally_standby_lag_seconds 0.0" in exposed


def test_how_far_the_standby_is_behind_is_measured(start, pair):
    process = start()
    pair.pause()
    write(process.client(), "Behind")

    process.look(LAG + 2)

    lag, trouble = process.database.standby.lag, process.database.standby.trouble
    assert lag[0] > 0
    assert lag[1] == LAG + 1
    assert trouble == f"it is more than {LAG + 1} s behind"
    pair.resume()
    process.look(1)
    assert process.database.standby.lag == (0, 0.0)
    assert process.database.standby.trouble == ""


def test_the_primary_answers_while_the_standby_is_away_and_it_is_not_asked_each_time(start, pair):
    process = start()
    names(process.client())
    pair.control_standby("-m", "immediate", "stop")
    try:
        process.forget()
        assert names(process.client()) == names(process.client())
        assert len(process.asked["standby"]) <= 1
        assert process.reads() == {("standby", ""): 1, ("primary", "away"): 2}
        process.look(2)
        write(process.client(), "WhileAway")
        assert "WhileAway" in names(process.client())
    finally:
        pair.start_standby()
    process.look(FIRST_PAUSE + 1)
    pair.resume()
    process.forget()
    assert "WhileAway" in names(process.client())
    assert process.asked["primary"] == []


def test_what_recovery_cancels_is_no_reason_to_leave_the_standby(start, pair):
    process = start()
    found = []

    def read():
        try:
            with process.database.standby.reading() as storage:
                storage.connection.execute(
                    text("SELECT 1 FROM pg_sleep(20), (SELECT count(*) FROM labels) AS counted")
                )
        except StandbyUnusableError as error:
            found.append(error.reason)

    reading = Thread(target=read)
    reading.start()
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with psycopg.connect(pair.standby_url, autocommit=True) as standby:
        wait_until(lambda: standby.execute(sleeping).fetchone() == (1,))
    with psycopg.connect(pair.first_url, autocommit=True) as first:
        first.execute("ALTER TABLE labels ADD COLUMN gone integer")
        first.execute("ALTER TABLE labels DROP COLUMN gone")
    reading.join(30)

    assert found == [Reason.CONFLICT]
    assert process.database.standby.out_of_use is None


def test_a_statement_that_takes_too_long_is_left_to_the_primary(pair):
    database = Database(pair.first_url)
    database.read_also_from(pair.standby_url, Limits(statement_timeout=1), longest_lag=LAG)
    database.standby.look()

    with pytest.raises(StandbyUnusableError, match="away"), database.standby.reading() as storage:
        storage.connection.execute(text("SELECT 1 FROM pg_sleep(20)"))

    assert "statement timeout" in database.standby.trouble
    assert database.read_shown(lambda storage: storage.connection.scalar(text("SELECT 1"))) == 1
    database.close()


def test_nothing_can_be_written_through_it(start):
    process = start()

    with pytest.raises(StandbyUnusableError, match="failed"), process.database.standby.reading() as storage:
        storage.connection.execute(text("DELETE FROM labels"))


def test_a_server_that_takes_changes_is_no_standby(pair):
    process = Process(pair.first_url, pair.first_url)

    names(process.client())

    assert process.database.standby.trouble == "it is not a standby: it takes changes itself"
    assert process.reads() == {("primary", "not_a_standby"): 1}
    process.close()


def test_a_standby_of_another_database_is_not_read(pair):
    with psycopg.connect(pair.first_url, autocommit=True) as first:
        first.execute("CREATE DATABASE other")
    pair.resume()

    process = Process(pair.first_url, pair.standby_url.replace("/postgres?", "/other?"))

    names(process.client())
    assert process.database.standby.trouble == "it is not a copy of the database of TALLY_DATABASE_URL"
    assert process.reads() == {("primary", "other_database"): 1}
    process.close()


def test_what_a_migration_added_before_the_process_began_must_be_on_the_standby(start, pair):
    pair.pause()
    with psycopg.connect(pair.first_url, autocommit=True) as first:
        first.execute("CREATE TABLE added_by_a_migration (id integer)")

    process = start()

    names(process.client())
    assert process.reads() == {("primary", "behind"): 1}
    pair.resume()
    process.look()
    names(process.client())
    assert process.asked["primary"] == []


def test_a_commit_that_fails_is_told_as_without_a_standby(start):
    process = start()
    client = process.client()
    before = process.database.standby.known.reached

    assert client.post("/pacticipants", json={"name": ""}).status_code == 400
    assert client.put("/pacticipants/Nobody", json={"name": "Nobody"}).status_code == 404

    assert process.database.standby.known.reached == before  # nothing was written


def test_no_browser_is_ever_shown_less_than_it_wrote_or_saw(start, pair):
    chance = random.Random(18)  # noqa: S311 - no secret
    processes = [start(), start()]
    browsers = {processes[0].client(): set() for _ in range(3)}
    is_paused = False
    for number in range(120):
        client = chance.choice([*browsers])
        client.application = chance.choice(processes).app
        step = chance.choice(["write", "read", "read", "read", "pause", "look"])
        if step == "write":
            name = f"Walk{number}"
            write(client, name, **by_a_browser())
            browsers[client].add(name)
        elif step == "read":
            shown = names(client)
            assert browsers[client] <= shown
            browsers[client] |= {name for name in shown if name.startswith("Walk")}
        elif step == "pause":
            (pair.resume if is_paused else pair.pause)()
            is_paused = not is_paused
        else:
            chance.choice(processes).look(1)
    answered = Counter()
    for process in processes:
        answered.update(process.reads())
    assert min(answered["standby", ""], answered["primary", "behind"]) > 5, answered


def test_after_a_fail_over_the_server_that_is_the_standby_now_is_read():
    with replicated(is_synchronous=False) as pair:
        process = Process(pair.url, pair.url.replace("=read-write", "=standby"))
        names(process.client())
        pair.resume()

        pair.fail_over("fast")

        with suppress(SQLAlchemyError):  # the connection is one to the server that was stopped
            process.look()
        process.look()
        write(process.client(), "AfterFailOver")
        assert "AfterFailOver" in names(process.client())
        process.look(FIRST_PAUSE + 1)
        pair.resume()
        process.look(1)
        assert "AfterFailOver" in names(process.client())
        assert process.asked["primary"] == []
        process.close()


def test_a_page_of_the_primary_costs_one_statement_more_while_there_is_a_standby(start, pair):
    process, alone = start(), []
    database = Database(pair.first_url)
    event.listen(database._engine, "before_cursor_execute", lambda *said: alone.append(said[2]))  # noqa: SLF001 - as in Process
    create_app(Settings(), database).test_client().get(LISTS, headers=A_BROWSER)
    alone.clear()
    create_app(Settings(), database).test_client().get(LISTS, headers=A_BROWSER)
    database.close()

    names(process.client(), **{"Tally-Position": "1-ffffffffffffffff"})

    of_accounts = [said for said in alone if "accounts" in said]  # a new application looks for some
    assert len(process.asked["primary"]) == len(alone) - len(of_accounts) + 1


def end_session_of(storage, url):
    pid = storage.connection.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_commit_fails_with_a_standby_as_it_does_without(start, pair):
    process = start()
    known = process.database.standby.known
    deferred = (
        "CREATE TEMP TABLE parent (id integer PRIMARY KEY); CREATE TEMP TABLE child "
        "(id integer REFERENCES parent DEFERRABLE INITIALLY DEFERRED); INSERT INTO child VALUES (1)"
    )
    with pytest.raises(IntegrityError), process.database.transaction() as storage:
        storage.connection.exec_driver_sql(deferred)

    with pytest.raises(UnknownOutcomeError), process.database.transaction() as storage:
        end_session_of(storage, pair.first_url)

    assert known.reached.byte == 0  # nobody was told that anything was stored
    write(process.client(), "AfterFailures")
    assert known.reached.byte > 0


@pytest.mark.parametrize("database_url", ["pooler"], indirect=True)
def test_a_commit_tells_its_position_through_a_pooler(database_url):
    process = Process(database_url, database_url)

    write(process.client(), "Pooled")

    assert process.database.standby.known.reached.byte > 0
    assert "Pooled" in names(process.client())
    process.close()
