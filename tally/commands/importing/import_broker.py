"""`tally import`: copy everything from a Pact Broker, or an export, into Tallystick, and compare both."""

import sys
from pathlib import Path
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands.importing import import_report
from tally.commands.options import broker_options, output_option
from tally.errors import BrokerError, BrokerUnreachableError, UnauthorisedError, UsageError
from tally.importing import notes, progress
from tally.importing.brokers import ONE, BrokerReader, SourceBroker, TargetBroker
from tally.importing.comparison import Comparison, compare
from tally.importing.exported import ExportedBroker
from tally.importing.journal import Journal
from tally.importing.run import Import
from tally.option_values import WholeNumber
from tally.values import dataclass

DISAGREE = 1


@dataclass(frozen=True)
class _Options:
    at_once: int
    dry_run: bool
    compare_only: bool


@click.command("import")
@click.option(
    "--from",
    "from_url",
    required=True,
    metavar="URL|DIR",
    help="Address of the Pact Broker to copy from, or a folder of tally export. It is only read.",
)
@click.option(
    "--from-username",
    envvar="FROM_BROKER_USERNAME",
    show_envvar=True,
    metavar="NAME",
    help="User name at that broker.",
)
@click.option(
    "--from-password",
    envvar="FROM_BROKER_PASSWORD",
    show_envvar=True,
    metavar="PASSWORD",
    help="Password at that broker.",
)
@click.option(
    "--from-token",
    envvar="FROM_BROKER_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="API token at that broker; used instead of a user name when both are given.",
)
@click.option(
    "--from-concurrency",
    type=WholeNumber(1, 16),
    default=2,
    show_default=True,
    metavar="REQUESTS",
    help="How many documents to read from that broker at the same time.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what would be copied, and what the target would refuse; keep nothing.",
)
@click.option(
    "--compare-only",
    is_flag=True,
    help="Copy nothing; only compare the data and the answers of both brokers.",
)
@output_option()
@broker_options
@click.pass_context
def import_broker(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    *,
    broker: BrokerClient,
    from_url: str,
    from_concurrency: int,
    dry_run: bool,
    compare_only: bool,
    output: str,
    **_: Any,  # --from-username and its like, for _broker
) -> None:
    """Copy everything from a Pact Broker, or from an export, into Tallystick, and compare both.

    Pacticipants, versions, branches, tags, pacts, results, environments, deployments, releases and webhooks
    are copied with their dates; from a Tallystick also service contracts, scenarios, gates, teams and service
    accounts without tokens. Nothing is copied twice: run the command again after an interruption, or
    to copy what is new. Exits with 0 when both brokers agree afterwards, with 1 when
    something differs or could not be copied, and with 2 when a broker could not be asked.

    \b
    Example:
      tally import --from https://old-broker.example.org --broker-base-url http://localhost:9292
    """
    if dry_run and compare_only:
        raise UsageError("--dry-run and --compare-only exclude each other: the comparison writes nothing.")
    source = _exported(from_url) or _broker(from_url, ctx.params)
    if source.address == broker.base_url:
        raise UsageError("--from and --broker-base-url are the same broker: there is nothing to copy.")
    journal = Journal()
    for text in source.missing if isinstance(source, ExportedBroker) else ():
        journal.remark(f"The export is without this. {text}")
    options = _Options(from_concurrency, dry_run, compare_only)
    with progress.shown(on_terminal=sys.stderr.isatty()) as shown:
        comparison = _run(source, TargetBroker(broker, rehearsal=dry_run), journal, shown, options)
    import_report.show(journal, comparison, output, dry_run=dry_run)
    if journal.problems or (comparison is not None and not comparison.agrees):
        raise SystemExit(DISAGREE)


def _exported(place: str) -> BrokerReader | None:
    """Return the export in a folder, None when there is no such folder."""
    return ExportedBroker(Path(place)) if "://" not in place and Path(place).is_dir() else None


def _broker(url: str, params: dict[str, Any]) -> BrokerReader:
    client = BrokerClient(
        url,
        token=params["from_token"],
        username=params["from_username"],
        password=params["from_password"],
        # The conditions of the network are those of the target.
        retries=params["retries"],
        verify=not params["skip_ssl_verification"] and (params["ssl_certificate"] or True),
        digits=True,
    )
    return SourceBroker(client)


def _run(
    source: BrokerReader, target: TargetBroker, journal: Journal, shown: progress.Progress, options: _Options
) -> Comparison | None:
    """Copy, and return how the brokers compare; a rehearsal compares nothing."""
    _check_source(source)
    target.check()
    folder = notes.folder(source.address, target.address)
    try:
        if not options.compare_only:
            Import(source, target, journal, shown, folder, options.at_once).run()
        return None if options.dry_run else compare(source, target, shown)
    except BrokerError as error:
        if options.compare_only or options.dry_run:
            raise
        raise BrokerError(
            f"{error}\nWhen that is solved, the same command continues where it stopped."
        ) from error


def _check_source(source: BrokerReader) -> None:
    """Raise BrokerError when the source cannot be read at all."""
    try:
        source.get("pacticipants", ONE)
    except (UnauthorisedError, BrokerUnreachableError):
        raise
    except BrokerError as error:
        raise BrokerError(f"The broker to copy from cannot be read. {error}") from error
