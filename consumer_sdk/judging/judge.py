"""The verdict on every request of one recording, whichever way it came."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from consumer_sdk.errors import MismatchError
from consumer_sdk.judging.answers import answer_of
from consumer_sdk.judging.bodies import BODIES
from consumer_sdk.judging.comparing import Comparison, compare
from consumer_sdk.judging.exchanges import Answer, ReceivedRequest
from consumer_sdk.judging.expected import Expected
from consumer_sdk.judging.failures import Exchange, late_text, missing_text, unexpected_text
from consumer_sdk.judging.senders import end_at_sender


@dataclass(frozen=True)
class _Failure:
    """A request that is not declared as it was sent, and the error that its sender got."""

    request: ReceivedRequest
    comparisons: Sequence[Comparison]
    error: MismatchError

    def complete(self, text: str) -> None:
        """Give the error its text, and let its traceback end at the line that sent the request."""
        self.error.args = (text,)
        end_at_sender(self.error)


class Judge:
    """Answers what is declared, and remembers what is not; *test* names the test, for messages.

    It may be asked from any thread.
    """

    def __init__(self, expected: Sequence[Expected], *, test: str, base_url: str = "") -> None:
        self._expected = tuple(expected)
        self._test = test
        self._base_url = base_url
        self._lock = threading.Lock()
        self._used: set[int] = set()
        self._exchanges: list[Exchange] = []
        self._failures: list[_Failure] = []
        self._late: list[MismatchError] = []
        self._has_ended = False

    def answer(self, request: ReceivedRequest) -> Answer:
        """Return the declared answer; raises MismatchError for a request that is not declared so."""
        __tracebackhide__ = True
        with self._lock:
            if self._has_ended:
                raise self._too_late(request)
            comparisons = self._compared(request)
            matched = self._best_of([index for index, each in enumerate(comparisons) if not each.mismatches])
            self._exchanges.append(Exchange(request, None if matched is None else self._expected[matched]))
            if matched is None:
                raise self._unexpected(request, comparisons)
            self._used.add(matched)
        return answer_of(self._expected[matched].interaction.response, self._base_url)

    def end(self, error: BaseException | None = None) -> None:
        """Take no more requests; raise MismatchError unless all that is declared was sent, and nothing else.

        *error* is what the code raised. If it is the mismatch itself, it goes on, and ends at the line that
        sent the request; another one is the cause of the mismatch that is raised, or goes on by itself.
        """
        __tracebackhide__ = True
        with self._lock:
            self._has_ended = True
        for failure in self._failures:
            failure.complete(self._text_of(failure))
        if error is not None and any(error is failure.error for failure in self._failures):
            return
        if self._failures and (error is None or isinstance(error, Exception)):
            # The first is raised again, with its own traceback: it ends at the line that sent the request.
            raise self._failures[0].error from error
        if error is None and (missing := self._missing):
            raise MismatchError(missing_text(missing, self._exchanges, self._test))

    def refuse_late(self) -> None:
        """Raise MismatchError when requests came after the end."""
        __tracebackhide__ = True
        if self._late:
            end_at_sender(self._late[0])
            raise self._late[0]

    @property
    def _missing(self) -> list[Expected]:
        return [each for index, each in enumerate(self._expected) if index not in self._used]

    def _compared(self, request: ReceivedRequest) -> list[Comparison]:
        found = []
        for index, each in enumerate(self._expected):
            found.append(compare(request, each.interaction, BODIES))
            # Later ones can only matter while this one has had its request.
            if not found[-1].mismatches and index not in self._used:
                break
        return found

    def _best_of(self, matching: list[int]) -> int | None:
        """Return the first that has not been sent yet, or else the last of those that match."""
        last = matching[-1] if matching else None
        return next((index for index in matching if index not in self._used), last)

    def _unexpected(self, request: ReceivedRequest, comparisons: list[Comparison]) -> MismatchError:
        failure = _Failure(request, comparisons, MismatchError())
        self._failures.append(failure)
        failure.complete(self._text_of(failure))
        return failure.error

    def _text_of(self, failure: "_Failure") -> str:
        """Return the text of a failure, with all requests that have come by now."""
        return unexpected_text(
            failure.request, failure.comparisons, self._expected, self._exchanges, self._test
        )

    def _too_late(self, request: ReceivedRequest) -> MismatchError:
        self._late.append(MismatchError(late_text(request, self._expected, self._test)))
        return self._late[-1]
