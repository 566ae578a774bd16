"""What happens to messages one after the other: handled, delivered again, or given up."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from inspect import iscoroutine
from typing import Any

from consumer_sdk.declarations import Message, MessageDeclaration
from consumer_sdk.errors import DeclarationError, MismatchError


class Verdict(Enum):
    """What became of one delivery."""

    HANDLED = "handled"
    AGAIN = "to be delivered again"
    DEAD = "a dead letter"


@dataclass(frozen=True)
class Delivery:
    """One message on its way: *number* tells messages apart, *attempt* counts its deliveries from 1."""

    name: str
    message: Message
    number: int
    attempt: int = 1


@dataclass(frozen=True)
class Attempt:
    """One delivery that is over: its verdict, why in words, and what the handler returned."""

    name: str
    attempt: int
    verdict: Verdict
    why: str = ""
    result: Any = None

    def __str__(self) -> str:
        return f"{self.name}, delivery {self.attempt}: {self.verdict.value}" + (
            f" ({self.why})" if self.why else ""
        )


@dataclass(frozen=True)
class Outcome:
    """Everything that happened, in order."""

    attempts: tuple[Attempt, ...]

    @property
    def handled(self) -> tuple[str, ...]:
        """The messages that were handled, by description, in order; twice when delivered twice."""
        return self._with(Verdict.HANDLED)

    @property
    def dead_letters(self) -> tuple[str, ...]:
        """The messages that went to the dead letters."""
        return self._with(Verdict.DEAD)

    @property
    def results(self) -> tuple[Any, ...]:
        """What the handler returned for the messages that were handled."""
        return tuple(each.result for each in self.attempts if each.verdict is Verdict.HANDLED)

    def _with(self, verdict: Verdict) -> tuple[str, ...]:
        return tuple(each.name for each in self.attempts if each.verdict is verdict)


class Flow(ABC):
    """Delivers messages to a handler; each kind of broker says how one is handed over, and what follows.

    *most* is how often a message is delivered before it is given up.
    """

    most: int = 3
    keeps_order: bool = True
    """Whether a message that is refused is delivered again before those behind it."""
    has_dead_letters: bool = True
    """Whether the broker takes a message that was delivered often enough; otherwise the code must."""
    at_once: int = 1
    without_end: str = ""
    """What happens at a broker without dead letters, which never gives a message up."""

    def deliver(
        self,
        handler: Callable[..., Any],
        *messages: MessageDeclaration | Message,
        dead_letters: Sequence[MessageDeclaration | Message] = (),
    ) -> Outcome:
        """Deliver each message in order, one that stands twice also twice; record what was declared.

        What is only a `Message` is delivered and not recorded. Raises MismatchError when other messages than
        *dead_letters* end there, and for what would go wrong at a real broker, such as a message that is
        never acknowledged; then nothing is recorded. An AssertionError of the handler fails the test at once.
        """
        __tracebackhide__ = True
        if not messages:
            raise DeclarationError("There is nothing to deliver: give what expects_message returned.")
        distinct = list({id(each): each for each in messages}.values())
        if any(id(each) not in map(id, messages) for each in dead_letters):
            raise DeclarationError(
                "dead_letters: one of them is not delivered; give it as a message as well."
            )
        outcome: list[Outcome] = []

        def run(found: Sequence[Message]) -> None:
            __tracebackhide__ = True
            by_id = {id(each): number for number, each in enumerate(distinct)}
            waiting: list[Delivery] = []
            for each in messages:
                number = by_id[id(each)]
                before = sum(delivery.number == number for delivery in waiting)
                waiting.append(Delivery(_name(each, number), found[number], number, before + 1))
            wanted = tuple(_name(each, by_id[id(each)]) for each in dead_letters)
            outcome.append(_checked(self._run(handler, waiting), wanted))

        _collected(distinct, [], run)
        return outcome[0]

    @abstractmethod
    def hand_over(self, handler: Callable[..., Any], deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Give the deliveries to the handler, and return what became of each."""

    def _run(self, handler: Callable[..., Any], deliveries: Iterable[Delivery]) -> Outcome:
        __tracebackhide__ = True
        waiting = deque(deliveries)
        over: list[Attempt] = []
        while waiting:
            batch = [waiting.popleft() for _ in range(min(self.at_once, len(waiting)))]
            attempts = self.hand_over(handler, batch)
            refused: list[Delivery] = []
            for delivery, attempt in zip(batch, attempts, strict=True):
                if attempt.verdict is Verdict.AGAIN and delivery.attempt >= self.most:
                    over.append(self._given_up(attempt, [*over, attempt]))
                    continue
                over.append(attempt)
                if attempt.verdict is Verdict.AGAIN:
                    refused.append(replace(delivery, attempt=delivery.attempt + 1))
            if self.keeps_order:
                waiting.extendleft(reversed(refused))
            else:
                waiting.extend(refused)
        return Outcome(tuple(over))

    def _given_up(self, attempt: Attempt, over: Sequence[Attempt]) -> Attempt:
        __tracebackhide__ = True
        if not self.has_dead_letters:
            raise MismatchError(f"{attempt.name}: {self.without_end}\n{_history(over)}")
        return replace(attempt, verdict=Verdict.DEAD)


def called(handler: Callable[..., Any], *arguments: Any) -> tuple[Any, str]:
    """Call a handler, and wait for it if it is asynchronous; return its result, and in words what it raised.

    An AssertionError is the test's own, and is raised.
    """
    __tracebackhide__ = True
    try:
        answer = handler(*arguments)
        return (_awaited(answer) if iscoroutine(answer) else answer), ""
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the code under test raises, it is a refusal
        return None, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def outcome_of(delivery: Delivery, verdict: Verdict, why: str = "", result: Any = None) -> Attempt:
    """Return what became of a delivery."""
    return Attempt(delivery.name, delivery.attempt, verdict, why, result)


def text_of(delivery: Delivery, what: str) -> str:
    """Return the content as text; raises DeclarationError where a broker has no place for other bytes."""
    try:
        return delivery.message.content.decode()
    except UnicodeDecodeError as error:
        raise DeclarationError(
            f"{delivery.name}: its content is not UTF-8 text, as the body of {what} must be: use base64."
        ) from error


def _awaited(answer: Coroutine[Any, Any, Any]) -> Any:
    __tracebackhide__ = True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(answer)
    # In an asynchronous test a loop runs already, which has to wait for this one.
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(answer))
        except BaseException as error:  # noqa: BLE001 - raised again where the test is
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _checked(outcome: Outcome, wanted: tuple[str, ...]) -> Outcome:
    __tracebackhide__ = True
    if sorted(wanted) != sorted(outcome.dead_letters):
        raise MismatchError(
            f"Expected as dead letters: {_names(wanted)}, but it was: {_names(outcome.dead_letters)}.\n"
            f"{_history(outcome.attempts)}"
        )
    return outcome


def _collected(
    declared: Sequence[MessageDeclaration | Message],
    found: list[Message],
    run: Callable[[list[Message]], None],
) -> None:
    """Have every declaration handled at once, so that all of them are recorded, or none."""
    __tracebackhide__ = True
    if not declared:
        run(found)
        return
    first, *others = declared
    if isinstance(first, Message):
        _collected(others, [*found, first], run)
    else:
        first.handled_by(lambda message: _collected(others, [*found, message], run))


def _name(message: MessageDeclaration | Message, number: int) -> str:
    return f"message {number + 1}" if isinstance(message, Message) else message.description


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names) or "none"


def _history(attempts: Iterable[Attempt]) -> str:
    return "\n".join(f"  {attempt}" for attempt in attempts)
