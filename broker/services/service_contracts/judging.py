"""What is asked of contracts without running anything, as functions from texts to JSON.

They run in a process of their own (see `judging_process`): a document can be made so that a question about it
takes long, and nothing interrupts the libraries that answer.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from broker.services.service_contracts.judgements import NOT_MADE, not_made, unknown
from tally.comparison.comparing import FAILED, Comparator
from tally.comparison.findings import Policy
from tally.comparison.findings import Verdict as ComparisonVerdict
from tally.comparison.operations import CompiledContract
from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Mode, Rules, Verdict
from tally.errors import TallyError
from tally.hashing import parse_json
from tally.pact import parse_pact
from tally.service_contract.joining import joined
from tally.service_contract.parsing import parse_service_contract

LONGEST_REASON = 1000
MOST_FINDINGS = 500
"""Findings that are kept of one comparison."""


class Judge:
    """Answers questions about contracts; what was asked about last stays compiled."""

    def __init__(self) -> None:
        self._set: Comparator | None = None
        self._problem: str | None = None

    def take(self, documents: Mapping[str, str]) -> None:
        """Compare with these documents from now on."""
        self._set, self._problem = None, None
        try:
            contracts = [parse_service_contract(parse_json(text.encode())) for text in documents.values()]
            self._set = Comparator(CompiledContract(joined(contracts, list(documents))))
        except TallyError as error:
            self._problem = f"The documents cannot be read: {error}"
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is known to fit them
            self._problem = f"The documents cannot be read: {_ended(error)}"

    def compare(self, pact: str) -> dict[str, Any]:
        """Return what came of comparing a pact with the documents, by policy."""
        if self._set is None:
            return unknown(self._problem or "There are no documents.")
        try:
            parsed = parse_pact(parse_json(pact.encode()))
        except TallyError as error:
            return unknown(f"The pact cannot be read: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the pact is not known to fit
            return unknown(f"The pact cannot be read: {_ended(error)}")
        found = self._set.compare(parsed)
        possible = found.as_json()
        if found.verdict is ComparisonVerdict.UNKNOWN and (reason := _failure(possible)):
            return not_made(reason)
        strict = guaranteed(possible)
        return {Policy.POSSIBLE.value: _kept(possible), Policy.GUARANTEED.value: _kept(strict)}


def _failure(found: dict[str, Any]) -> str | None:
    """Return why an interaction could not be compared, if that may be otherwise another time."""
    reasons = [
        f"{interaction['description']}: {finding['text']}"
        for interaction in found["interactions"]
        for finding in interaction["findings"]
        if finding["code"] == FAILED
    ]
    return reasons[0].rstrip(".")[:LONGEST_REASON] if reasons else None


def _ended(error: Exception) -> str:
    return f"reading ended with {type(error).__name__}: {error}"


def guaranteed(possible: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison, as JSON, by the policy `guaranteed`: as `Comparison.under` does, but quicker."""
    interactions = [_guaranteed(interaction) for interaction in possible["interactions"]]
    is_broken = any(interaction["verdict"] == "error" for interaction in interactions)
    return {"verdict": "incompatible" if is_broken else possible["verdict"], "interactions": interactions}


def _guaranteed(interaction: dict[str, Any]) -> dict[str, Any]:
    findings = [
        {**finding, "severity": "error"}
        if finding["question"] == "guaranteed" and finding["severity"] == "warning"
        else finding
        for finding in interaction["findings"]
    ]
    is_broken = any(finding["severity"] == "error" for finding in findings)
    verdict = "error" if is_broken else interaction["verdict"]
    return {**interaction, "verdict": verdict, "findings": findings}


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison with as many findings as are kept."""
    left, left_out = MOST_FINDINGS, 0
    for interaction in found["interactions"]:
        findings = interaction["findings"]
        left_out += max(0, len(findings) - left)
        interaction["findings"] = findings[:left]
        left -= len(interaction["findings"])
    return {**found, "findingsLeftOut": left_out} if left_out else found


def check(earlier: str, later: str, mode: str, *, lenient: bool) -> dict[str, Any]:
    """Return how a document compares with an earlier one."""
    try:
        old, new = (read_version("the document", parse_json(text.encode())) for text in (earlier, later))
        return compare_versions(old, new, Rules(Mode(mode), lenient)).as_json()
    except Exception as error:  # noqa: BLE001 - whatever it is, the two are not known to be compatible
        reason = f"they could not be compared ({type(error).__name__}: {error})"
        return {"verdict": Verdict.UNKNOWN.value, "changes": [], "reasons": [reason], NOT_MADE: reason}


def answer(judge: Judge, line: bytes) -> bytes:
    """Answer one question, a line of JSON, by another one."""
    asked = orjson.loads(line)
    if "earlier" in asked:
        return orjson.dumps(
            check(asked["earlier"], asked["later"], asked["mode"], lenient=asked["lenient"]), default=str
        )
    if "documents" in asked:
        judge.take(asked["documents"])
    return orjson.dumps(judge.compare(asked["pact"]))
