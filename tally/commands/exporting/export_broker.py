"""`tally export`: write everything that a broker has into a folder of plain JSON."""

import sys
from pathlib import Path

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.errors import BrokerError, UsageError
from tally.exporting.folder import Folder
from tally.exporting.run import Export
from tally.importing import progress
from tally.importing.brokers import BrokerReader
from tally.importing.journal import Journal
from tally.option_values import WholeNumber

INCOMPLETE = 1


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--concurrency",
    type=WholeNumber(1, 16),
    default=2,
    show_default=True,
    metavar="REQUESTS",
    help="How many documents to read from the broker at the same time.",
)
@output_option()
@broker_options
def export_broker(*, broker: BrokerClient, folder: Path, concurrency: int, output: str) -> None:
    """Write everything that a broker has into DIR, as plain JSON that `tally import` and scripts read.

    Pacts are written as pact files, with results, applications, versions, branches, tags, deployments,
    environments, webhooks, service contracts, gates, teams, accounts and the audit log; never a secret. It
    works with a Pact Broker, too. Run the command again after an interruption: what was written stays. Exits
    with 1 when the broker did not give something, and with 2 when it could not be asked.

    \b
    Example:
      tally export contracts --broker-base-url http://localhost:9292
    """
    journal = Journal()
    try:
        with progress.shown(on_terminal=sys.stderr.isatty()) as shown:
            Export(BrokerReader(broker), Folder(folder, broker.base_url), journal, shown, concurrency).run()
    except BrokerError as error:
        raise BrokerError(
            f"{error}\nWhen that is solved, the same command continues where it stopped."
        ) from error
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {error.strerror}.") from error
    _show(journal, folder, output)
    if journal.problems:
        raise SystemExit(INCOMPLETE)


def _show(journal: Journal, folder: Path, output: str) -> None:
    counts = {kind: count for kind, count in journal.copied.items() if count}
    if output in {"json", "pretty"}:
        said = {
            "folder": str(folder),
            "written": counts,
            "notes": journal.remarks,
            "problems": journal.problems,
        }
        printing.document(said, output)
        return
    is_table = output == "table"
    listed = ", ".join(f"{kind}: {count}" for kind, count in counts.items()) or "nothing: the broker is empty"
    printing.say(f"Wrote {folder}: {listed}.", "success", error=is_table)
    if is_table:
        printing.table(("WHAT", "WRITTEN"), [(kind, str(count)) for kind, count in counts.items()])
    for text in journal.remarks:
        printing.say(f"Note: {text}.", "warning", error=is_table)
    for text in journal.problems:
        printing.say(f"Problem: {text}.", "error", error=is_table)
