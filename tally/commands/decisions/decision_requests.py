"""Asking a broker what can be deployed: once, again while results are missing, or about the past."""

import math
import time
from collections.abc import Sequence

from tally.broker_client import BrokerClient, Resource
from tally.commands import output as printing
from tally.commands.decisions.decisions import BrokerDecision, decision
from tally.commands.delivery_status import FAILED
from tally.errors import UsageError
from tally.values import dataclass

Parameters = Sequence[tuple[str, str]]
ALL_ROWS = ("limit", "1000000")
"""A parameter by which the broker looks at all rows: unless it is told, only the newest 100 count."""
LONGEST_WAIT = 20
"""Seconds that the broker may hold one answer back: fewer than the usual time-outs of proxies."""


@dataclass(frozen=True)
class Patience:
    """How often to ask again while results are missing, and after how many seconds each time.

    *wait* is the number of seconds to wait in all: the broker holds its answers back if it can; otherwise it
    is asked again.
    """

    times: int
    interval: float
    wait: int = 0


def ask(broker: BrokerClient, parameters: Parameters, patience: Patience) -> Resource:
    """Ask, and ask again while results are missing and *patience* lasts.

    The index of a Pact Broker has no link to its matrix, so this is the only URL that is built here: every
    client knows the address `/matrix`. A link `tally:matrix` is preferred. Raises UsageError when the
    parameters have `at` and the broker cannot answer as of a moment in the past.
    """
    link = next(broker.index().links("tally:matrix"), None)
    url = link.expand() if link else f"{broker.base_url}/matrix"
    answer = _wait(broker, url, parameters, patience)
    check_moment(answer, dict(parameters).get("at"), broker)
    return _retry(broker, url, parameters, patience, answer)


def check_moment(answer: Resource, at: str | None, broker: BrokerClient) -> None:
    """Raise UsageError when *at* is given and the broker answered about now."""
    if at and "tally:asOf" not in answer.state:
        raise UsageError(
            f"The broker at {broker.base_url} does not know --at: its answer is about now. --at needs "
            "a Tallystick broker of this release or a newer one."
        )


def _retry(
    broker: BrokerClient, url: str, parameters: Parameters, patience: Patience, answer: Resource
) -> Resource:
    remarked: set[str] = set()
    for attempt in range(1, patience.times + 1):
        found = decision(answer)
        if not found.missing:
            break
        _remark(found, remarked)
        _say(
            f"{found.missing} missing: asking again in {patience.interval:g} s "
            f"({attempt} of {patience.times})"
        )
        time.sleep(patience.interval)
        answer = broker.get(url, params=parameters)
    return answer


def _wait(broker: BrokerClient, url: str, parameters: Parameters, patience: Patience) -> Resource:
    """Let the broker hold its answer back, a part of the time in each request; else ask at intervals."""
    deadline = time.monotonic() + patience.wait
    is_told = False
    remarked: set[str] = set()
    while (left := deadline - time.monotonic()) > 0:
        part = math.ceil(min(left, LONGEST_WAIT))
        began = time.monotonic()
        answer = broker.get(url, params=[*parameters, ("wait", str(part))])
        found = decision(answer)
        if not found.missing:
            return answer
        _remark(found, remarked)
        if time.monotonic() - began < part / 2:
            if not is_told:
                _say(f"The broker does not hold its answer back: asking again every {patience.interval:g} s")
            is_told = True
            time.sleep(max(0, min(patience.interval, deadline - time.monotonic())))
    return broker.get(url, params=parameters)


def _remark(found: BrokerDecision, remarked: set[str]) -> None:
    """Say which webhooks failed, each once. The broker cannot know what they were for."""
    for obstacle in found.obstacles:
        for webhook in obstacle.newest_webhooks():
            text = f"{webhook.outcome(obstacle.provider)}. Still waiting: a result may come without it."
            if obstacle.missing and webhook.status == FAILED and text not in remarked:
                printing.say(text, "warning", error=True)
                remarked.add(text)


def _say(text: str) -> None:
    printing.say(text, "debug", error=True)
