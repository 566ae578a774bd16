"""The table of cases in data/decisions/pacts-for-verification.txt, as values."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.case_files import blocks

FILE = Path(__file__).parents[1] / "data" / "decisions" / "pacts-for-verification.txt"
EVENTS = {
    "version",
    "pact",
    "main",
    "left",
    "ended",
    "deleted",
    "verified",
    "failed",
    "tried",
    "deployed",
    "released",
    "taken",
    "later",
}


@dataclass
class Case:
    """One case: what happened, what is asked, and what has to be answered."""

    title: str
    settings: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, list[str]]] = field(default_factory=list)
    body: dict[str, Any] = field(default_factory=dict)
    answer: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)


def read() -> list[Case]:
    """Return every case of the file; its headings are for the reader."""
    cases = [_case(*block) for block in blocks(FILE)]
    return [case for case in cases if case.answer]  # a heading has none


def _case(title: str, lines: list[tuple[str, str]]) -> Case:
    case = Case(title)
    for verb, rest in lines:
        _read(case, verb, rest)
    return case


def _read(case: Case, verb: str, rest: str) -> None:
    match verb, rest.split():
        case "select", _:
            case.body.setdefault("consumerVersionSelectors", []).append(json.loads(rest))
        case "from", ["branch", branch]:
            case.body["providerVersionBranch"] = branch
        case "from", ["tags", *tags]:
            case.body["providerVersionTags"] = tags
        case "since", [moment]:
            case.body["includeWipPactsSince"] = moment
        case "status", ["left", "out"]:
            case.body["includePendingStatus"] = False
        case "setting", [setting]:
            name, _, value = setting.partition("=")
            case.settings[f"TALLY_{name}"] = value
        case "answer", _:
            case.answer.append(rest)
        case "short", _:
            case.short.append(rest)
        case _, words:
            assert verb in EVENTS, verb
            case.events.append((verb, words))
