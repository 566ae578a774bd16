"""What goes in a clean-up, row by row (Pact Broker reference §12.1), and nothing else; and what is told."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from support.consistency import what_is_wrong
from support.full_world import World
from support.rows import Rows, meant, meant_to_change

from broker.app import create_app
from broker.background.clean_up import clean, plan
from broker.domain.retention.policy import BranchSelector, KeepSelector, Policy
from broker.settings.settings import Settings

pytestmark = pytest.mark.no_cover

IN_A_MONTH = timedelta(days=30)
YEARS = 9999
ALL_VERSIONS = (KeepSelector(max_age=YEARS),)
A_WEEK = (BranchSelector(max_age=7),)
REMEMBERED = {"removals", "branch_promotions", "former_tags", "former_branch_versions"}
"""Tables about what was, of which a clean-up does not tell."""


@dataclass(frozen=True)
class CleanUp:
    """What a policy does: patterns of the names of rows, each of which must match something."""

    policy: Policy
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


CLEAN_UPS = {
    "nothing": CleanUp(Policy(ALL_VERSIONS, branch_selectors=(), overwritten_days=YEARS)),
    "a limit of nothing": CleanUp(
        Policy((), limit=0, branch_limit=0, branch_selectors=A_WEEK, overwritten_days=YEARS)
    ),
    # What is deployed or released stays, so of all versions but the latest, this is one.
    "a version": CleanUp(
        Policy((KeepSelector(latest=True),), branch_selectors=(), overwritten_days=YEARS),
        (
            "versions Shop 1",
            "tags Shop 1 *",
            "former_tags Shop 1 *",
            "branch_versions Shop *, Shop 1",
            "branch_promotions Shop fix, Shop 1",
            "pact_publications Shop 1 *",
            "deployed_versions Shop 1 *",
            # Contents that are neither published nor verified any more:
            *(f"{table} Shop * 'draft 1'" for table in ("pact_versions", "pact_usages")),
            *(f"{table} Shop Stock 'content 1'" for table in ("pact_versions", "pact_usages")),
            "triggered_webhooks to *: contract_content_changed of Shop *, Shop 1*",
            "triggered_webhooks to *: provider_verification_failed of Shop Orders, * 'content 1' by *",
            "webhook_executions to *: * of Shop Orders, *",
        ),
        ("branches Shop fix: head_version_id",),
        ("branch_promotions Shop fix, -", "removals 1 version of Shop"),
    ),
    "branches": CleanUp(
        Policy(
            ALL_VERSIONS, branch_selectors=(*A_WEEK, BranchSelector(names=("side",))), overwritten_days=YEARS
        ),
        (
            "branches * fix",
            "branch_versions * fix, *",
            "former_branch_versions * fix, *",
            "branch_promotions * fix, *",
            "branch_successes * on Orders fix",
        ),
        new=("removals 1 branch of Shop", "removals 1 branch of Orders"),
    ),
    # Deliveries that are still due stay, without the result that caused them.
    "what was overwritten": CleanUp(
        Policy(ALL_VERSIONS, branch_selectors=()),
        (
            "pact_publications Shop * revision 1",
            *(f"{table} Shop * 'draft ?'" for table in ("pact_versions", "pact_usages")),
            *(f"{table} * failed" for table in ("verifications", "failed_results")),
            "verification_parts *",
            "triggered_webhooks to *: contract_content_changed of Shop Orders, Shop 1",
            "triggered_webhooks to *: provider_verification_failed of Shop Orders, * 'content 1' by *",
            "webhook_executions to *: * of Shop Orders, *",
        ),
        (
            *(
                f"triggered_webhooks to *: * of Shop *, * 'content {number}' by *: verification_id"
                for number in "23"
            ),
            *(f"triggered_webhooks to *: * of {name} *, * by *: verification_id" for name in ("Web", "Till")),
        ),
        (
            *(f"removals 1 result of {name}" for name in ("Ledger", "Stock", "Till", "Web")),
            *(f"removals 4 result of {name}" for name in ("Orders", "Shop")),
            *(f"removals 3 pact of {name}" for name in ("Orders", "Stock")),
            "removals 6 pact of Shop",
        ),
    ),
}


@pytest.fixture
def world(database):
    settings = Settings(
        allow_dangerous_contract_modification=True, secrets_key=(Fernet.generate_key().decode(),)
    )
    return World(create_app(settings, database).test_client(), database)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("cleaned", CLEAN_UPS)
def test_what_is_cleaned_up_goes_and_nothing_else(database, cleaned):
    clean_up = CLEAN_UPS[cleaned]
    before = Rows(database)

    counts = clean(database, clean_up.policy, datetime.now(UTC) + IN_A_MONTH)

    after = Rows(database)
    difference = before.compared_with(after)
    names = set(before.names.values())
    assert difference.gone == meant(clean_up.gone, names)
    assert difference.changed == meant_to_change(clean_up.changed, names)
    assert difference.new == set(clean_up.new)
    assert what_is_wrong(database) == {}
    went = Counter(name.partition(" ")[0] for name in difference.gone)
    told = {table: count["deleted"] for table, count in counts.items() if count["deleted"]}
    assert told == {table: number for table, number in went.items() if table not in REMEMBERED}
    there = Counter(table for table, _ in after.values)
    assert {table: count["kept"] for table, count in counts.items()} == {
        table: there[table] for table in counts
    }


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("cleaned", CLEAN_UPS)
def test_a_plan_tells_the_numbers_and_changes_nothing(database, cleaned):
    policy, now = CLEAN_UPS[cleaned].policy, datetime.now(UTC) + IN_A_MONTH
    before = Rows(database)

    counts = plan(database, policy, now).to_document()["counts"]

    assert Rows(database).values == before.values
    deleted = clean(database, policy, now)
    assert counts["versionsToDelete"] == deleted["versions"]["deleted"]
    assert counts["branchesToDelete"] == deleted["branches"]["deleted"]
    assert counts["totalVersions"] == sum(deleted["versions"].values())
    assert counts["totalBranches"] == sum(deleted["branches"].values())


@pytest.mark.usefixtures("world")
def test_all_that_can_go_goes_at_once(database):
    policy = Policy((), branch_selectors=(BranchSelector(max_age=0),), overwritten_days=0)

    clean(database, policy, datetime.now(UTC) + IN_A_MONTH)

    # That a content was verified from a branch stays known: no pact becomes pending because of a clean-up.
    assert what_is_wrong(database).keys() <= {"successes"}
    assert plan(database, policy, datetime.now(UTC) + IN_A_MONTH).version_ids == ()
