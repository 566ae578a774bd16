"""A clean-up on both databases: what goes, what stays, and that others may work meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import insert, inspect, select, text
from support.clocks import sqlite_clock
from support.contract_documents import an_openapi
from support.contracts_in_storage import Document, StoredContracts
from support.factories import NOON, a_pact, a_publication, a_verification_result, an_interaction

from broker.app import create_app
from broker.background import clean_up
from broker.background.clean_up import BusyError
from broker.background.clean_up_batches import Pace
from broker.domain.retention.policy import BranchSelector, KeepSelector, Policy
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.held_lease import HeldLease
from broker.storage.leases import CLEAN_UP
from broker.storage.tables import deliveries, delivery_attempts, metadata

pytestmark = pytest.mark.pooled

NOTHING = Policy(selectors=(), branch_selectors=(), overwritten_days=10**5)
LATER = NOON + timedelta(days=365)
WAITING = (  # pg_locks would tell of the databases of other tests as well
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Clock:
    """A clock that the test sets."""

    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def team(database, clock):
    """A client of a broker whose time the test sets."""
    settings = Settings(allow_dangerous_contract_modification=True)
    return create_app(settings, database, clock=clock).test_client()


def publish(team, number, *, content=None, branch="main", **changes):
    pact = a_pact(an_interaction(f"a request for {content or number}"))
    answer = team.post(
        "/contracts/publish", json=a_publication(pact, version=str(number), branch=branch, **changes)
    )
    assert answer.status_code == 200, answer.text
    return pact


def verify(team, number, provider_version, *, success=True):
    pact = team.get(f"/pacts/provider/Orders/consumer/Shop/version/{number}").json
    answer = team.post(
        pact["_links"]["pb:publish-verification-results"]["href"],
        json=a_verification_result(provider_version, success=success),
    )
    assert answer.status_code == 201, answer.text


def deploy(team, pacticipant, number, environment="test"):
    found = team.get("/environments").json["_embedded"]["environments"]
    [uuid] = [each["uuid"] for each in found if each["name"] == environment]
    answer = team.post(
        f"/pacticipants/{pacticipant}/versions/{number}/deployed-versions/environment/{uuid}", json={}
    )
    assert answer.status_code == 201, answer.text


def column(database, statement):
    with database.connection() as connection:
        return [row[0] for row in connection.execute(text(statement))]


def orphans(database):
    """Return every row that refers to one that is not there."""
    found = []
    with database.connection() as connection:
        for table in metadata.sorted_tables:
            for constraint in table.foreign_keys:
                there = select(constraint.column)
                rows = select(constraint.parent).where(
                    constraint.parent.is_not(None), constraint.parent.not_in(there)
                )
                found += [(table.name, row[0]) for row in connection.execute(rows)]
    return found


def test_versions_that_nothing_keeps_go_with_all_that_belongs_to_them(team, database):
    for number in range(1, 5):
        publish(team, number, tags=["dev"])
        verify(team, number, f"provider-{number}")
    deploy(team, "Shop", 2)
    policy = Policy(selectors=(KeepSelector(pacticipant="Orders"), KeepSelector(latest=True)))

    counts = clean_up.clean(database, policy, LATER)

    assert column(database, "SELECT number FROM versions WHERE number NOT LIKE 'p%' ORDER BY position") == [
        "2",
        "4",
    ]
    assert counts["versions"] == {"deleted": 2, "kept": 6}
    assert counts["pact_publications"] == {"deleted": 2, "kept": 2}
    assert counts["tags"] == {"deleted": 2, "kept": 2}
    assert counts["branch_versions"] == {"deleted": 2, "kept": 2}
    assert counts["verifications"] == {"deleted": 0, "kept": 4}
    assert orphans(database) == []


def test_contents_without_publication_and_result_go_too(team, database):
    for number in (1, 2):
        publish(team, number)
    verify(team, 1, "9")
    keep_the_result = Policy(selectors=(KeepSelector(pacticipant="Orders"),))

    first = clean_up.clean(database, keep_the_result, LATER)
    second = clean_up.clean(database, NOTHING, LATER)

    assert first["pact_versions"] == {"deleted": 1, "kept": 1}
    assert second["pact_versions"] == {"deleted": 1, "kept": 0}
    assert column(database, "SELECT count(*) FROM branch_successes") == [0]


def test_results_of_scenarios_go_with_the_last_version_that_took_part(team, database):
    publish(team, 1)
    body = {"title": "The shop", "success": True, "durationMs": 5}
    for number in ("1", "2"):
        took_part = [
            {"pacticipantName": "Shop", "pacticipantVersionNumber": number},
            {"pacticipantName": "Orders", "pacticipantVersionNumber": number},
        ]
        assert team.post("/scenario-results", json={**body, "participants": took_part}).status_code == 201
    keep_orders = Policy(selectors=(KeepSelector(pacticipant="Orders"),))

    first = clean_up.clean(database, keep_orders, LATER)
    second = clean_up.clean(database, NOTHING, LATER)

    assert first["scenario_result_versions"] == {"deleted": 2, "kept": 2}
    assert first["scenario_results"] == {"deleted": 0, "kept": 2}
    assert second["scenario_results"] == {"deleted": 2, "kept": 0}


def test_the_oldest_versions_go_first_and_the_limit_is_for_the_whole_run(team, database):
    for number in range(1, 31):
        publish(team, number, content="the same")

    counts = clean_up.clean(database, Policy(selectors=(), limit=25), LATER)

    assert counts["versions"] == {"deleted": 25, "kept": 5}
    assert column(database, "SELECT number FROM versions ORDER BY position") == ["26", "27", "28", "29", "30"]


def test_the_head_of_a_branch_becomes_the_latest_that_remains(team, database):
    for number in (1, 2, 3):
        publish(team, number, content="the same", tags=["old"] if number == 1 else [])

    policy = Policy(selectors=(KeepSelector(tag="old"),), branch_selectors=())
    clean_up.clean(database, policy, LATER)

    heads = "SELECT v.number FROM branches b JOIN versions v ON v.id = b.head_version_id"
    assert column(database, heads) == ["1"]


def test_a_clean_up_makes_no_pact_pending_again(team, database):
    publish(team, 1)
    verify(team, 1, "old")
    team.put("/pacticipants/Orders/branches/main/versions/old", json={})
    team.put("/pacticipants/Orders/branches/main/versions/new", json={})
    deploy(team, "Shop", 1)

    clean_up.clean(database, Policy(selectors=(KeepSelector(latest=True),)), LATER)

    asked = {"includePendingStatus": True, "providerVersionBranch": "main"}
    answer = team.post("/pacts/provider/Orders/for-verification", json=asked).json
    [pact] = answer["_embedded"]["pacts"]
    assert pact["verificationProperties"]["pending"] is False
    assert column(database, "SELECT number FROM versions WHERE number = 'old'") == []


def test_by_default_recent_versions_and_heads_stay(team, database, clock):
    publish(team, 1)
    publish(team, 2, branch="feature")
    publish(team, 3, tags=["prod"])
    publish(team, 4)
    clock.now = NOON + timedelta(days=50)
    publish(team, 5)
    publish(team, 6)

    clean_up.clean(database, Policy(), NOON + timedelta(days=100))

    # 2 goes with its branch, which is stale: nothing else keeps it.
    assert column(database, "SELECT number FROM versions ORDER BY position") == ["3", "5", "6"]
    assert column(database, "SELECT name FROM branches") == ["main"]


@pytest.mark.parametrize(("kept", "names"), [((), ["main"]), (("release",), ["main", "release"])])
def test_stale_branches_go_unless_they_are_main_or_kept_by_name(team, database, clock, kept, names):
    publish(team, 1, branch="main")
    publish(team, 2, branch="release")
    publish(team, 3, branch="feature")

    clock.now = NOON + timedelta(days=200)
    policy = Policy(branch_selectors=(BranchSelector(90), BranchSelector(names=kept)))
    counts = clean_up.clean(database, policy, clock.now)

    assert column(database, "SELECT name FROM branches ORDER BY name") == names
    assert counts["branches"] == {"deleted": 3 - len(names), "kept": len(names)}


OLD, NEW, MAIN = "old", "new", "main"


@pytest.mark.parametrize(
    ("selectors", "left"),
    [
        ("", {MAIN, NEW}),  # 90 days, as of the Pact Broker
        ("[]", {MAIN, NEW, OLD}),  # no branch goes
        ('[{"max_age": 90}]', {MAIN, NEW}),
        ('[{"maxAge": 101}]', {MAIN, NEW, OLD}),
        ('[{"max_age": 10}]', {MAIN}),
        ('[{"max_age": 10}, {"branch": "old"}]', {MAIN, OLD}),
        ('[{"branch": ["old", "new"]}]', {MAIN, NEW, OLD}),
        ('[{"max_age": 90, "branch": ["old"]}]', {MAIN, NEW, OLD}),  # a name is kept whatever its age
        ('[{"branch": "gone"}]', {MAIN}),
    ],
)
def test_a_branch_stays_when_a_selector_keeps_it_or_when_it_is_main(team, database, clock, selectors, left):
    clock.now = NOON - timedelta(days=100)
    publish(team, 1, branch=MAIN)
    publish(team, 2, branch=OLD)
    clock.now = NOON - timedelta(days=50)
    publish(team, 3, branch=NEW)
    settings = Settings(
        database_clean_keep_branch_selectors=selectors,
        database_clean_keep_version_selectors='[{"max_age": 999}]',
    )
    policy = clean_up.policy(settings)
    told = clean_up.plan(database, policy, NOON)

    counts = clean_up.clean(database, policy, NOON)

    assert set(column(database, "SELECT name FROM branches")) == left
    assert counts["versions"] == {"deleted": 0, "kept": 3}
    assert {branch.name for branch in told.branches.going} == {MAIN, NEW, OLD} - left


def test_a_main_branch_of_one_application_is_like_any_branch_of_another(team, database):
    for name in ("Shop", "Orders"):
        team.put(f"/pacticipants/{name}/branches/trunk/versions/1", json={})
    team.patch("/pacticipants/Shop", json={"mainBranch": "trunk"})

    clean_up.clean(database, Policy(), LATER)

    owners = "SELECT p.name FROM branches b JOIN pacticipants p ON p.id = b.pacticipant_id"
    assert column(database, owners) == ["Shop"]


def test_the_stalest_branches_go_first_with_the_versions_that_only_they_kept(team, database, clock, caplog):
    caplog.set_level("INFO", "broker.cleaning")
    publish(team, 1)
    for day in range(1, 5):
        clock.now = NOON + timedelta(days=day)
        publish(team, f"of-{day}", branch=f"branch-{day}")
    heads = '[{"latest": true, "branch": true}]'
    settings = Settings(database_clean_keep_version_selectors=heads, database_clean_branch_deletion_limit=2)
    policy = clean_up.policy(settings)

    told = clean_up.plan(database, policy, LATER)
    counts = clean_up.clean(database, policy, LATER)

    assert told.to_document()["counts"]["branchesToDelete"] == counts["branches"]["deleted"] == 2
    assert len(told.version_ids) == counts["versions"]["deleted"] == 2
    assert column(database, "SELECT number FROM versions ORDER BY position") == ["1", "of-3", "of-4"]
    assert "Deleted the branch branch-1 of Shop, stale since 2026-06-02" in caplog.messages


def test_a_branch_that_gets_a_version_or_becomes_main_meanwhile_stays(team, database, clock):
    for number in range(1, 31):
        publish(team, number, branch=f"branch-{number}", content="the same")
    one, other = column(database, "SELECT name FROM branches ORDER BY id DESC LIMIT 2")  # of the last batch
    clock.now = LATER

    def change_two(_seconds):
        publish(team, 99, branch=one, content="the same")
        team.patch("/pacticipants/Shop", json={"mainBranch": other})

    clean_up.clean(database, Policy(), LATER, pace=Pace(change_two))

    assert column(database, "SELECT name FROM branches ORDER BY name") == sorted([one, other])


def test_what_was_overwritten_goes_after_some_days(team, database):
    for content in ("a", "b", "c"):
        publish(team, 1, content=content, onConflict="merge")
        team.put("/pacts/provider/Orders/consumer/Shop/version/1", json=a_pact(an_interaction(content)))
    for _ in range(3):
        verify(team, 1, "9", success=False)
    everything = Policy(selectors=(KeepSelector(max_age=999),))

    early = clean_up.clean(database, everything, NOON + timedelta(days=6))
    late = clean_up.clean(database, everything, NOON + timedelta(days=8))

    assert early["pact_publications"]["deleted"] == 0
    assert early["verifications"]["deleted"] == 0
    assert late["pact_publications"]["kept"] == 1
    assert late["verifications"] == {"deleted": 2, "kept": 1}
    assert late["pact_versions"]["kept"] == 1
    assert team.get("/pacts/provider/Orders/consumer/Shop/latest").status_code == 200


def test_a_dry_run_counts_and_deletes_nothing(team, database):
    for number in range(1, 5):
        publish(team, number, branch="main" if number < 4 else "feature")
    policy = Policy(selectors=(KeepSelector(latest=True),), limit=2)

    report = clean_up.plan(database, policy, LATER).to_document()

    assert report["counts"] == {
        "totalVersions": 4,
        "versionsToDelete": 2,
        "versionsNotToKeep": 3,
        "versionsToKeep": 1,
        "versionsToKeepBySelector": [
            {"selector": {"latest": True}, "count": 1},
            {"selector": {"deployed": True}, "count": 0},
            {"selector": {"released": True}, "count": 0},
        ],
        "totalBranches": 2,
        "branchesToDelete": 1,
        "branchesToKeep": 1,
        "branchesToKeepBySelector": [{"selector": {"max_age": 90}, "count": 0}],
    }
    moment = "2026-06-01T12:00:00+00:00"
    assert report["summary"][1] == {
        "pacticipant": "Shop",
        "toKeep": {
            "count": 1,
            "firstVersion": {"number": "4", "createdAt": moment},
            "lastVersion": {"number": "4", "createdAt": moment},
        },
        "notToKeep": {
            "count": 3,
            "firstVersion": {"number": "1", "createdAt": moment},
            "lastVersion": {"number": "3", "createdAt": moment},
        },
        "branchesToDelete": [{"name": "feature", "updatedAt": moment}],
    }
    assert column(database, "SELECT count(*) FROM versions") == [4]


def test_what_is_deployed_between_decision_and_deletion_stays(team, database):
    for number in range(1, 31):
        publish(team, number, content="the same")

    def deploy_one(_seconds):
        if column(database, "SELECT count(*) FROM deployed_versions") == [0]:
            deploy(team, "Shop", 30)

    clean_up.clean(database, NOTHING, LATER, pace=Pace(deploy_one))

    assert column(database, "SELECT number FROM versions") == ["30"]


def test_requests_are_answered_in_the_pauses(team, database):
    for number in range(1, 31):
        publish(team, number, content="the same")
    published = []

    def publish_meanwhile(_seconds):
        published.append(f"new-{len(published)}")
        publish(team, published[-1], content="the same")

    clean_up.clean(database, NOTHING, LATER, pace=Pace(publish_meanwhile))

    numbers = column(database, "SELECT number FROM versions ORDER BY position")
    assert numbers == published
    assert len(published) > 1
    assert team.get("/pacts/provider/Orders/consumer/Shop/latest").status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("database_url")
def test_a_version_that_a_request_holds_is_passed_over(team, database):
    for number in (1, 2):
        publish(team, number, content="the same")
    held, done = Event(), Event()

    def hold():
        with database.connection() as connection:
            connection.execute(text("SELECT id FROM versions WHERE number = '1' FOR KEY SHARE"))
            held.set()
            done.wait(timeout=10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait(timeout=10)
        clean_up.clean(database, NOTHING, LATER)
        done.set()
        holding.result()

    assert column(database, "SELECT number FROM versions") == ["1"]


def test_two_clean_ups_do_not_work_at_once(team, database, database_url):
    publish(team, 1)
    publish(team, 2)
    other = Database(database_url)
    refused = []

    def clean_elsewhere(_seconds):
        with pytest.raises(BusyError):
            clean_up.clean(other, NOTHING, LATER)
        refused.append(True)

    clean_up.clean(database, NOTHING, LATER, pace=Pace(clean_elsewhere))

    assert refused
    assert clean_up.clean(other, NOTHING, LATER)["versions"]["deleted"] == 0
    other.close()


def test_every_reference_between_tables_is_looked_up_by_an_index(database):
    """Otherwise deleting a version would read a whole table for each row."""
    with database.connection() as connection:
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            leading = {index["column_names"][0] for index in inspector.get_indexes(table.name)}
            leading |= {each["column_names"][0] for each in inspector.get_unique_constraints(table.name)}
            leading.add(inspector.get_pk_constraint(table.name)["constrained_columns"][0])
            referring = {
                key.parent.name
                for key in table.foreign_keys
                if key.column.table.name in {"versions", "pact_versions", "verifications"}
            }
            assert referring <= leading, table.name


def test_comparisons_go_with_what_was_compared_and_what_the_past_needs_stays(team, database, clock):
    stored = StoredContracts(database, clock)
    document, more = Document(("read",)), Document(("write",))
    for number in (1, 2):
        publish(team, number)
        stored.documents("Orders", str(number), {"openapi": document})
        stored.compared(("Shop", "Orders"), str(number), "compatible")
    stored.documents("Orders", "2", {"asyncapi": more})
    stored.compared(("Shop", "Orders"), "2", "incompatible")
    keep_the_newest = Policy(selectors=(KeepSelector(latest=True),))

    counts = clean_up.clean(database, keep_the_newest, LATER)
    again = clean_up.clean(database, NOTHING, LATER)

    # Shop 2 was compared with what Orders 2 had, when it was published and so by both policies, and with what
    # Orders 2 has.
    assert counts["comparisons"] == {"deleted": 1, "kept": 3}
    assert counts["service_contract_sets"] == {"deleted": 0, "kept": 2}
    assert again["comparisons"] == {"deleted": 3, "kept": 0}
    assert again["service_contract_sets"] == {"deleted": 2, "kept": 0}
    assert orphans(database) == []


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_a_server_cleans_up_by_itself_if_it_is_told_to(team, database):
    for number in (1, 2):
        publish(team, number, content="the same")
    settings = Settings(
        database_clean_enabled=True, database_clean_keep_version_selectors='[{"latest": true}]'
    )

    with clean_up.regularly(database, settings, first=0):
        wait_until(lambda: column(database, "SELECT number FROM versions") == ["2"])

    assert column(database, "SELECT number FROM versions") == ["2"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_clean_up_that_waits_for_its_time_notices_that_the_clock_was_set(team, database, monkeypatch):
    monkeypatch.setattr(clean_up, "LOOK_AGAIN", 0.05)
    hours = sqlite_clock(database)
    publish(team, 1)
    in_two_hours = database.now() + timedelta(hours=2)
    settings = Settings(
        database_clean_enabled=True,
        database_clean_keep_version_selectors="[]",
        database_clean_cron_schedule=f"{in_two_hours.minute} {in_two_hours.hour} * * *",
    )

    with clean_up.regularly(database, settings):
        time.sleep(0.3)
        before = column(database, "SELECT count(*) FROM versions")
        hours.append(3)
        wait_until(lambda: column(database, "SELECT count(*) FROM versions") == [0])

    assert before == [1]


@pytest.mark.parametrize("changes", [{"database_clean_enabled": False}, {"database_clean_dry_run": True}])
def test_a_server_deletes_nothing_unless_it_is_told_to(team, database, changes, caplog):
    publish(team, 1)
    caplog.set_level("INFO")
    settings = Settings(
        **{"database_clean_enabled": True, "database_clean_keep_version_selectors": "[]", **changes}
    )

    with clean_up.regularly(database, settings, first=0):
        if settings.database_clean_enabled:
            wait_until(lambda: "'versionsToDelete': 1" in caplog.text)

    assert column(database, "SELECT number FROM versions") == ["1"]


def test_a_server_that_stops_does_not_wait_for_the_end_of_a_clean_up(team, database):
    for number in range(1, 31):
        publish(team, number, content="the same")
    settings = Settings(database_clean_enabled=True, database_clean_keep_version_selectors="[]")

    with clean_up.regularly(database, settings, first=0, largest_batch=1):
        wait_until(lambda: column(database, "SELECT count(*) FROM versions") != [30])

    assert column(database, "SELECT count(*) FROM versions") != [0]


def test_a_clean_up_that_fails_does_not_end_the_server(database, caplog):
    settings = Settings(database_clean_enabled=True)
    with database.connection() as connection:
        connection.execute(text("ALTER TABLE tags RENAME TO labels_of_versions"))
        connection.commit()

    with clean_up.regularly(database, settings, first=0):
        wait_until(lambda: "The clean-up failed" in caplog.text)

    assert "the next one tries again" in caplog.text


def test_a_server_leaves_the_work_to_the_one_that_has_begun(team, database, caplog):
    publish(team, 1)
    caplog.set_level("INFO")
    settings = Settings(database_clean_enabled=True, database_clean_keep_version_selectors="[]")

    with HeldLease(database, CLEAN_UP, 60), clean_up.regularly(database, settings, first=0):
        wait_until(lambda: "Another clean-up is running" in caplog.text)

    assert column(database, "SELECT number FROM versions") == ["1"]


def test_the_turn_of_a_clean_up_that_was_killed_ends_by_itself(team, database):
    publish(team, 1)
    with database.transaction() as storage:
        assert storage.leases.take(CLEAN_UP, "killed", 2)
    with pytest.raises(BusyError):
        clean_up.clean(database, NOTHING, LATER)

    time.sleep(2.1)

    assert clean_up.clean(database, NOTHING, LATER)["versions"]["deleted"] == 1


def test_the_turn_of_a_long_clean_up_is_renewed(team, database, monkeypatch):
    monkeypatch.setattr(clean_up, "LEASE", 3)
    for number in range(12):
        publish(team, number)
    refused = []

    def try_elsewhere(_seconds):
        time.sleep(0.8)
        with pytest.raises(BusyError):
            clean_up.clean(database, NOTHING, LATER)
        refused.append(True)

    clean_up.clean(database, NOTHING, LATER, pace=Pace(try_elsewhere, largest_batch=2))

    assert len(refused) >= 6


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_batch_that_the_database_aborts_is_tried_again(team, database, caplog):
    caplog.set_level("INFO")
    publish(team, 1)
    publish(team, 2)
    ready, go = Event(), Event()

    def cross():
        """Hold a publication, then want the version whose deletion has to wait for it: one must give way."""
        with database.connection() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '20s'"))
            connection.execute(text("SELECT id FROM pact_publications FOR UPDATE"))
            ready.set()
            go.wait(timeout=10)
            connection.execute(text("SELECT id FROM versions FOR UPDATE"))
            connection.commit()

    with ThreadPoolExecutor(2) as pool:
        crossing = pool.submit(cross)
        ready.wait(timeout=10)
        cleaning_up = pool.submit(clean_up.clean, database, NOTHING, LATER)
        wait_until(lambda: column(database, WAITING) != [0])
        go.set()
        crossing.result(timeout=30)
        cleaning_up.result(timeout=30)

    assert "A batch of versions is tried again" in caplog.text
    assert column(database, "SELECT count(*) FROM versions") == [0]


def test_deliveries_of_webhooks_go_but_the_latest_of_each_kind_and_those_that_wait(team, database):
    publish(team, 1)
    consumer, provider = column(database, "SELECT id FROM pacticipants ORDER BY name DESC")
    changes = [
        {"webhook_uuid": "a"},
        {"webhook_uuid": "a"},
        {"webhook_uuid": "b"},
        {"webhook_uuid": "a", "event": "provider_verification_published"},
        {"webhook_uuid": "c", "due_at": NOON},
        {"webhook_uuid": "c"},
    ]
    rows = [
        a_delivery(number, **change, consumer_id=consumer, provider_id=provider)
        for number, change in enumerate(changes, 1)
    ]
    execution = {"triggered_webhook_id": 1, "success": True, "logs": "", "created_at": NOON}
    with database.connection() as connection:
        connection.execute(insert(deliveries), rows)
        connection.execute(insert(delivery_attempts), [execution])
        connection.commit()

    counts = clean_up.clean(database, Policy(), NOON + timedelta(days=8))

    assert counts["triggered_webhooks"] == {"deleted": 1, "kept": 5}
    assert counts["webhook_executions"] == {"deleted": 1, "kept": 0}
    assert column(database, "SELECT min(id) FROM triggered_webhooks") == [2]


def a_delivery(number, **changes):
    values = {
        "uuid": str(number),
        "name": "x",
        "event": "contract_published",
        "trigger_type": "resource_creation",
        "parameters": b"{}",
        "receiver": "example.org:443",
        "status": "success",
        "attempts": 1,
        "claims": 1,
        "due_at": None,
        "created_at": NOON,
    }
    return {**values, **changes}


def test_documents_and_sets_that_no_version_has_go_with_what_they_were_compared_with(team, database):
    publish(team, 1)
    for number in (1, 2):
        document = an_openapi(info={"title": "Orders", "version": str(number)})
        body = {"pacticipantName": "Orders", "pacticipantVersionNumber": str(number), "content": document}
        team.post("/service-contracts/publish", json=body)
    newest = Policy(selectors=(KeepSelector(latest=True),))

    counts = clean_up.clean(database, newest, LATER)

    assert counts["service_contract_sets"] == {"deleted": 1, "kept": 1}
    assert counts["service_contracts"] == {"deleted": 1, "kept": 1}
    assert column(database, "SELECT count(*) FROM comparisons") == [2]
    assert column(database, "SELECT count(*) FROM compatibilities") == [0]
    assert orphans(database) == []
