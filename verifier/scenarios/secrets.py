"""Secrets of a run, taken out of everything that is shown, logged or published."""

import base64
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from tally.drafts.secrets import is_secret_name
from tally.pact.bodies import NOT_JSON, parse_json
from verifier.results.result import Received, Sent
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport
from verifier.transport.redaction import REDACTED
from verifier.workflows.inputs import declared_inputs
from verifier.workflows.results import Check, StepResult, WorkflowResult

_SHORTEST = 4
"""What is shorter occurs by chance, in every report."""


class Secrets:
    """Values that must not be shown: inputs, outputs and members of bodies whose names or schemas say so."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: Any) -> None:
        """Keep *value*, and what is inside it, from being shown."""
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                self.add(item)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value)
            if len(text) >= _SHORTEST:
                self._values |= set(_spellings(text))
                self._pattern = None

    def add_named(self, values: Any) -> None:
        """Keep what is under a name such as "password" or "access_token", at any depth."""
        if isinstance(values, Mapping):
            for name, value in values.items():
                self.add(value) if is_secret_name(str(name), in_json=True) else self.add_named(value)
        elif isinstance(values, list):
            for item in values:
                self.add_named(item)

    def add_inputs(self, result: WorkflowResult) -> None:
        """Keep the inputs that the workflow's schema calls a password or write-only."""
        for name, schema in declared_inputs(result.workflow).items():
            is_secret = isinstance(schema, dict) and (
                schema.get("format") == "password" or schema.get("writeOnly") is True
            )
            if is_secret and name in result.inputs:
                self.add(result.inputs[name])

    def hidden(self, text: str) -> str:
        """Return *text* without the secrets."""
        if not self._values:
            return text
        if self._pattern is None:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(REDACTED, text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the secrets out of a line of the log; it is never left out."""
        record.msg, record.args = self.hidden(record.getMessage()), ()
        return True


def without_secrets(report: ScenarioReport, secrets: Secrets) -> ScenarioReport:
    """Return *report* without the secrets that are known, and those that its exchanges show."""
    for executed in report.workflows:
        learn(executed, secrets)
    return replace(
        report,
        workflows=tuple(hidden_workflow(executed, secrets) for executed in report.workflows),
        problems=tuple(map(secrets.hidden, report.problems)),
    )


def hidden_workflow(executed: ExecutedWorkflow, secrets: Secrets) -> ExecutedWorkflow:
    """Return *executed* without the secrets that are known."""
    return replace(
        executed,
        result=_hidden_result(executed.result, secrets),
        cleanup=tuple(_hidden_step(step, secrets) for step in executed.cleanup),
    )


def learn(executed: ExecutedWorkflow, secrets: Secrets) -> None:
    """Keep the secrets that *executed* has in its inputs, its outputs and the bodies that it exchanged."""
    results = [executed.result, *_called(executed.all_steps)]
    for result in results:
        secrets.add_inputs(result)
        secrets.add_named(result.inputs)
        secrets.add_named(result.outputs)
    for step in executed.all_steps:
        for body in (step.sent.body if step.sent else b"", step.received.body if step.received else b""):
            value = parse_json(body) if body[:1] in {b"{", b"["} else NOT_JSON
            secrets.add_named(None if value is NOT_JSON else value)


def _called(steps: Iterable[StepResult]) -> Iterator[WorkflowResult]:
    return (step.called for step in steps if step.called)


def _hidden_result(result: WorkflowResult, secrets: Secrets) -> WorkflowResult:
    return replace(
        result,
        reason=secrets.hidden(result.reason),
        steps=tuple(_hidden_step(step, secrets) for step in result.steps),
        inputs=_hidden_values(result.inputs, secrets),
        outputs=_hidden_values(result.outputs, secrets),
    )


def _hidden_step(step: StepResult, secrets: Secrets) -> StepResult:
    return replace(
        step,
        checks=tuple(
            Check(secrets.hidden(check.text), check.passed, secrets.hidden(check.got))
            for check in step.checks
        ),
        problem=None if step.problem is None else secrets.hidden(step.problem),
        sent=step.sent and _hidden_sent(step.sent, secrets),
        received=step.received and _hidden_received(step.received, secrets),
        called=step.called and _hidden_result(step.called, secrets),
    )


def _hidden_sent(sent: Sent, secrets: Secrets) -> Sent:
    headers = tuple((name, secrets.hidden(value)) for name, value in sent.headers)
    return Sent(sent.method, secrets.hidden(sent.url), headers, _hidden_bytes(sent.body, secrets))


def _hidden_received(received: Received, secrets: Secrets) -> Received:
    headers = tuple((name, secrets.hidden(value)) for name, value in received.headers)
    return Received(received.status, headers, _hidden_bytes(received.body, secrets))


def _hidden_bytes(content: bytes, secrets: Secrets) -> bytes:
    try:
        return secrets.hidden(content.decode()).encode()
    except UnicodeDecodeError:
        return content


def _hidden_values(values: Any, secrets: Secrets) -> Any:
    if isinstance(values, Mapping):
        return {
            name: REDACTED if is_secret_name(str(name), in_json=True) else _hidden_values(value, secrets)
            for name, value in values.items()
        }
    if isinstance(values, list):
        return [_hidden_values(item, secrets) for item in values]
    if isinstance(values, bool) or values is None:
        return values
    text = str(values)
    return values if secrets.hidden(text) == text else secrets.hidden(text)


def _spellings(text: str) -> Iterator[str]:
    """Yield how a text is written in JSON, in URLs and forms, and in Basic credentials."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield quote(text, safe="", errors="surrogatepass")
    yield quote(text, errors="surrogatepass")
    yield quote_plus(text, errors="surrogatepass")
    yield base64.b64encode(text.encode(errors="replace")).decode()
