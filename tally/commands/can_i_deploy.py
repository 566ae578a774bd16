"""`tally can-i-deploy`: ask the broker for a verdict, and explain it."""

import math
import os
import time
from dataclasses import dataclass
from textwrap import indent

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import output as printing
from tally.commands.decisions import Decision, decision
from tally.commands.options import broker_options, output_option
from tally.commands.selectors import OrderedCommand, Selector, given, selectors
from tally.errors import BrokerError, UsageError

HEADINGS = ("CONSUMER", "VERSION", "PROVIDER", "VERSION", "RESULT")
LONGEST_WAIT = 20
IGNORE = "PACT_BROKER_CAN_I_DEPLOY_IGNORE"


@dataclass(frozen=True)
class Question:
    """Whether these versions fit what an environment holds, or the versions that have a tag."""

    asked: tuple[Selector, ...]
    ignored: tuple[Selector, ...]
    environment: str | None
    tag: str | None

    def parameters(self) -> list[tuple[str, str]]:
        """Return it as the `pact` command line asks it (Pact Broker reference §8.2).

        Every version that an environment holds counts, and every version that is named (latestby=cvpv);
        otherwise the newest version of each provider that has a result (cvp).
        """
        pairs = [pair for selector in (*self.asked, *self.ignored) for pair in selector.parameters()]
        if self.tag:
            pairs.append(("tag", self.tag))
        several = bool(self.environment) or len(self.asked) > 1
        pairs.append(("latestby", "cvpv" if several else "cvp"))
        if self.environment:
            pairs.append(("environment", self.environment))
        elif self.tag or len(self.asked) == 1:
            pairs.append(("latest", "true"))
        return pairs

    @property
    def subject(self) -> str:
        """What is asked about."""
        return " with ".join(map(str, self.asked))

    @property
    def target(self) -> str:
        """Where it would go, as the end of a sentence."""
        if self.environment:
            return f" to {self.environment}"
        return f" next to what has the tag {self.tag}" if self.tag else ""


@dataclass(frozen=True)
class Patience:
    """How often to ask again while results are missing, and how many seconds apart.

    *wait* is for how many seconds a broker that can may hold its answers back in all.
    """

    times: int
    interval: float
    wait: int = 0


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
    help="Its latest version, or the latest with a tag or of a branch.",
)
@click.option("--tag", multiple=True, metavar="NAME", help="Its versions with this tag.")
@click.option(
    "--branch",
    multiple=True,
    metavar="NAME",
    help="Its versions of this branch; with --latest the newest of them.",
)
@click.option(
    "--main-branch", is_flag=True, help="Its versions of its main branch; with --latest the newest of them."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAME",
    help="An application whose results do not count, or one --version of it.  "
    f"[env var: {IGNORE}, separated by commas]",
)
@click.option("--to-environment", metavar="NAME", help="The environment to deploy to.")
@click.option(
    "--to", metavar="TAG", help="The tag that stands for an environment, where environments are not used."
)
@click.option(
    "--retry-while-unknown",
    type=click.IntRange(min=0),
    default=0,
    metavar="TIMES",
    help="Ask again so often while results are missing.",
)
@click.option(
    "--retry-interval",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="Time between two questions.",
)
@click.option(
    "--wait",
    type=click.IntRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Wait so long for missing results; a Tallystick broker answers as soon as they are there.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="PACT_BROKER_CAN_I_DEPLOY_DRY_RUN",
    show_envvar=True,
    help="Answer, but exit with 0 in any case.",
)
@output_option("table", "json", default="table")
@broker_options
@click.pass_context
def can_i_deploy(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    /,
    *,
    broker: BrokerClient,
    to_environment: str | None,
    to: str | None,
    retry_while_unknown: int,
    retry_interval: float,
    wait: int,
    dry_run: bool,
    output: str,
    **selecting: tuple[str, ...] | bool,
) -> None:
    """Ask whether a version can be deployed without breaking anything.

    --version, --latest, --tag, --branch and --main-branch belong to the --pacticipant, or --ignore, before
    them. Exits with 0 for yes, 1 for no or not known, 2 when the broker could not be asked.

    \b
    Examples:
      tally can-i-deploy --pacticipant Shop --version 1.4.0 --to-environment production
      tally can-i-deploy -a Shop -e 1.4.0 -a Orders --branch main --latest
    """
    question = _question(selectors(given(ctx, selecting)), to_environment, to)
    try:
        answer = ask(broker, question, Patience(retry_while_unknown, retry_interval, wait))
    except BrokerError as error:
        if not dry_run:
            raise
        printing.say(f"Dry run, so exit code 0 although the broker could not be asked: {error}", error=True)
        return
    found = decision(answer)
    if output == "json":
        printing.document(answer.state)
    else:
        _explain(found, question, broker.base_url)
    if dry_run:
        printing.say("Dry run: the exit code is 0 in any case.", "warning", error=True)
    raise click.exceptions.Exit(0 if found.deployable or dry_run else 1)


def ask(broker: BrokerClient, question: Question, patience: Patience) -> Resource:
    """Ask, and ask again while results are missing and *patience* lasts.

    The index of a Pact Broker has no link to its matrix, so every client knows the address `/matrix`: this is
    the one URL that is built here. A link `tally:matrix` is preferred where there is one.
    """
    index = broker.index()
    link = next(index.links("tally:matrix"), None)
    url = link.expand() if link else f"{broker.base_url}/matrix"
    if patience.wait and not link:
        raise UsageError("--wait needs a Tallystick broker. Use --retry-while-unknown with this one.")
    answer = _wait(broker, url, question, patience.wait)
    for attempt in range(1, patience.times + 1):
        found = decision(answer)
        if not found.missing:
            break
        if found.is_stuck:
            printing.say("Nothing is under way that could bring what is missing.", "warning", error=True)
            break
        printing.say(
            f"{found.missing} missing: asking again in {patience.interval:g} s "
            f"({attempt} of {patience.times})",
            "debug",
            error=True,
        )
        time.sleep(patience.interval)
        answer = broker.get(url, params=question.parameters())
    return answer


def _wait(broker: BrokerClient, url: str, question: Question, seconds: int) -> Resource:
    """Ask once, or let the broker hold its answer back, in parts shorter than time-outs on the way."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        part = str(math.ceil(min(left, LONGEST_WAIT)))
        answer = broker.get(url, params=[*question.parameters(), ("wait", part)])
        found = decision(answer)
        if not found.missing or found.is_stuck:
            return answer
    return broker.get(url, params=question.parameters())


def _question(found: tuple[Selector, ...], environment: str | None, tag: str | None) -> Question:
    if environment and tag:
        raise UsageError("--to-environment and --to exclude each other: name an environment, or a tag.")
    more = os.environ.get(IGNORE, "").split(",")
    ignored = [selector for selector in found if selector.ignored]
    ignored += [Selector(name.strip(), ignored=True) for name in more if name.strip()]
    asked = tuple(selector for selector in found if not selector.ignored)
    return Question(asked, tuple(ignored), environment, tag)


def _explain(found: Decision, question: Question, broker_url: str) -> None:
    kind = "success" if found.deployable else "error"
    printing.say(found.verdict(question.subject, question.target), kind)
    if found.rows:
        click.echo()
        printing.table(HEADINGS, [row.cells() for row in found.rows])
    if found.notices:
        click.echo()
        printing.notices(found.notices)
    steps = found.next_steps(broker_url)
    if steps:
        click.echo("\nNext:")
    for step in steps:
        click.echo(indent(step, "  "))
