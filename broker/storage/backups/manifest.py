"""What is noted beside a backup: what it is of, and what must be in it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import orjson

from broker.storage.backups.files import BackupError
from tally.values import dataclass

_ENDING = ".json"
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Manifest:
    """A backup of the moment *taken_at*: *rows* by table, *keys* by fingerprint, the first one encrypts."""

    database: str
    """sqlite or postgresql."""
    release: str
    schema: str
    taken_at: datetime
    size: int
    sha256: str
    keys: Sequence[str]
    rows: Mapping[str, int]

    def to_bytes(self) -> bytes:
        """Return the JSON of the file."""
        return orjson.dumps({"format": 1, **asdict(self)}, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def of(cls, document: Any) -> Self:
        """Read the JSON. Raises KeyError, TypeError, ValueError, AttributeError."""
        if document["format"] != 1:
            raise ValueError(f"format {document['format']} is of a newer release")
        texts = {name: str(document[name]) for name in ("database", "release", "schema", "sha256")}
        return cls(
            taken_at=datetime.fromisoformat(document["taken_at"]),
            size=int(document["size"]),
            keys=[str(key) for key in document["keys"]],
            rows={str(table): int(count) for table, count in document["rows"].items()},
            **texts,
        )


def manifest_beside(backup: Path) -> Path:
    """Return where the manifest of a backup is."""
    return backup.with_name(backup.name + _ENDING)


def read_manifest(backup: Path) -> Manifest | None:
    """Return the manifest of a backup, None when there is none. Raises BackupError, OSError."""
    path = manifest_beside(backup)
    if not path.exists():
        return None
    with path.open("rb") as file:
        content = file.read(_LONGEST)
    try:
        return Manifest.of(orjson.loads(content))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BackupError(
            f"{path}, which says what must be in the backup, cannot be read ({type(error).__name__}: "
            f"{error}). Move it away to do without."
        ) from error
