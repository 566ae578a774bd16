"""The engine `pact-core`: the Rust verifier of pact-python replays and checks interactions.

It is used for interactions that need a plugin, and as a reference. Each interaction is passed as a pact of
its own, so that its result is available as soon as it ends.
"""

import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pact

from tally.matching import Mismatch
from tally.values import dataclass
from verifier.contracts.cases import AnyCase
from verifier.options import Options
from verifier.results.result import CaseResult, FailureKind

_KINDS = {"BodyTypeMismatch": "body-type"}
_NOT_SENT = "error sending request"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|s)")
_MILLISECONDS = {"s": 1000.0, "ms": 1.0, "us": 0.001, "µs": 0.001, "ns": 0.000_001}


@dataclass(frozen=True, kw_only=True)
class CoreEngine:
    """Replay cases against *provider_url*; *timeout* is in seconds, for each request."""

    provider_url: str
    transports: Mapping[str, int] = field(default_factory=dict)
    state_change_url: str | None = None
    teardown: bool = False
    as_query: bool = False
    message_url: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 30
    follow_redirects: bool = False
    trust_anybody: bool = False

    def replay(self, case: AnyCase) -> CaseResult:
        """Replay *case* and return its result; failures of the provider raise nothing."""
        if not case.document:
            reason = "It cannot be checked: the engine pact-core replays pacts only."
            return CaseResult(case=case, failure=FailureKind.UNSUPPORTED, problem=reason)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pact.json"
            path.write_text(json.dumps(case.document))
            verifier = self._verifier(case.document, path)
            with _ONE_VERIFIER, _without_output():
                with suppress(RuntimeError):  # the results say why
                    verifier.verify()
                found = verifier.results
        return result_of(case, found)

    def _verifier(self, document: Mapping[str, Any], path: Path) -> pact.Verifier:
        parts = urlsplit(self.provider_url)
        verifier = pact.Verifier(document["provider"]["name"], host=parts.hostname)
        verifier.add_transport(
            protocol="http", port=parts.port, path=unquote(parts.path) or "/", scheme=parts.scheme
        )
        for transport in _transports(document):
            verifier.add_transport(protocol=transport, port=self.transports.get(transport, parts.port))
        if self.message_url:
            at = urlsplit(self.message_url)
            verifier.add_transport(protocol="message", port=at.port, path=unquote(at.path), scheme=at.scheme)
        if self.state_change_url:
            verifier.state_handler(self.state_change_url, teardown=self.teardown, body=not self.as_query)
        verifier.set_coloured_output(enabled=False).set_request_timeout(int(self.timeout * 1000))
        verifier.add_custom_headers(self.headers).follow_redirects(self.follow_redirects)
        if self.trust_anybody:
            verifier.disable_ssl_verification()
        return verifier.add_source(path)


# The standard output that is redirected below belongs to the whole process.
_ONE_VERIFIER = threading.Lock()


def core_engine(options: Options) -> CoreEngine:
    """Return the engine for *options*."""
    at = options.provider_url
    return CoreEngine(
        provider_url=at,
        transports=dict(options.transports),
        state_change_url=urljoin(at, options.state_change_url) if options.state_change_url else None,
        teardown=options.state_change_teardown,
        as_query=options.state_change_as_query,
        message_url=urljoin(at, options.message_url) if options.message_url else None,
        headers=options.headers,
        timeout=options.timeout,
        follow_redirects=options.follow_redirects,
        trust_anybody=options.tls.skip,
    )


def result_of(case: AnyCase, found: Mapping[str, Any]) -> CaseResult:
    """Convert the results of the Rust verifier into the result of *case*."""
    entries = found.get("interactionResults") or [{}]
    duration_ms = _milliseconds(entries[0].get("duration"))
    if found.get("result") and entries[0].get("result") == "OK":
        return CaseResult(case=case, duration_ms=duration_ms)
    problem = _problem_of(found, entries[0])
    if problem.get("type") == "mismatches":
        mismatches = tuple(_mismatch(each) for each in problem.get("mismatches", ()))
        return CaseResult(
            case=case, failure=FailureKind.MISMATCH, mismatches=mismatches, duration_ms=duration_ms
        )
    message = str(problem.get("message") or problem.get("error") or "the Rust verifier gave no reason")
    return CaseResult(case=case, failure=_failure(found, message), problem=message, duration_ms=duration_ms)


def _problem_of(found: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    errors = [*found.get("errors", ()), *found.get("pendingErrors", ())]
    problem = entry.get("mismatch") or (errors[0].get("mismatch") if errors else None)
    return problem if isinstance(problem, dict) else {"message": problem}


def _failure(found: Mapping[str, Any], message: str) -> FailureKind:
    if not found.get("interactionResults"):
        return FailureKind.UNSUPPORTED
    if "state change" in message.lower():
        return FailureKind.PROVIDER_STATE
    return FailureKind.UNREACHABLE if _NOT_SENT in message.lower() else FailureKind.NO_ANSWER


def _mismatch(found: Mapping[str, Any]) -> Mismatch:
    name = str(found.get("type", ""))
    kind = _KINDS.get(name, name.removesuffix("Mismatch").lower())
    path = str(found.get("path") or found.get("key") or found.get("parameter") or "")
    return Mismatch(kind, path, found.get("expected"), found.get("actual"), str(found.get("mismatch", "")))


def _milliseconds(text: str | None) -> float:
    """Read "16ms", "1.5s" or "900us"; 0 for anything else."""
    found = _DURATION.fullmatch(text or "")
    return float(found[1]) * _MILLISECONDS[found[2]] if found else 0


def _transports(document: Mapping[str, Any]) -> list[str]:
    """Return the plugin transports that the interactions name, such as "grpc"."""
    named = [interaction.get("transport") for interaction in document.get("interactions", ())]
    return [name for name in dict.fromkeys(named) if name and name not in {"http", "https", "message"}]


@contextmanager
def _without_output() -> Iterator[None]:
    """Redirect the standard output of the process, so that the Rust verifier does not write into a report.

    Also turn off its usage reporting, unless the environment sets PACT_DO_NOT_TRACK itself.
    """
    os.environ.setdefault("PACT_DO_NOT_TRACK", "true")
    # The Rust code writes to the file descriptor, past `sys.stdout`.
    sys.stdout.flush()
    with Path(os.devnull).open("wb") as nowhere:
        kept = os.dup(1)
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
