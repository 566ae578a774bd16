"""What each page costs on a large broker, and with ten times its history; beside what is known of the peer.

Run it with `make bench`; with a pattern as its argument, it asks only for pages with a name like that.
Nothing is asserted: these are figures to compare within one run, see `measuring`. A bare request, the unit of
one column, is one that Flask answers with a word.
"""

import gzip
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from api_questions import values_of
from measuring import Cost, Question, costs
from support.big_counters import fill_counters
from support.big_data import Size, fill
from support.databases import begin_run, new_sqlite
from whole_process import bare_milliseconds

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.web.paths import PAGES
from broker.web.routes import PATHS, rule

LARGEST = int(os.environ.get("BENCH_VERSIONS", "1000"))
SIZES = Size(versions=LARGEST // 10), Size(versions=LARGEST)
MANY = Size(10, 10, versions=10), Size(100, 100, versions=10)
DAYS = dict(zip(SIZES, (60, 600), strict=True))
"""For how many days results are counted."""
GROWTH, LITTLE = 1.2, 0.3
OF_MANY = "index, 100 and 10,000 integrations"
TARGETS = {"index": 7.5, OF_MANY: 7.5}
TARGET = 15.0
PEER = {
    "index": "was answered 500 after a statement time-out (pact_broker#518); minutes to load (#203, #354)",
    "index with tags": "killed for memory on 2 GB (pact_broker#360)",
}
"""What the reference says of the pages of the Pact Broker; it has no figures of CPU."""
QUERIES = {
    "index with tags": "?tags=true",
    "can-i-deploy": "?pacticipant=Consumer 02&version={version}&environment=production",
    "deploy-plan": "?q[][pacticipant]=Consumer 02&q[][version]={version}&environment=production",
    "matrix": "?q[][pacticipant]=Consumer 02&q[][pacticipant]=Provider 03&latestby=cvpv&limit=100",
    "search": "?q=order",
    "network as a graph": "?show=graph",
    "compare-environments": "?a=test&b=production",
    "insights of a year": "?days=365",
}
HEADS = ("large, ms", "SQL", "10 x, ms", "ratio", "bare", "kB gzip", "elements")


def main(pattern: str = "") -> None:
    """Print the figures, on SQLite."""
    begin_run()
    with ExitStack() as databases:
        urls = [databases.enter_context(new_sqlite()) for _ in SIZES]
        for url, size in zip(urls, SIZES, strict=True):
            fill(url, size)
            fill_counters(url, size, DAYS[size])
        print(f"{'':45}" + "".join(f"{head:>10}" for head in HEADS))
        bare = bare_milliseconds()
        for name, questions in pages(urls).items():
            if re.search(pattern, name):
                print(line(name, costs(urls, questions), bare, weight(urls[0], questions[0])), flush=True)
        if re.search(pattern, OF_MANY):
            many = [databases.enter_context(new_sqlite()) for _ in MANY]
            for url, size in zip(many, MANY, strict=True):
                fill(url, size)
            questions = [Question("/", "/", accept="text/html") for _ in many]
            print(line(OF_MANY, costs(many, questions), bare, weight(many[1], questions[1])), flush=True)


def pages(urls: list[str]) -> dict[str, list[Question]]:
    """Return each page that can be asked for with the names of the large broker, for each database."""
    app = create_app(Settings(), Database(urls[0]))
    rules = {known.rule for known in app.url_map.iter_rules() if known.rule.startswith(PAGES)}
    paths = {name: path for name, path in PATHS.items() if PAGES + rule(name) in rules}
    paths["index with tags"] = paths["index"]
    paths["network as a graph"] = paths["network"]
    paths["insights of a year"] = paths["insights"]
    found = {name: list(_forms(path + QUERIES.get(name, ""), urls)) for name, path in paths.items()}
    return {name: forms for name, forms in found.items() if forms and weight(urls[0], forms[0])}


def _forms(path: str, urls: list[str]) -> Iterator[Question]:
    for url, size in zip(urls, SIZES, strict=True):
        values = values_of(url, str(size.versions))
        if set(re.findall(r"\{(\w+)\}", path)) <= set(values):
            yield Question(path, path.format_map(values), accept="text/html")


def line(name: str, found: list[Cost], bare: float, size: tuple[int, int] | None) -> str:
    """Return the line of one page."""
    large, largest = found
    ratio = largest.both / large.both
    remarks = ["grows"] if ratio > GROWTH and largest.both - large.both > LITTLE else []
    if max(large.both, largest.both) > TARGETS.get(name, TARGET):
        remarks.append("slow")
    if name in PEER:
        remarks.append(f"the peer: {PEER[name]}")
    sent, elements = size or (0, 0)
    figures = f"{large.both:10.2f}{large.statements:10}{largest.both:10.2f}{ratio:10.2f}"
    figures += f"{large.both / bare:10.1f}{sent / 1000:10.1f}{elements:10}"
    return f"{name:45}{figures}  {'; '.join(remarks)}".rstrip()


def weight(url: str, question: Question) -> tuple[int, int] | None:
    """Return how many bytes a page has in gzip, and how many elements; None if this is no page."""
    database = Database(url)
    client = create_app(Settings(), database).test_client()
    answer = client.get(question.path, headers={"Accept": "text/html"})
    database.close()
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return None
    return len(gzip.compress(answer.data, 6)), len(re.findall(rb"<[a-z]", answer.data))


if __name__ == "__main__":
    main(*sys.argv[1:])
