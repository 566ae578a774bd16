"""The `tally` command: it finds its commands by the entry-point group, and imports one only when it is used.

A program adds a command with a line in its package metadata:

    [project.entry-points."tallystick.commands"]
    verify = "verifier.cli:verify"

The first paragraph of the function's docstring is its line in `tally --help`; it is read from the compiled
module without running it, so that help is quick and works without the extras.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from functools import cache
from inspect import cleandoc
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from tally.distributions import EntryPoint, entry_points, version
from tally.errors import TallyError
from tally.loading import loading
from tally.option_values import ChecksItself, refuse_missing_values

GROUP = "tallystick.commands"
EXTRAS = {"broker": "broker", "verifier": "verifier", "consumer_sdk": "consumer"}
"""Which extra of the distribution a package's dependencies belong to."""
SECTIONS = {
    "Contracts": (
        "publish",
        "publish-service-contract",
        "service-contract-policy",
        "check-compatibility",
        "compare",
        "usage",
        "verify",
        "gates",
        "scenario",
        "list-latest-pact-versions",
        "get-pacts",
        "provider-states",
        "record",
    ),
    "Deployments": (
        "can-i-deploy",
        "can-i-merge",
        "deploy-plan",
        "record-deployment",
        "record-undeployment",
        "record-release",
        "record-support-ended",
    ),
    "Environments": (
        "create-environment",
        "update-environment",
        "describe-environment",
        "list-environments",
        "delete-environment",
    ),
    "Applications and versions": (
        "create-or-update-pacticipant",
        "describe-pacticipant",
        "list-pacticipants",
        "delete-pacticipant",
        "create-or-update-version",
        "describe-version",
        "delete-version",
        "create-version-tag",
        "delete-version-tag",
        "delete-branch",
    ),
    "Webhooks": (
        "webhooks",
        "secrets",
        "create-webhook",
        "create-or-update-webhook",
        "test-webhook",
        "delete-webhook",
        "generate-uuid",
    ),
    "Broker": (
        *("serve", "worker", "migrate", "rotate-secrets", "clean", "move-contents"),
        *("backup", "restore", "verify-backup", "export", "import"),
    ),
    "Accounts": ("whoami", "users", "teams", "tokens", "trusts", "audit"),
    "Assistants": ("mcp",),
    "This command": ("completions",),
}
"""The order of `tally --help`; a command that is in no section comes last, under "More"."""

CANNOT, INTERRUPTED, UNEXPECTED = 2, 130, 70
"""Exit codes; 0 and 1 belong to the commands: yes and no."""


@cache
def installed() -> dict[str, EntryPoint]:
    """Return where each command that the installed distributions offer is found, by its name."""
    return entry_points(GROUP)


class Commands(click.Group):
    """A group whose commands are entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of SECTIONS."""
        placed = [name for names in SECTIONS.values() for name in names if name in installed()]
        return placed + sorted(installed().keys() - set(placed))

    # Quoted: before click 8.3 a CompletionItem says nothing of its value.
    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Offer the names of commands, without importing any."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [CompletionItem(name, help=help_line(installed()[name])) for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - ditto
        """Import the command; raises TallyError naming the extra when something that it needs is missing."""
        point = installed().get(cmd_name)
        return _load(point) if point else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names, or say which name comes near.

        Raises UsageError when one of its options has no value.
        """
        if ctx.resilient_parsing:  # a shell completes what is not finished
            return super().resolve_command(ctx, args)
        if args and args[0] not in installed() and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415 - for a word that is no command

            near = difflib.get_close_matches(args[0], installed(), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        name, command, rest = super().resolve_command(ctx, args)
        if command and not isinstance(command, ChecksItself):
            refuse_missing_values(command, rest)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section for each group of commands, without importing any."""
        sections = dict.fromkeys(installed(), "More")
        sections |= {name: title for title, names in SECTIONS.items() for name in names}
        names = self.list_commands(ctx)
        for title in [*SECTIONS, "More"]:
            lines = [(name, help_line(installed()[name])) for name in names if sections[name] == title]
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)


def help_line(point: EntryPoint) -> str:
    """Return the first paragraph of a command's docstring on one line, without importing the command."""
    text = point.docstring()
    if text is None:
        return "(not in this installation)"
    return " ".join(cleandoc(text).partition("\n\n")[0].split())


def _load(point: EntryPoint) -> click.Command:
    try:
        with loading():
            command: click.Command = point.load()
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(point.module.partition(".")[0])
        missing = error.name or ""
        if missing and point.module.startswith(missing):
            raise TallyError(f"'{point.name}' is not in this installation of Tallystick.") from error
        if extra is None:
            raise
        package = missing.partition(".")[0]
        raise TallyError(
            f"'{point.name}' needs {package}, which is not installed: pip install 'tallystick[{extra}]'"
        ) from error
    return command


def _show_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click's signature
    if is_asked and not ctx.resilient_parsing:
        click.echo(f"tally, version {version('tallystick')}")
        ctx.exit()


@click.command(
    cls=Commands,
    name="tally",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""'tally COMMAND --help' explains a command with an example.

    Every command exits with 0 for yes or done, 1 for no, 2 when it could not be done or asked.""",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def tally(ctx: click.Context) -> None:
    """Contract testing for services: publish, verify, and know what can be deployed."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 yes, 1 no, 2 could not, 70 a defect of ours, 130 interrupted."""
    atexit.register(gc.freeze)  # Python ends a tenth sooner when it looks for no circles of objects before
    try:
        code = tally.main(arguments, prog_name="tally", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the outermost line: a user never sees a traceback
        sys.exit(_explain(error))
    sys.exit(code if isinstance(code, int) else 0)


def _explain(error: Exception) -> int:
    debugging = os.environ.get("TALLY_DEBUG", "") not in {"", "0"}
    if isinstance(error, click.Abort):
        return INTERRUPTED
    if debugging:
        import traceback  # noqa: PLC0415 - only then

        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
        return CANNOT
    if isinstance(error, TallyError):
        click.echo(f"Error: {error}", err=True)
        return CANNOT
    advice = (
        "" if debugging else " Please report this, with what the command prints when TALLY_DEBUG=1 is set."
    )
    click.echo(f"Error: an unexpected {type(error).__name__}: {error}.{advice}", err=True)
    return UNEXPECTED
