"""What `can-i-deploy` and `can-i-merge` have in common: the question, the patience, and what is printed."""

from collections.abc import Callable
from functools import wraps
from textwrap import indent
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.decisions.decision_requests import Patience, ask
from tally.commands.decisions.decisions import BrokerDecision, decision
from tally.commands.decisions.obstacles import DeploymentAim
from tally.commands.decisions.selectors import VersionSelector
from tally.commands.options import broker_options, output_option
from tally.errors import BrokerError
from tally.option_values import Number, WholeNumber
from tally.values import dataclass

HEADINGS = ("CONSUMER", "VERSION", "PROVIDER", "VERSION", "RESULT")
Function = Callable[..., Any]


@dataclass(frozen=True)
class DecisionTarget:
    """What the versions must work with: an environment, the versions with a tag, or the heads of branches."""

    environment: str | None = None
    tag: str | None = None
    branch: str | None = None
    main_branch: bool = False

    def parameters(self) -> list[tuple[str, str]]:
        """Return it as parameters of the matrix (Pact Broker reference §8.1)."""
        values = {
            "tag": self.tag,
            "environment": self.environment,
            "branch": self.branch,
            "mainBranch": "true" if self.main_branch else None,
        }
        return [(name, value) for name, value in values.items() if value]

    def __str__(self) -> str:
        """Return what is to happen to the versions, as the end of a sentence."""
        if self.environment:
            return f"be deployed to {self.environment}"
        if self.tag:
            return f"be deployed next to what has the tag {self.tag}"
        if self.branch:
            return f"be merged into {self.branch}"
        return "be merged into the main branch" if self.main_branch else "be deployed"


@dataclass(frozen=True)
class DecisionQuestion:
    """Whether these versions work with the target; *at* is a moment in the past."""

    asked: tuple[VersionSelector, ...]
    target: DecisionTarget
    ignored: tuple[VersionSelector, ...] = ()
    at: str | None = None

    def parameters(self) -> list[tuple[str, str]]:
        """Return it as the `pact` command line asks it (Pact Broker reference §8.2).

        In an environment, and among several named versions, every version counts (latestby=cvpv). Otherwise
        only the newest version of each provider that has a result counts (cvp).
        """
        pairs = [pair for selector in (*self.asked, *self.ignored) for pair in selector.parameters()]
        pairs += self.target.parameters()
        several = bool(self.target.environment) or len(self.asked) > 1
        pairs.append(("latestby", "cvpv" if several else "cvp"))
        if not self.target.environment and (self.target.parameters() or len(self.asked) == 1):
            pairs.append(("latest", "true"))
        return [*pairs, ("at", self.at)] if self.at else pairs

    @property
    def aim_of_deployment(self) -> DeploymentAim:
        """What is to be deployed, and where."""
        asked = tuple((selector.pacticipant, selector.version) for selector in self.asked)
        return DeploymentAim(asked, self.target.environment)

    @property
    def subject(self) -> str:
        """The versions that are asked about, in words."""
        return " with ".join(map(str, self.asked))

    @property
    def aim(self) -> str:
        """What is to happen to the versions, and as of when; the end of a sentence."""
        return f"{self.target}, as of {self.at}" if self.at else str(self.target)


_OPTIONS = (
    click.option(
        "--retry-while-unknown",
        type=WholeNumber(min=0),
        default=0,
        metavar="TIMES",
        help="Ask again up to this many times while results are missing.",
    ),
    click.option(
        "--retry-interval",
        type=Number(min=0),
        default=10,
        show_default=True,
        metavar="SECONDS",
        help="Time between two requests.",
    ),
    click.option(
        "--wait",
        type=WholeNumber(min=0),
        default=0,
        metavar="SECONDS",
        help="Wait up to this long for missing results. A Tallystick broker answers as soon as they arrive; "
        "other brokers are asked again every --retry-interval.",
    ),
    click.option(
        "--dry-run",
        is_flag=True,
        envvar="PACT_BROKER_CAN_I_DEPLOY_DRY_RUN",
        show_envvar=True,
        help="Print the answer, but always exit with 0.",
    ),
    output_option(),
    broker_options,
)


@dataclass(frozen=True)
class Asking:
    """The broker to ask, how long to wait for missing results, and how to print the answer."""

    broker: BrokerClient
    patience: Patience
    output: str
    dry_run: bool

    def settle(self, question: DecisionQuestion) -> None:
        """Ask, print the answer, and exit with 0 for yes, 1 for no or not known."""
        try:
            answer = ask(self.broker, question.parameters(), self.patience)
        except BrokerError as error:
            if not self.dry_run:
                raise
            printing.say(
                f"Dry run: the exit code is 0, although the broker could not be asked: {error}", error=True
            )
            return
        found = decision(answer)
        if self.output in {"json", "pretty"}:
            printing.document(answer.state, self.output)
        elif self.output == "table":
            _tabulate(found, question)
        else:
            _explain(found, question, self.broker.base_url)
        if self.dry_run:
            printing.say("Dry run: the exit code is always 0.", "warning", error=True)
        raise click.exceptions.Exit(0 if found.deployable or self.dry_run else 1)


def asking_options(command: Function) -> Function:
    """Add the options that say how to ask; the command receives them as `asking`, an Asking."""

    @wraps(command)
    def asked(  # noqa: PLR0913 - one for each option
        *,
        broker: BrokerClient,
        retry_while_unknown: int,
        retry_interval: float,
        wait: int,
        output: str,
        dry_run: bool,
        **others: Any,
    ) -> Any:
        patience = Patience(retry_while_unknown, retry_interval, wait)
        return command(asking=Asking(broker, patience, output, dry_run), **others)

    function: Function = asked
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _tabulate(found: BrokerDecision, question: DecisionQuestion) -> None:
    """Print what was compared; what else there is to say about a no goes to standard error."""
    printing.table(HEADINGS, found.cells())
    if not found.deployable:
        printing.say(found.verdict(question.subject, question.aim), "error", error=True)
        printing.notices(found.notices, error=True)


def _explain(found: BrokerDecision, question: DecisionQuestion, broker_url: str) -> None:
    kind = "success" if found.deployable else "error"
    printing.say(found.verdict(question.subject, question.aim), kind)
    if found.rows:
        click.echo()
        printing.table(HEADINGS, found.cells())
    if found.notices:
        click.echo()
        printing.notices(found.notices)
    # Nobody can do anything about the past.
    steps = () if question.at else found.next_steps(broker_url, question.aim_of_deployment, printing.moment)
    if steps:
        click.echo("\nNext:")
    for step in steps:
        click.echo(indent(step, "  "))
