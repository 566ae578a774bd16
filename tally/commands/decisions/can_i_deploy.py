"""`tally can-i-deploy`: ask the broker whether a version can be deployed, and explain its answer."""

import os

import click

from tally.commands.decisions.questions import Asking, DecisionQuestion, DecisionTarget, asking_options
from tally.commands.decisions.selectors import OrderedCommand, VersionSelector, given, selectors
from tally.errors import UsageError

IGNORE = "PACT_BROKER_CAN_I_DEPLOY_IGNORE"


@click.command(cls=OrderedCommand)
@click.option(
    "-a",
    "--pacticipant",
    multiple=True,
    required=True,
    metavar="NAME",
    help="An application to check; may be repeated.",
)
@click.option("-e", "--version", multiple=True, metavar="VERSION", help="Its version.")
@click.option(
    "-l",
    "--latest",
    multiple=True,
    is_flag=False,
    flag_value="",
    metavar="[TAG]",
    help="Its latest version, or its latest version with this tag.",
)
@click.option("--tag", multiple=True, metavar="NAME", help="Its versions with this tag.")
@click.option(
    "--branch",
    multiple=True,
    metavar="NAME",
    help="Its versions from this branch; with --latest only the newest.",
)
@click.option(
    "--main-branch", is_flag=True, help="Its versions from its main branch; with --latest only the newest."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAME",
    help="An application whose results are ignored, or one --version of it.  "
    f"[env var: {IGNORE}, separated by commas]",
)
@click.option("--to-environment", metavar="NAME", help="The environment to deploy to.")
@click.option(
    "--to", metavar="TAG", help="The tag that stands for an environment, where environments are not used."
)
@click.option(
    "--at",
    metavar="TIME",
    help="Answer as of this moment, such as 2026-10-01T00:00:00Z; needs a Tallystick broker.",
)
@asking_options
@click.pass_context
def can_i_deploy(
    ctx: click.Context,
    /,
    *,
    asking: Asking,
    to_environment: str | None,
    to: str | None,
    at: str | None,
    **selecting: tuple[str, ...] | bool,
) -> None:
    """Ask whether a version can be deployed without breaking anything.

    --version, --latest, --tag, --branch and --main-branch apply to the --pacticipant or --ignore before
    them. Exits with 0 for yes, 1 for no or not known, 2 when the broker could not be asked.

    \b
    Examples:
      tally can-i-deploy --pacticipant Shop --version 1.4.0 --to-environment production
      tally can-i-deploy -a Shop -e 1.4.0 -a Orders --branch main --latest
    """
    if at and (asking.patience.wait or asking.patience.times):
        raise UsageError(
            "--at asks about the past, which does not change: leave out --wait and --retry-while-unknown."
        )
    asking.settle(_question(selectors(given(ctx, selecting)), DecisionTarget(to_environment, to), at))


def _question(found: tuple[VersionSelector, ...], target: DecisionTarget, at: str | None) -> DecisionQuestion:
    if target.environment and target.tag:
        raise UsageError("--to-environment and --to exclude each other: name an environment, or a tag.")
    more = os.environ.get(IGNORE, "").split(",")
    ignored = [selector for selector in found if selector.ignored]
    ignored += [VersionSelector(name.strip(), ignored=True) for name in more if name.strip()]
    asked = tuple(selector for selector in found if not selector.ignored)
    return DecisionQuestion(asked, target, tuple(ignored), at)
