"""Time the comparison of versions: run with `python tests/benchmarks/bench_compatibility.py`.

Two OpenAPI documents of 100 operations and 60 schemas that refer to each other, of which some changed: the
aim is 300 ms, from the documents to the answer. Then the same with other counts of operations.
"""

import time
from copy import deepcopy
from typing import Any

from support.large_contracts import a_large_openapi, changed

from tally.compatibility.documents import compare_versions, read_version
from tally.compatibility.model import Compatibility, Rules

ROUNDS = 5
TARGET = 300
OPERATIONS = 100


def main() -> None:
    print(
        f"{'operations':>10} {'reading ms':>11} {'comparing ms':>13} {'changes':>8} {'breaking':>9}  verdict"
    )
    for operations in (10, OPERATIONS, 400):
        old = a_large_openapi(operations)
        rounds = [measured(deepcopy(old), changed(old)) for _ in range(ROUNDS)]
        reading, comparing = (min(each[index] for each in rounds) for index in (0, 1))
        found = rounds[0][2]
        counts = f"{len(found.changes):>8} {len(found.breaking):>9}  {found.verdict.value}"
        print(f"{operations:>10} {reading:>11.0f} {comparing:>13.0f} {counts}")
        if operations == OPERATIONS:
            print(f"{'':>10} {(reading + comparing) / TARGET:.2f} of the {TARGET} ms")


def measured(old: Any, new: Any) -> tuple[float, float, Compatibility]:
    start = time.perf_counter()
    versions = read_version("old", old), read_version("new", new)
    read = time.perf_counter()
    found = compare_versions(*versions, Rules())
    return (read - start) * 1000, (time.perf_counter() - read) * 1000, found


if __name__ == "__main__":
    main()
