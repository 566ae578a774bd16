"""What a run has opened: the pairs of its pacts, each in one version of the specification."""

import json
from pathlib import Path

from consumer_sdk.errors import DeclarationError
from consumer_sdk.pact_files import file_name
from consumer_sdk.pact_files.recording import Pair
from consumer_sdk.pact_files.recordings import create

_OPENED = "opened"


def note_opened(directory: Path, pair: Pair, *, specification: str, test: str) -> None:
    """Note that a test opens a pact, for every process of the run.

    Raises DeclarationError, which names both tests, when another has opened it in another version.
    """
    __tracebackhide__ = True
    folder = directory / _OPENED
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(*pair)
    values = {"pair": list(pair), "specification": specification, "test": test}
    if target.exists() or not create(target, json.dumps(values)):
        first = json.loads(target.read_text(encoding="utf-8"))
        if first["pair"] == list(pair) and first["specification"] != specification:
            raise DeclarationError(
                f'The pact between "{pair[0]}" and "{pair[1]}" is opened in two versions of the '
                "specification, and one file has one:\n"
                f"  {first['specification']} by {first['test']}\n"
                f"  {specification} by {test}\n"
                "Give both the same: specification=…"
            )


def opened_files(directory: Path) -> list[str]:
    """Return the names of the files of the pacts that the run has opened."""
    return sorted(path.name for path in (directory / _OPENED).glob("*.json"))
