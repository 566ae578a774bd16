"""One `with` of a recorder: what is declared for it, the way to the code under test, and the verdict."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol, cast

from consumer_sdk.declarations import Declaration
from consumer_sdk.documents import list_of
from consumer_sdk.errors import DeclarationError
from consumer_sdk.in_process.routes import Respond
from consumer_sdk.judging.expected import Expected, read_interactions
from consumer_sdk.judging.judge import Judge
from consumer_sdk.judging.senders import shown_path
from consumer_sdk.pact_files import Recording, Recordings
from tally.pact import HttpInteraction


class Way(Protocol):
    """How the consumer's code reaches the declared answers."""

    @property
    def url(self) -> str:
        """The base URL that the code uses."""

    def open(self, respond: Respond) -> None:
        """Answer from now on."""

    def close(self) -> None:
        """Answer no more; requests that come late are told so."""

    def forget(self) -> None:
        """Give back what is held for requests that come late."""


MakeWay = Callable[[Sequence[Mapping[str, Any]]], Way]
"""Makes the way for the interactions that are declared, given as their documents."""


@dataclass(eq=False)
class Declared:
    """A declaration, and the coroutines of a handler that is still to run."""

    declaration: Declaration
    unfinished: tuple[Coroutine[Any, Any, Any], ...] = ()

    @property
    def place(self) -> str:
        """The line that declares it."""
        return shown_path(self.declaration.source)


@dataclass(frozen=True)
class Pact:
    """The pact that is recorded into; *test* names the test, for messages."""

    consumer: str
    provider: str
    specification: str
    recordings: Recordings
    test: str

    def __str__(self) -> str:
        """Return its name, for messages."""
        return f"the pact between {self.consumer} and {self.provider} ({self.test})"

    def record(self, declared: Declared, document: Mapping[str, Any]) -> None:
        """Keep the interaction of a declaration that the code has used."""
        __tracebackhide__ = True
        self.recordings.add(
            Recording(
                self.consumer,
                self.provider,
                self.specification,
                list_of(declared.declaration, self.specification),
                document,
                f"{declared.place} ({self.test})",
            )
        )


class Session(AbstractContextManager[str]):
    """Answers what *take* returns when it is entered; yields the base URL."""

    def __init__(
        self,
        pact: Pact,
        take: Callable[[], list[Declared]],
        document_of: Callable[[Declaration], dict[str, Any]],
        make_way: MakeWay,
    ) -> None:
        self._pact = pact
        self._take: Callable[[], list[Declared]] | None = take
        self._document_of = document_of
        self._make_way = make_way
        self._judge: Judge | None = None
        self._way: Way | None = None
        self._declared: Sequence[Declared] = ()
        self._documents: Sequence[Mapping[str, Any]] = ()

    def __enter__(self) -> str:
        """Answer from now on."""
        __tracebackhide__ = True
        if self._take is None:
            raise DeclarationError("This recording was used already: call serve() or in_process() once more.")
        self._declared, self._take = self._take(), None
        if not self._declared:
            raise DeclarationError("There is nothing to serve: declare a request with upon_receiving first.")
        version = self._pact.specification
        self._documents = [self._document_of(each.declaration) for each in self._declared]
        interactions = cast("tuple[HttpInteraction, ...]", read_interactions(self._documents, version))
        self._way = self._make_way(self._documents)
        places = [each.place for each in self._declared]
        expected = list(map(Expected, interactions, places))
        self._judge = Judge(expected, test=self._pact.test, base_url=self._way.url)
        self._way.open(self._judge.answer)
        return self._way.url

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        """Answer no more; record, or raise MismatchError unless all that is declared was sent."""
        __tracebackhide__ = True
        with ExitStack() as on_failure:
            on_failure.callback(self.forget)  # a test that fails need not be told of late requests as well
            if self._way is not None and self._judge is not None:
                self._way.close()
                self._judge.end(error)
            if error is None:
                on_failure.pop_all()
        if error is None:
            for declared, document in zip(self._declared, self._documents, strict=True):
                self._pact.record(declared, document)
        return False

    def forget(self) -> None:
        """Give back what is held for requests that come late."""
        if self._way is not None:
            self._way.forget()

    def refuse_late(self) -> None:
        """Raise MismatchError when requests came after the end."""
        __tracebackhide__ = True
        if self._judge is not None:
            self._judge.refuse_late()


def forget(sessions: list[Session]) -> None:
    """Forget all of the sessions; none is left in the list."""
    while sessions:
        sessions.pop().forget()
