"""What is kept of failed results: which interactions failed, why, and since when."""

import pytest
from sqlalchemy import select
from support.old_databases import left_at
from support.result_history import ResultHistory, since
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.migrations import upgrade
from broker.storage.tables import failed_results, metadata

COPIED = (
    "pacticipants",
    "versions",
    "branches",
    "branch_versions",
    "pact_versions",
    "pact_publications",
    "verifications",
)


@pytest.fixture
def history(database):
    return ResultHistory(create_app(Settings(), database).test_client(), database)


def test_the_first_problem_of_each_interaction_that_failed_is_kept(history):
    pact = history.pact("1", a=200, b=200, c=200)

    kept = history.result(pact, "p1", "b", "c")

    assert kept.failed == 2
    assert [item.description for item in kept.interactions] == ["b", "c"]
    assert [item.id for item in kept.interactions] == [item["_id"] for item in pact["interactions"][1:]]
    problem = kept.interactions[0].problem
    assert (problem.place, problem.text, problem.expected, problem.was) == (
        "body $.id",
        "wrong",
        "1",
        "a\ufffdb",
    )
    assert kept.problem == problem
    assert kept.since.result == kept.number


def test_a_success_keeps_nothing(history):
    assert history.result(history.pact("1", a=200), "p1") is None


def test_a_result_without_test_results_has_a_beginning_too(history):
    pact = history.pact("1", a=200)

    first, second = (history.result(pact, version, "a", said=False) for version in ("p1", "p2"))

    assert first.interactions == ()
    assert since(second) == ("p1", 2)
    assert "does not say" in second.problem.text


def test_a_run_of_failures_goes_on_until_the_interaction_passes(history):
    pact = history.pact("1", a=200, b=200)
    history.result(pact, "p1", "a")
    history.result(pact, "p2", "a", "b")
    twice = history.result(pact, "p2", "a", "b")
    assert since(twice, "a") == since(twice) == ("p1", 2)
    assert since(twice, "b") == ("p2", 1)

    history.result(pact, "p3", "b")
    after = history.result(pact, "p4", "a", "b")
    assert since(after, "a") == ("p4", 1)
    assert since(after, "b") == ("p2", 3)

    history.result(pact, "p5")
    assert since(history.result(pact, "p6", "b")) == ("p6", 1)


def test_results_name_interactions_by_their_description_too(history):
    pact = history.pact("1", a=200, b=200)
    history.result(pact, "p1", "b", named="interactionDescription")

    assert since(history.result(pact, "p2", "b"), "b") == ("p1", 2)


def test_each_branch_of_the_provider_has_its_own_run(history):
    pact = history.pact("1", a=200)
    history.result(pact, "p1", "a")
    history.result(pact, "f1", branch="feature")
    history.result(pact, "x1", "a", branch=None)
    history.result(pact, "x2", branch=None)

    assert since(history.result(pact, "p2", "a")) == ("p1", 2)
    assert since(history.result(pact, "f2", "a", branch="feature")) == ("f2", 1)
    assert since(history.result(pact, "x3", "a", branch=None)) == ("x3", 1)
    assert since(history.result(pact, "x4", "a", branch=None)) == ("x3", 2)


def test_an_unchanged_interaction_keeps_its_run_in_another_pact(history):
    history.result(history.pact("1", a=200, b=200), "p1", "a")
    other = history.pact("2", a=200, b=204)

    kept = history.result(other, "p2", "a", "b")

    assert since(kept, "a") == ("p1", 2)
    assert since(kept, "b") == ("p2", 1)


def test_a_change_of_the_consumer_does_not_end_a_run(history):
    history.result(history.pact("1", a=200), "p1", "a")

    assert since(history.result(history.pact("2", a=201), "p2", "a"), "a") == ("p1", 2)
    assert since(history.result(history.pact("3", a=202), "p2", "a"), "a") == ("p1", 2)


def test_a_newer_pact_that_passed_ends_a_run(history):
    history.result(history.pact("1", a=200), "p1", "a")
    history.result(history.pact("2", a=201), "p2")

    kept = history.result(history.pact("3", a=202), "p3", "a")

    assert since(kept, "a") == since(kept) == ("p3", 1)


def test_an_older_pact_that_still_passes_does_not_end_a_run(history):
    in_production = history.pact("1", a=200)
    history.result(in_production, "p1")
    history.result(history.pact("2", a=201), "p1", "a")
    history.result(in_production, "p1")
    newest = history.pact("3", a=202)

    kept = history.result(newest, "p2", "a")

    assert since(kept, "a") == since(kept) == ("p1", 2)


def test_another_result_that_says_nothing_does_not_end_a_run(history):
    pact = history.pact("1", a=200)
    history.result(pact, "p1", "a")
    history.result(pact, "p2", "a", said=False)

    assert since(history.result(pact, "p3", "a"), "a") == ("p1", 2)


def test_what_a_result_costs_does_not_grow_with_history(history):
    pact = history.pact("1", a=200, b=200)

    def statements(*failed):
        with sql_statements() as seen:
            history.result(pact, "p1", *failed, branch=None)
        return len(seen)

    history.result(pact, "p1", branch=None)
    success, first = statements(), statements("a")
    for number in range(2, 12):
        history.result(pact, f"p{number}", "a")

    # One of them reads what is kept, and one what the overview is to show, if it is this result.
    assert statements("a", "b") <= first <= success + 3 + 2


def test_what_failed_goes_with_the_result(history):
    pact = history.pact("1", a=200)
    kept = history.result(pact, "p1", "a")

    history.client.delete("/pacticipants/Orders")

    with history.database.reading() as storage:
        assert storage.failed_results.with_interactions([kept.number]) == {}


def test_what_failed_before_the_upgrade_is_read_from_the_results(history, tmp_path):
    older, newer = history.pact("1", a=200, b=200), history.pact("2", a=201, b=200, c=200)
    history.result(older, "p1", "a")
    history.result(newer, "p1", "a", "c")
    history.result(older, "f1", "b", branch="feature")
    history.result(newer, "p2", "a", "b", said=False)
    history.result(newer, "p3", "c")
    history.result(newer, "p4", "a", "c", named="interactionDescription")
    rows = {}
    with history.database.connection() as connection:
        expected = connection.execute(select(failed_results)).all()
        for name in COPIED:
            table = metadata.tables[name]
            columns = [column for column in table.columns if column.name != "outline"]
            rows[name] = [dict(row) for row in connection.execute(select(*columns)).mappings()]

    with left_at("0015", history.database, tmp_path, rows) as old:
        upgrade(old)

        with old.connection() as connection:
            assert connection.execute(select(failed_results)).all() == expected
