"""What did not fit in each interaction, read from the findings of a comparison as they are stored."""

from typing import Any

import orjson

from broker.domain.verifications.interaction_outcomes import Problem


def failed(test_results: bytes | None) -> dict[str, tuple[Problem, ...]]:
    """Return what did not fit in the findings, by the description of the interaction."""
    found: dict[str, tuple[Problem, ...]] = {}
    for interaction in orjson.loads(test_results or b"{}").get("interactions", ()):
        if interaction["verdict"] == "error":
            problems = tuple(map(_problem, _errors(interaction)))
            name = interaction["description"]
            found[name] = (*found.get(name, ()), *problems)
    return found


def _errors(interaction: dict[str, Any]) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = interaction.get("findings", [])
    return [finding for finding in findings if finding["severity"] == "error"] or findings


def _problem(finding: dict[str, Any]) -> Problem:
    return Problem("", finding["text"])
