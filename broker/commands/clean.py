"""`tally clean`: what is no longer needed is deleted, or only counted."""

import json
import logging
import time
from typing import Any

import click

from broker.background import clean_up
from broker.commands.options import database_url_option
from broker.databases import open_database
from broker.domain.retention.policy import Policy
from broker.logs import configure_logging, is_json, tell
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import InvalidSettingError, Settings
from broker.start_up.start_up import (
    ServerCommand,
    give_up,
    prepare_database,
    settings_of,
    telling_of_the_database,
)
from broker.storage.database import Database, Limits
from tally.commands.options import output_option
from tally.commands.output import document, table
from tally.option_values import WholeNumber

_SOME_DELETED = "What was deleted before stays deleted: run the command again for the rest."


@click.command(cls=ServerCommand)
@database_url_option
@click.option(
    "--dry-run",
    "database_clean_dry_run",
    is_flag=True,
    default=None,
    help="Only report what would be deleted.",
)
@click.option(
    "--keep",
    "database_clean_keep_version_selectors",
    metavar="JSON",
    help='Which versions stay: [{"latest": true, "branch": true}, {"max_age": 30}].',
)
@click.option(
    "--limit",
    "database_clean_deletion_limit",
    metavar="N",
    type=WholeNumber(0),
    help="Versions, and branches, to delete at most (1000).",
)
@click.option(
    "--keep-branches",
    "database_clean_keep_branch_selectors",
    metavar="JSON",
    help='Which branches stay: [{"max_age": 90}, {"branch": ["main", "develop"]}]; all with [].',
)
@click.option(
    "--branch-limit",
    "database_clean_branch_deletion_limit",
    metavar="N",
    type=click.IntRange(0),
    help="Branches to delete at most, if not as many as versions.",
)
@output_option()
def clean(*, output: str, **options: Any) -> None:
    """Delete the versions, branches and contracts that are no longer needed.

    Deployed and released versions always stay. Unless --keep says otherwise, so do the latest version of
    each pacticipant, branch and tag, and the versions of the last 90 days. Main branches always stay, and
    unless --keep-branches says otherwise, so do the branches with a version of the last 90 days. It can run
    while the broker does, and on several machines: one at a time cleans up.

    \b
    Example:
      tally clean --dry-run --keep '[{"branch": "main"}, {"max_age": 30}]'
    """
    settings = settings_of(options)
    try:
        policy = clean_up.policy(settings)
    except InvalidSettingError as error:
        give_up(str(error))
    prepare_database(settings)
    database = open_database(settings, Limits(connections=2))
    try:
        with telling_of_the_database(_SOME_DELETED):
            _clean(database, settings, policy, output)
    except clean_up.BusyError as error:
        tell(str(error))
    finally:
        database.close()


def _clean(database: Database, settings: Settings, policy: Policy, output: str) -> None:
    now = database.now()
    if settings.database_clean_dry_run:
        plan = clean_up.plan(database, policy, now)
        for warning in plan.warnings():
            tell(warning, logging.WARNING)
        _show_plan(plan.to_document(), output)
    else:
        configure_logging(settings)
        by, started = OnMachine.by_command(settings), time.monotonic()
        counts = clean_up.clean(database, policy, now, by=by)
        clean_up.clean_audit_log(database, settings.audit_months, now, by)
        clean_up.note_success(database, time.monotonic() - started)
        _show_counts(counts, output)


def _show_plan(plan: dict[str, Any], output: str) -> None:
    if output in {"json", "pretty"}:
        document(plan, output)
        return
    if is_json():
        tell(f"Would clean up: {json.dumps(plan['counts'], ensure_ascii=False)}")
        return
    counts = plan["counts"]
    sentence = (
        f"Would delete {counts['versionsToDelete']} of {counts['totalVersions']} versions, and "
        f"{counts['branchesToDelete']} of {counts['totalBranches']} branches. "
        f"No selector keeps {counts['versionsNotToKeep']} versions."
    )
    click.echo(sentence, err=output == "table")
    kept = counts["versionsToKeepBySelector"]
    rows = [[json.dumps(each["selector"], ensure_ascii=False), str(each["count"])] for each in kept]
    table(["Keep selector", "Versions"], rows)
    rows = [
        [each["pacticipant"], *_range(each["toKeep"]), *_range(each["notToKeep"])] for each in plan["summary"]
    ]
    table(["Pacticipant", "To keep", "First", "Last", "Not to keep", "First", "Last"], rows)
    _show_branches(plan)


def _show_branches(plan: dict[str, Any]) -> None:
    kept = plan["counts"]["branchesToKeepBySelector"]
    rows = [[json.dumps(each["selector"], ensure_ascii=False), str(each["count"])] for each in kept]
    if rows:
        table(["Keep branch selector", "Branches"], rows)
    rows = [
        [each["pacticipant"], branch["name"], branch["updatedAt"][:10]]
        for each in plan["summary"]
        for branch in each["branchesToDelete"]
    ]
    if rows:
        table(["Pacticipant", "Branch to delete", "Stale since"], rows)


def _range(versions: dict[str, Any]) -> list[str]:
    ends = [versions[end]["number"] if end in versions else "" for end in ("firstVersion", "lastVersion")]
    return [str(versions["count"]), *ends]


def _show_counts(counts: clean_up.Counts, output: str) -> None:
    if output in {"json", "pretty"}:
        document(counts, output)
        return
    if is_json():
        tell(f"Cleaned up: {json.dumps(counts, ensure_ascii=False)}")
        return
    rows = [[name, str(count["deleted"]), str(count["kept"])] for name, count in counts.items()]
    table(["Table", "Deleted", "Kept"], rows)
