"""A pact file that is there already, perhaps of another tool or an older version of the specification."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumer_sdk.pact_files.recording import Pair, Recording
from tally import json_text
from tally.errors import InvalidContractError, UsageError
from tally.json_text import UnacceptableError
from tally.pact import parse_pact


@dataclass(frozen=True)
class PactFile:
    """What a file holds; *specification* is "V1" to "V4"."""

    path: Path
    pair: Pair
    specification: str
    document: dict[str, Any]

    def recordings(self) -> list[Recording]:
        """Return its interactions, each as it stands in the file."""
        return [
            Recording(*self.pair, self.specification, kind, interaction, source=str(self.path))
            for kind in ("interactions", "messages")
            for interaction in self.document.get(kind) or []
        ]


def read_pact_file(path: Path) -> PactFile:
    """Read a pact file. Raises UsageError, which names the file and what to do, when it cannot be read."""
    try:
        document = json_text.read(path.read_bytes().decode("utf-8-sig"))
        json_text.refuse_halves(document)
        pact = parse_pact(document)
    except OSError as error:
        raise UsageError(_broken(path, f"cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise UsageError(_broken(path, f"is no pact file: it is not UTF-8 (byte {error.start})")) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise UsageError(_broken(path, f"is no pact file: it is not JSON ({where})")) from error
    except UnacceptableError as error:
        raise UsageError(_broken(path, f"cannot be read: {error}")) from error
    except RecursionError as error:
        raise UsageError(_broken(path, "is no pact file: it is nested too deeply")) from error
    except (ValueError, InvalidContractError) as error:
        raise UsageError(_broken(path, f"is no pact file: {error}")) from error
    return PactFile(path, (pact.consumer, pact.provider), f"V{pact.specification[0]}", document)


def _broken(path: Path, reason: str) -> str:
    return (
        f"{path} {reason}. What it holds would be lost, so nothing was written: correct it, move it away, or "
        "replace it (pytest --pact-replace)."
    )
