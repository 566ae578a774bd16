"""The fluent recorder, and its two ways of recording: in process, and over HTTP."""

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import iscoroutine
from typing import Any, TypeVar, cast

from consumer_sdk.declarations import (
    DeclaredOnce,
    ExchangeDeclaration,
    HttpDeclaration,
    Message,
    MessageDeclaration,
    Send,
)
from consumer_sdk.documents import list_of
from consumer_sdk.errors import DeclarationError
from consumer_sdk.exchanges import Exchanging
from consumer_sdk.judging.messages import delivered
from consumer_sdk.pact_files import SPECIFICATIONS, Recordings
from consumer_sdk.sessions import Declared, MakeWay, Pact, Session, Way, forget

T = TypeVar("T")


class Recorder:
    """Record what *consumer* and *provider* agree on, into *recordings*.

    *specification* is "V4", "V3" or "V2". *source* names the test in error messages.
    Declare interactions with `upon_receiving`, then let the consumer's code send them, `in_process` or to the
    server of `serve`; declare a message with `expects_message`, and hand it over with `handled_by`. What
    succeeds is recorded.
    """

    def __init__(
        self,
        consumer: str,
        provider: str,
        recordings: Recordings,
        *,
        specification: str = "V4",
        source: str = "this test",
    ) -> None:
        if specification not in SPECIFICATIONS:
            known = " or ".join(SPECIFICATIONS)
            raise DeclarationError(f"specification: {specification!r} is not known; give {known}.")
        if not consumer or not provider:
            raise DeclarationError("A pact needs the names of its consumer and its provider.")
        self.consumer = consumer
        self.provider = provider
        self._pact = Pact(consumer, provider, specification, recordings, source)
        self._declared_once = DeclaredOnce()
        self._waiting: list[Declared] = []
        self._sessions: list[Session] = []
        weakref.finalize(self, forget, self._sessions)

    def upon_receiving(self, description: str) -> HttpDeclaration:
        """Declare a request: its *description* is unique in the pact, together with the provider's states."""
        interaction = HttpDeclaration(description, self._pact.specification)
        self._waiting.append(Declared(interaction))
        return interaction

    def expects_message(self, description: str) -> MessageDeclaration:
        """Declare a message that the provider sends, which `handled_by` hands over."""
        interaction = MessageDeclaration(description, self._deliver, self._pact.specification)
        self._waiting.append(Declared(interaction))
        return interaction

    def exchanges_messages(self, description: str) -> ExchangeDeclaration:
        """Declare a message that the consumer sends, and its replies (V4); `exchanged_by` runs its code."""
        interaction = ExchangeDeclaration(description, self._exchange, self._pact.specification)
        self._waiting.append(Declared(interaction))
        return interaction

    def in_process(self, *base_urls: str, network: bool = True) -> Session:
        """Answer every request declared since the last time at *base_urls*, without a socket.

        The code under test may use requests, urllib3, urllib.request, http.client, botocore, httpx, httpx2 or
        aiohttp, and needs no change: what it sends to one of these URLs never leaves the process. Yields the
        first URL; without any, one that is made up. Other origins are reached over the network, or refused
        with ``network=False``. All that is declared must be sent, and nothing else to these origins:
        otherwise MismatchError is raised at the line that sent it, and again at the end. Then it is recorded.
        """
        from consumer_sdk.in_process.way import InProcess  # noqa: PLC0415 - the other way needs none of it

        pact = self._pact

        def make_way(documents: Sequence[Mapping[str, Any]]) -> Way:
            names = ", ".join(f'"{document["description"]}"' for document in documents)
            owner = f"{names} of {pact}"
            return InProcess(base_urls, owner=owner, provider=pact.provider, network=network)

        return self._session(make_way)

    def serve(self, *, core: bool = False) -> Session:
        """Serve every request declared since the last time over HTTP; yield the base URL of the mock server.

        It is for code that runs in another process, or uses a client that `in_process` does not know.
        All of it must be sent, and nothing else: otherwise MismatchError says what was. Then it is recorded.
        With *core*, the mock server of pact-python answers what is accepted, and must accept it as well.
        """
        if core:
            from consumer_sdk.core_server import CoreServer  # noqa: PLC0415 - it loads pact-python

            version = self._pact.specification
            return self._session(lambda documents: CoreServer(documents, version))
        from consumer_sdk.mock_server import MockServer  # noqa: PLC0415 - the other way needs no server

        return self._session(lambda _: MockServer())

    def close(self) -> None:
        """Raise DeclarationError when something was declared that nothing ever used: it would be lost.

        Raises MismatchError when a request came after the `with` of its recording had ended.
        """
        __tracebackhide__ = True
        waiting, self._waiting[:] = self._waiting[:], []
        sessions = self._sessions[:]
        forget(self._sessions)
        for coroutine in [coroutine for each in waiting for coroutine in each.unfinished]:
            coroutine.close()
        if waiting:
            raise DeclarationError(_never_used(waiting, self._pact))
        for session in sessions:
            session.refuse_late()

    def _session(self, make_way: MakeWay) -> Session:
        session = Session(self._pact, partial(_taken, self._waiting), self._declared_once.document, make_way)
        self._sessions.append(session)
        return session

    def _deliver(self, interaction: MessageDeclaration, handler: Callable[[Message], T]) -> T:
        __tracebackhide__ = True
        declared, document = self._used(interaction)
        message = delivered(
            document, self._pact.specification, list_of(interaction, self._pact.specification)
        )
        where = f'the handler of "{interaction.description}" ({self._pact.test})'
        return self._run(partial(handler, message), declared, document, where)

    def _exchange(self, interaction: ExchangeDeclaration, code: Callable[[Send], T]) -> T:
        __tracebackhide__ = True
        declared, document = self._used(interaction)
        exchanging = Exchanging(document)
        where = f'the code of "{interaction.description}" ({self._pact.test})'
        return self._run(partial(code, exchanging.send), declared, document, where, exchanging.check)

    def _used(self, interaction: MessageDeclaration | ExchangeDeclaration) -> tuple[Declared, dict[str, Any]]:
        __tracebackhide__ = True
        declared = next((each for each in self._waiting if each.declaration is interaction), None)
        if declared is None:
            raise DeclarationError(
                f'"{interaction.description}" was used already ({self._pact.test}): declare it once more.'
            )
        return declared, self._declared_once.document(interaction)

    def _run(
        self,
        code: Callable[[], T],
        declared: Declared,
        document: Mapping[str, Any],
        where: str,
        check: Callable[[], None] = lambda: None,
    ) -> T:
        """Run the consumer's code, and record what it used, unless it raises or *check* does.

        What is a coroutine is recorded when somebody has awaited it.
        """
        __tracebackhide__ = True

        def finish() -> None:
            __tracebackhide__ = True
            check()
            self._pact.record(declared, document)

        with _noting(where, lambda: _remove(self._waiting, declared)):
            answer = code()
        if iscoroutine(answer):
            return cast("T", self._awaited(answer, declared, finish, where))
        _remove(self._waiting, declared)
        finish()
        return answer

    def _awaited(self, answer: Any, declared: Declared, finish: Callable[[], None], where: str) -> Any:
        """Return the coroutine of a handler, which records the message when it is done."""

        async def handled() -> Any:
            __tracebackhide__ = True
            _remove(self._waiting, declared)
            with _noting(where):
                result = await answer
            finish()
            return result

        handling = handled()
        # Kept, so that Python does not warn of them before `close` says what they were.
        declared.unfinished = (handling, answer)
        return handling


