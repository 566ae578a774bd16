"""Where a generated failure comes from, and how to repeat it, as text."""

import json
from collections.abc import Iterator
from typing import Any

from verifier.reporting.curl import curl_line
from verifier.results.folding import generated_of
from verifier.results.result import CaseResult

_LONGEST = 400


def origin_lines(result: CaseResult) -> Iterator[str]:
    """Yield the phase, the seed and the number that repeat a generated case, and its smallest value."""
    generated = generated_of(result)
    if generated is None:
        return
    alike = f", and {len(result.of) - 1} more fail alike" if len(result.of) > 1 else ""
    yield f"--phases {generated.phase} --seed {generated.seed}, number {generated.index}{alike}"
    if result.smallest is not None:
        text = json.dumps(result.smallest, ensure_ascii=False)
        yield f"smallest: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"


def curl_lines(result: CaseResult) -> list[str]:
    """Return the commands that send again what was sent, with what came before in a workflow."""
    last = [curl_line(result.sent)] if result.sent else []
    return [*(curl_line(step.sent) for step in result.before), *last]


def origin_document(result: CaseResult) -> dict[str, Any] | None:
    """Return the same as JSON values; None for a case that was not generated."""
    generated = generated_of(result)
    if generated is None:
        return None
    return {
        "phase": generated.phase,
        "seed": generated.seed,
        "index": None if result.passed else generated.index,
        "requests": len(result.of) or 1,
        "smallest": result.smallest,
        "triedToShrink": result.tried,
    }
