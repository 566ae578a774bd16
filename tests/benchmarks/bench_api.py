"""What each request of the API costs: with little, with much, and with ten times that history.

Run it with `make bench`; with a pattern as its argument, it asks only what has a name like that. Nothing is
asserted: these are figures to compare within one run, see `measuring`. The requests are in `api_questions`.

A ratio above 1.3 is marked; so is a request that takes longer on the large broker than it should. With
BENCH_STEADY=1, contracts stay the same for ever and every version has a tag: each content has all results.
"""

import os
import re
import sys
from contextlib import ExitStack

from api_questions import forget_one_branch, questions, tag_all
from measuring import Cost, Question, costs
from support.big_data import Size, fill
from support.databases import NEW_DATABASE, begin_run

LARGEST = int(os.environ.get("BENCH_VERSIONS", "1000"))
IS_STEADY = bool(os.environ.get("BENCH_STEADY"))
GROWTH = 1.3
LITTLE = 0.2
"""Milliseconds: less than that is no growth, but the noise of a request that takes no time."""


def sizes() -> tuple[Size, ...]:
    """Return a small broker, a large one, and one with ten times the history of the large one."""
    small, large, largest = 20, LARGEST // 10, LARGEST
    if IS_STEADY:
        return (
            Size(5, 5, small, versions_per_content=small),
            *(Size(versions=each, versions_per_content=each) for each in (large, largest)),
        )
    return Size(5, 5, small), Size(versions=large), Size(versions=largest)


def main(pattern: str = "") -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with ExitStack() as databases:
            urls = [databases.enter_context(new_database()) for _ in sizes()]
            for url, size in zip(urls, sizes(), strict=True):
                fill(url, size)
                if IS_STEADY:
                    tag_all(url)
                forget_one_branch(url)
            report(name, urls, pattern)


def report(name: str, urls: list[str], pattern: str) -> None:
    """Print what each request costs on each of the databases, and which of them grow or are slow."""
    print(f"\n{name:44}" + "".join(f"{size.results:>12} results   " for size in sizes()))
    print(
        f"  {'ms':42}" + len(urls) * f"{'app':>8}{'database':>10}{'SQL':>5}  " + f"{'ratio':>6}{'target':>8}"
    )
    asked = [questions(url, size) for url, size in zip(urls, sizes(), strict=True)]
    for title in asked[0]:
        if re.search(pattern, title):
            forms = [of_place[title] for of_place in asked]
            print(line(forms[0], costs(urls, forms)), flush=True)


def line(question: Question, found: list[Cost]) -> str:
    """Return the line of one request."""
    _, large, largest = found
    ratio, more = largest.both / large.both, largest.both - large.both
    columns = "".join(f"{cost.application:8.2f}{cost.database:10.2f}{cost.statements:5}  " for cost in found)
    remarks = ["grows"] if ratio > GROWTH and more > LITTLE else []
    if question.target is not None and large.both > question.target:
        remarks.append("slow")
    target = "" if question.target is None else f"{question.target:g}"
    return f"  {question.name:42}{columns}{ratio:6.2f}{target:>8}  {', '.join(remarks)}".rstrip()


if __name__ == "__main__":
    main(*sys.argv[1:])
