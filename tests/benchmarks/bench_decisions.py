"""What the questions of a pipeline cost on a large broker, with service contracts, and with more history.

Run it with `make bench`. Nothing is asserted: these are figures to compare within one run, see `measuring`.
The path of a request has a place for the newest version.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from measuring import Question, costs
from support.big_data import Size, fill
from support.databases import NEW_DATABASE, begin_run

SIZES = (Size(), Size(service_contracts=True), Size(versions=1000, service_contracts=True))
SELECTORS = {
    "consumerVersionSelectors": [{"mainBranch": True}, {"deployedOrReleased": True}],
    "providerVersionBranch": "main",
    "includePendingStatus": True,
}


QUESTIONS = (
    Question("can I deploy", "/can-i-deploy?pacticipant=Consumer 07&version={}&environment=production"),
    Question("can I deploy a provider", "/can-i-deploy?pacticipant=Provider 07&version={}&environment=test"),
    Question(
        "matrix of the command line",
        "/matrix?q[][pacticipant]=Consumer 07&q[][version]={}&latestby=cvpv&environment=production",
    ),
    Question(
        "matrix of a pair, limit 100",
        "/matrix?q[][pacticipant]=Consumer 07&q[][pacticipant]=Provider 03&latestby=cvpv&limit=100",
    ),
    Question("pacts for verification", "/pacts/provider/Provider 07/for-verification", SELECTORS),
)


def main() -> None:
    """Print the figures for both databases."""
    begin_run()
    for name, new_database in NEW_DATABASE.items():
        with ExitStack() as stack:
            urls = [stack.enter_context(new_database()) for _ in SIZES]
            for url, size in zip(urls, SIZES, strict=True):
                began = time.perf_counter()
                fill(url, size)
                print(f"{name}: {size.results} results written in {time.perf_counter() - began:.1f} s")
            report(name, urls)


def report(name: str, urls: Sequence[str]) -> None:
    """Print what each question costs on each of the databases, and how much more than on the first one."""
    heads = (f"{size.results}{' + contracts' if size.service_contracts else ''}" for size in SIZES)
    print(f"\n{name:30}" + "".join(f"{head:>23}  " for head in heads))
    print(f"  {'ms':28}" + len(SIZES) * f"{'app':>8}{'database':>10}{'SQL':>5}  " + f"{'ratios':>12}")
    for question in QUESTIONS:
        forms = [replace(question, path=question.path.format(size.versions)) for size in SIZES]
        found = costs(urls, forms)
        columns = "".join(
            f"{cost.application:8.2f}{cost.database:10.2f}{cost.statements:5}  " for cost in found
        )
        ratios = "".join(f"{cost.both / found[0].both:6.2f}" for cost in found[1:])
        print(f"  {question.name:28}{columns}{ratios}")
    print()


if __name__ == "__main__":
    main()
