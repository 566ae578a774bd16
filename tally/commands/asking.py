"""Asking a broker what can be deployed: once, again while results are missing, or about the past."""

import math
import time
from dataclasses import dataclass

from tally.broker_client import BrokerClient, Resource
from tally.commands import output as printing
from tally.commands.decisions import Decision, decision
from tally.commands.selectors import Selector
from tally.errors import UsageError

LONGEST_WAIT = 20
"""Seconds for which the broker is to hold an answer back at a time: shorter than time-outs on the way."""


@dataclass(frozen=True)
class Question:
    """Whether these versions fit what an environment holds, or the versions that have a tag.

    *at* asks as of a moment in the past.
    """

    asked: tuple[Selector, ...]
    ignored: tuple[Selector, ...]
    environment: str | None
    tag: str | None
    at: str | None = None

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
        if self.at:
            pairs.append(("at", self.at))
        return pairs

    @property
    def subject(self) -> str:
        """What is asked about."""
        return " with ".join(map(str, self.asked))

    @property
    def target(self) -> str:
        """Where it would go, as the end of a sentence."""
        when = f", as of {self.at}" if self.at else ""
        if self.environment:
            return f" to {self.environment}{when}"
        return f" next to what has the tag {self.tag}{when}" if self.tag else when


@dataclass(frozen=True)
class Patience:
    """How often to ask again while results are missing, and how many seconds apart.

    *wait* is for how many seconds a broker that can may hold its answers back in all, and any other is asked
    again.
    """

    times: int
    interval: float
    wait: int = 0


def ask(broker: BrokerClient, question: Question, patience: Patience) -> Resource:
    """Ask, and ask again while results are missing and *patience* lasts.

    The index of a Pact Broker has no link to its matrix, so every client knows the address `/matrix`: this is
    the one URL that is built here. A link `tally:matrix` is preferred where there is one. Raises UsageError
    when the broker cannot answer as of a moment.
    """
    link = next(broker.index().links("tally:matrix"), None)
    url = link.expand() if link else f"{broker.base_url}/matrix"
    if patience.wait:
        answer = _wait(broker, url, question, patience)
    else:
        answer = broker.get(url, params=question.parameters())
    check_moment(answer, question.at, broker)
    return _retry(broker, url, question, patience, answer)


def check_moment(answer: Resource, at: str | None, broker: BrokerClient) -> None:
    """Raise UsageError when the past was asked about, and a broker that cannot do that told of today."""
    if at and "tally:asOf" not in answer.state:
        raise UsageError(
            f"The broker at {broker.base_url} does not know --at and answered about now. It takes "
            "a Tallystick broker of this release, or a newer one."
        )


def _retry(
    broker: BrokerClient, url: str, question: Question, patience: Patience, answer: Resource
) -> Resource:
    for attempt in range(1, patience.times + 1):
        found = decision(answer)
        if not _may_come(found):
            break
        _say(
            f"{found.missing} missing: asking again in {patience.interval:g} s "
            f"({attempt} of {patience.times})"
        )
        time.sleep(patience.interval)
        answer = broker.get(url, params=question.parameters())
    return answer


def _wait(broker: BrokerClient, url: str, question: Question, patience: Patience) -> Resource:
    """Let the broker hold its answers back, in parts; one that does not is asked again in intervals."""
    deadline = time.monotonic() + patience.wait
    is_told = False
    while (left := deadline - time.monotonic()) > 0:
        part = math.ceil(min(left, LONGEST_WAIT))
        began = time.monotonic()
        answer = broker.get(url, params=[*question.parameters(), ("wait", str(part))])
        if not _may_come(decision(answer)):
            return answer
        if time.monotonic() - began < part / 2:
            if not is_told:
                _say(f"The broker does not hold its answer back: asking every {patience.interval:g} s")
            is_told = True
            time.sleep(max(0, min(patience.interval, deadline - time.monotonic())))
    return broker.get(url, params=question.parameters())


def _may_come(found: Decision) -> bool:
    """Whether results are missing and may still come; says so when nothing can bring them any more."""
    if found.missing and found.is_stuck:
        printing.say("Nothing is under way that could bring what is missing.", "warning", error=True)
    return bool(found.missing) and not found.is_stuck


def _say(text: str) -> None:
    printing.say(text, "debug", error=True)