@contextmanager
def _noting(where: str, undo: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Add to an error of the consumer's code what it had to handle."""
    __tracebackhide__ = True
    try:
        yield
    except Exception as error:
        undo()
        error.add_note(f"Raised by {where}; it is recorded once it passes without an error.")
        raise


def _remove(waiting: list[Declared], declared: Declared) -> None:
    if declared in waiting:
        waiting.remove(declared)


def _taken(waiting: list[Declared]) -> list[Declared]:
    """Take the requests out of what waits."""
    found = [each for each in waiting if isinstance(each.declaration, HttpDeclaration)]
    waiting[:] = [each for each in waiting if each not in found]
    return found


def _never_used(waiting: Sequence[Declared], pact: Pact) -> str:
    names = ", ".join(f'"{each.declaration.description}"' for each in waiting)
    first = (
        f"Declared, but never used, so not recorded: {names}. "
        "Requests need `with recorder.in_process(url):` or `with recorder.serve() as url:`, "
        "messages need `.handled_by(handler)`."
    )
    lines = [first]
    for each in waiting:
        what = (
            "its handler is a coroutine, which nothing awaited: write `await ….handled_by(handler)`, or "
            "asyncio.run(….handled_by(handler))"
            if each.unfinished
            else "never used"
        )
        name = f'"{each.declaration.description}"'
        lines.append(f"  {name}, declared at {each.place} ({pact.test}): {what}")
    return "\n".join(lines)
