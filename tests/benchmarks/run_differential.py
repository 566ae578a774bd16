"""Compare our engine with the Rust core on as many bodies as you like, and print what they disagree on.

PYTHONPATH=tests python tests/benchmarks/run_differential.py [HOW MANY] [FIRST SEED]
"""

import sys
from collections import Counter

from differential.bodies import body_case, of_the_core, ours
from differential.known import known_difference


def main(count: int = 20_000, first: int = 0) -> None:
    """Print each difference that nothing explains, and how often each explanation was needed."""
    explained: Counter[str] = Counter()
    for case in map(body_case, range(first, first + count)):
        own, core = ours(case), of_the_core(case)
        if (own == ()) == (core == ()):
            continue
        name = known_difference(case, own, core)
        explained[name or "unexplained"] += 1
        if name is None:
            print(case)
            for engine, found in (("ours", own), ("core", core)):
                print(f"  {engine}: {[each.message for each in found]}")
    print(f"{sum(explained.values())} differences in {count} cases")
    for name, number in explained.most_common():
        print(f"{number:6}  {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
