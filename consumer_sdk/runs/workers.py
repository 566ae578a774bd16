"""What the workers of pytest-xdist tell the process that writes the files."""

from collections.abc import Collection as Sized
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from consumer_sdk.errors import UnwritableError
from consumer_sdk.runs.collection import Collection, received

_DISTRIBUTION = "tallystick"


def told(made: Sized[str], collection: Collection) -> dict[str, Any]:
    """Return what a worker sends at its end: its version, what it has recorded, and what it collected."""
    return {"version": _version(), "made": sorted(made), "collection": collection.sent()}


def collections(workers: Sequence[dict[str, Any]]) -> list[Collection]:
    """Return what the workers collected, each of them everything."""
    return [received(worker["collection"]) for worker in workers if "collection" in worker]


def refuse_others(workers: Sequence[dict[str, Any]], directory: Path) -> None:
    """Raise UnwritableError when a worker records in another way or place, as something would be lost."""
    for worker in workers:
        if "version" in worker and worker["version"] != _version():
            raise UnwritableError(
                f"No pact was written: worker {worker['id']} of pytest-xdist has version {worker['version']} "
                f"of Tallystick, and this process {_version()}. Install the same version in both."
            )
        lost = [name for name in worker.get("made", ()) if not (directory / f"{name}.json").exists()]
        if lost:
            raise UnwritableError(
                f"No pact was written: worker {worker['id']} of pytest-xdist recorded {len(lost)} "
                f"interactions where this process cannot read them ({directory}). Run the workers on this "
                "machine, with the same TMPDIR, or publish from each machine with `tally publish --merge`."
            )


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
