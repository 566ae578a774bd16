"""Metrics as the documentation has them, as a broker shows them, and as queries name them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "deploy/prometheus/rules.yml"
DASHBOARD = DOCS / "deploy/grafana/dashboard.json"
_ROW = re.compile(
    r"^\| `([a-z_]+)` \| (gauge|counter|histogram) \|([^|]*)\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
_METRIC = re.compile(r"\b(?:tally|process)_[a-z_]+")
_SELECTED = re.compile(r"(\w+)?\{([^}]*)\}")
_GROUPED = re.compile(r"\b(?:by|without|on) \(([^)]*)\)")
_LABEL = re.compile(r"(\w+) *(?:=~|!~|!=|=) *\"")
_OF_SCRAPES = {"job", "instance", "alertname"}
_OF_HISTOGRAMS = {"le"}
PLAIN = {"Accept": "text/plain"}


def samples(answer_text):
    """Return the values of all samples by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer_text)
        for sample in family.samples
    }


def read(client):
    """Return the values of all samples that a client of the application gets."""
    return samples(client.get("/metrics", headers=PLAIN).text)


def fallen(before: str, after: str) -> set[str]:
    """Return the counters that are lower, and the series that are missing, in the text *after* another.

    What a process has used is its own: another one in its place begins anew.
    """
    then, now = samples(before), samples(after)
    return {
        f"{name} {labels}"
        for (name, labels), value in then.items()
        if (name, labels) not in now
        or (
            name.endswith(("_total", "_count", "_sum", "_bucket"))
            and not name.startswith("process_")
            and now[name, labels] < value
        )
    }


@dataclass(frozen=True)
class Metric:
    """A metric, and the names of its labels."""

    name: str
    kind: str
    labels: frozenset[str]


def documented() -> dict[str, Metric]:
    """Return the metrics of the tables in docs/monitoring.md, by name."""
    page = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    rows = _ROW.findall(page)
    found = {
        name: Metric(name, kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, _says, _do in rows
    }
    assert len(found) == len(rows), "a metric is twice in the tables"
    return found


def shown(text: str) -> dict[str, Metric]:
    """Return the metrics of what `/metrics` answers, by name; without labels where there is no sample."""
    found = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - _OF_HISTOGRAMS
        found[name] = Metric(name, family.type, frozenset(labels))
    return found


def queries_of_rules() -> dict[str, str]:
    """Return the query of each alert."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def queries_of_dashboard() -> dict[str, str]:
    """Return the queries of each panel and variable of the dashboard."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    }
    asked = [each for each in dashboard["templating"]["list"] if each["type"] == "query"]
    return found | {f"${each['name']}": each["query"]["query"] for each in asked}


def metrics_in(query: str) -> set[str]:
    """Return the metrics that a query names, a histogram by its own name."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in _METRIC.findall(query)}


def labels_in(query: str) -> set[str]:
    """Return the labels of metrics that a query names."""
    return {*_labels(query)} - _OF_SCRAPES - _OF_HISTOGRAMS - {"__name__"}


def _labels(query: str) -> Iterator[str]:
    for _name, selectors in _SELECTED.findall(query):
        yield from _LABEL.findall(selectors)
    for names in _GROUPED.findall(query):
        yield from (name.strip() for name in names.split(","))
