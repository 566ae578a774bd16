"""Time recording into a pact file: run with `python tests/benchmarks/bench_pact_files.py`.

Prints what a run costs that records 1,000 or 5,000 interactions: for each of them to be kept while tests
run, to be written into a new file, into one that has them already, and beside as many others (--pact-merge).
The time for each interaction should stay the same from line to line.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from support.recordings import a_recording

from consumer_sdk.pact_files import Recordings

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
COUNTS = (1000, 5000)
ITEM = {"id": 17, "name": "Ink, black", "price": 4.5, "tags": ["new", "sale"], "stock": {"count": 3}}
BODY = {"content": {"items": [ITEM] * 5}, "contentType": "application/json", "encoded": False}


def record(directory: Path, prefix: str, count: int) -> Recordings:
    recordings = Recordings(directory)
    for number in range(count):
        recording = a_recording(f"{prefix} {number}", states=["orders exist"])
        recording.interaction["response"]["body"] = BODY
        recordings.add(recording)
    return recordings


def timed(action: Callable[[], object]) -> float:
    begin = time.process_time()
    action()
    return time.process_time() - begin


def measured(count: int) -> dict[str, float]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        old, new = record(folder / "old", "old", count), Recordings(folder / "new")
        target = folder / "pacts"
        return {
            "kept": timed(lambda: record(new.directory, "new", count)),
            "new file": timed(lambda: old.write(target)),
            "again": timed(lambda: old.write(target)),
            "merged": timed(lambda: new.write(target, merge=True)),
        }


def main() -> None:
    print(f"{'interactions':>12} {'':>10} {'CPU s':>8} {'µs each':>8}")
    for count in COUNTS:
        rounds = [measured(count) for _ in range(ROUNDS)]
        for name in rounds[0]:
            took = min(each[name] for each in rounds)
            print(f"{count:>12} {name:>10} {took:>8.2f} {took / count * 1e6:>8.0f}")


if __name__ == "__main__":
    main()
