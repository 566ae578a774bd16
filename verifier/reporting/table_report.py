"""The report in rows and columns: a line for each interaction."""

import click

from tally.commands import output as printing
from verifier.reporting.reporter import Reporter
from verifier.reporting.wording import printable
from verifier.results.result import Report

HEADINGS = ("CONSUMER", "PROVIDER", "INTERACTION", "RESULT")


class TableReporter(Reporter):
    """Write the table to standard output; what is no interaction's result goes to standard error."""

    shows_exchanges = False

    def ended(self, report: Report) -> None:
        """Write the table."""
        for text in (*report.warnings, *report.problems):
            click.echo(text, err=True)
        rows = [
            (
                verified.contract.consumer or "",
                verified.contract.provider or "",
                printable(result.case.description),
                verified.outcome(result).value,
            )
            for verified in report.contracts
            for result in verified.results
        ]
        printing.table(HEADINGS, rows)

    def could_not_run(self, reason: str) -> None:
        """Write why on standard error."""
        click.echo(f"Error: {reason}", err=True)
