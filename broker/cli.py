"""The broker's commands: options -> Settings -> run, nothing else."""

import json
import logging
import time
from typing import Any

import click

from broker import clean_up
from broker.databases import open_database
from broker.domain.retention.policy import Policy
from broker.logs import configure_logging, is_json, tell
from broker.protection import protect_webhooks
from broker.reloading import HangUps, Reloading
from broker.services.audit.on_machine import OnMachine
from broker.services.webhooks import attempt_logs, credentials, secrets
from broker.services.webhooks.secrets import UnusableKeyError
from broker.setting_names import as_help
from broker.settings import InvalidSettingError, Settings
from broker.settings_anew import SettingsAnew
from broker.start_up import (
    ServerCommand,
    check_access,
    check_address,
    check_health_port,
    check_standby,
    check_values,
    give_up,
    prepare_database,
    settings_of,
    telling_of_the_database,
    warn_of_the_database,
)
from broker.storage.database import Database, Limits
from broker.storage.storage import Storage
from tally.commands.options import output_option
from tally.commands.output import document, table
from tally.loading import loading
from tally.option_values import WholeNumber

_NOTHING_CHANGED = "Nothing was changed: run the command again."
_SOME_DELETED = "What was deleted before stays deleted: run the command again for the rest."

_database_url = click.option(
    "--database-url", metavar="URL", help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
)


@click.command(cls=ServerCommand, epilog=as_help())
@click.option("-p", "--port", metavar="PORT", type=WholeNumber(0, 65535), help="Port to listen on (9292).")
@click.option("--host", metavar="ADDRESS", help="Address to listen on (127.0.0.1: this machine alone).")
@_database_url
@click.option(
    "--base-url", metavar="URL", help="Address that links start with, if there is a proxy in front."
)
@click.option("--workers", metavar="N", type=WholeNumber(1), help="Processes (1); more need PostgreSQL.")
@click.option("--insecure", is_flag=True, help="Allow another --host although anyone could write.")
def serve(*, insecure: bool, **options: Any) -> None:
    """Run the broker: its API and its pages.

    Without options it listens on http://127.0.0.1:9292 and keeps its data in ./tallystick.sqlite3.
    Every setting can be given as an environment variable, such as TALLY_PORT or, as for the Pact
    Broker, PACT_BROKER_PORT. All settings are listed below, with their defaults.

    \b
    Example:
      tally serve --database-url postgresql://tally:secret@db/tally --host 0.0.0.0
    """
    hang_ups = HangUps()
    settings = settings_of(options)
    anew = SettingsAnew(options, settings, may_be_open=insecure)
    check_values(settings)
    check_address(settings)
    prepare_database(settings)
    check_standby(settings)
    configure_logging(settings)
    check_access(settings, insecure=insecure)
    warn_of_the_database(settings)
    settings = protect_webhooks(settings)
    with loading():
        from broker.processes import run  # noqa: PLC0415 - the web server, only once all else is in order

    tell(f"The broker is at http://{settings.host}:{settings.port}   (Ctrl-C stops it)", err=False)
    run(Reloading(hang_ups, anew, settings))


@click.command(cls=ServerCommand)
@_database_url
def worker(**options: Any) -> None:
    """Send webhooks when they are due, and compare contracts, until it is stopped.

    `tally serve` does the same, unless TALLY_WEBHOOK_WORKER is false. On PostgreSQL, any number of workers
    share the deliveries.

    \b
    Example:
      tally worker --database-url postgresql://tally:secret@db/tally
    """
    hang_ups = HangUps()
    settings = settings_of(options)
    anew = SettingsAnew(options, settings)
    check_values(settings)
    check_health_port(settings)
    prepare_database(settings)
    warn_of_the_database(settings)
    settings = protect_webhooks(settings)
    with loading():
        from broker.worker_process import run  # noqa: PLC0415 - the network, only once all else is in order

    configure_logging(settings)
    tell("Sending webhooks   (Ctrl-C stops it)", err=False)
    run(Reloading(hang_ups, anew, settings))


@click.command()
@_database_url
def rotate_secrets(**options: Any) -> None:
    """Encrypt the secrets, passwords and headers of webhooks again, with the first key of TALLY_SECRETS_KEY.

    TALLY_SECRETS_KEY must also have the old key, after the new one. Afterwards, remove the old key.

    \b
    Example:
      TALLY_SECRETS_KEY="NEW OLD" tally rotate-secrets
    """
    settings = settings_of(options)
    prepare_database(settings)
    settings = protect_webhooks(settings)
    database = open_database(settings)
    try:
        with telling_of_the_database(_NOTHING_CHANGED):
            count, webhooks = database.write(lambda storage: _rotate(storage, settings))
    except UnusableKeyError as error:
        give_up(str(error))
    database.close()
    of_webhooks = f", and the headers and passwords of {webhooks} webhooks," if webhooks else ""
    click.echo(f"Encrypted {count} secrets{of_webhooks} with the first key.")


def _rotate(storage: Storage, settings: Settings) -> tuple[int, int]:
    """Return how many secrets, and the headers and passwords of how many webhooks, were encrypted again."""
    count = secrets.rotate(storage, settings)
    webhooks = credentials.rotate(storage, settings)
    attempt_logs.rotate(storage, settings)
    counts = {"encrypted": count, "webhooks": webhooks}
    OnMachine.by_command(settings).note(
        storage, "rotate-secrets", kind="secrets", name="all", now=storage.leases.now(), after=counts
    )
    return count, webhooks


@click.command(cls=ServerCommand)
@_database_url
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
