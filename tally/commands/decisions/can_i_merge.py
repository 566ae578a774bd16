"""`tally can-i-merge`: ask whether a version works with a branch of the other applications."""

from dataclasses import replace

import click

from tally.commands.decisions.questions import Asking, DecisionQuestion, DecisionTarget, asking_options
from tally.commands.decisions.selectors import OrderedCommand, given, selectors


@click.command(cls=OrderedCommand)
@click.option(
    "-a",
    "--pacticipant",
    multiple=True,
    required=True,
    metavar="NAME",
    help="An application to check; may be repeated.",
)
@click.option(
    "-e",
    "--version",
    multiple=True,
    metavar="VERSION",
    help="Its version; without this option, its latest version.",
)
@click.option(
    "--branch",
    metavar="NAME",
    help="Compare with this branch of the other applications instead of the main branch of each.",
)
@asking_options
@click.pass_context
def can_i_merge(
    ctx: click.Context,
    /,
    *,
    asking: Asking,
    branch: str | None,
    **selecting: tuple[str, ...],
) -> None:
    """Ask whether a version works with the heads of the main branches of all other applications.

    Exits with 0 for yes, 1 for no or not known, 2 when the broker could not be asked.

    \b
    Examples:
      tally can-i-merge --pacticipant Shop --version 1.4.0
      tally can-i-merge --pacticipant Shop --version 1.4.0 --branch release
    """
    asked = tuple(
        selector if selector.version else replace(selector, latest=True)
        for selector in selectors(given(ctx, selecting))
    )
    asking.settle(DecisionQuestion(asked, DecisionTarget(branch=branch, main_branch=branch is None)))
