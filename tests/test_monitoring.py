"""What docs/deploy has for Prometheus and Grafana: checked by promtool, and against the tables of metrics."""

import json
import re
import subprocess

import pytest
import yaml
from support.metrics import (
    DASHBOARD,
    DOCS,
    RULES,
    documented,
    labels_in,
    metrics_in,
    queries_of_dashboard,
    queries_of_rules,
)
from support.platform_programs import platform_program

FOLDER = RULES.parent
QUERIES = {**queries_of_rules(), **queries_of_dashboard()}
OF_OTHERS = {"probe_ssl_earliest_cert_expiry"}
"""What blackbox exporter tells; `up` is what Prometheus notes itself."""
SEVERITIES = {"critical", "warning", "info"}


def promtool(*arguments):
    command = [platform_program("promtool"), *arguments]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)


def test_promtool_accepts_rules_and_configuration():
    for arguments in (
        ("check", "rules", "rules.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
    ):
        finished = promtool(*arguments)

        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_each_alert_fires_when_it_should_and_not_otherwise():
    finished = promtool("test", "rules", "rules.test.yml", "rules.long.test.yml")

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_each_alert_has_a_case_in_which_it_fires():
    cases = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.test.yml"))

    fired = set(re.findall(r"alertname=\"(\w+)\"|alertname: (\w+)", cases))
    assert {name for pair in fired for name in pair if name} == set(queries_of_rules())


def test_each_alert_says_how_bad_it_is_and_where_to_read_on():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    headings = re.findall(r"^### (\w+)$", (DOCS / "monitoring.md").read_text(encoding="utf-8"), re.MULTILINE)

    alerts = [rule for group in groups for rule in group["rules"]]
    for rule in alerts:
        assert rule["labels"]["severity"] in SEVERITIES
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
        assert rule["annotations"]["runbook_url"] == f"docs/monitoring.md#{rule['alert'].lower()}"
    assert [rule["alert"] for rule in alerts] == [name for name in headings if name.startswith("Tallystick")]


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_each_metric_and_label_of_a_query_exists(query):
    metrics = documented()
    named = metrics_in(query)

    assert named <= metrics.keys()
    assert named or "up{" in query or any(name in query for name in OF_OTHERS)
    assert labels_in(query) <= {label for name in named for label in metrics[name].labels}


def test_the_dashboard_has_every_metric_that_can_be_drawn():
    shown = {name for query in queries_of_dashboard().values() for name in metrics_in(query)}

    assert documented().keys() - shown == {"process_virtual_memory_bytes"}


def test_the_dashboard_can_be_imported_anywhere():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))

    assert [each["name"] for each in dashboard["templating"]["list"]] == ["datasource", "job", "instance"]
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert {target["datasource"]["uid"] for panel in panels for target in panel["targets"]} == {
        "${datasource}"
    }
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for query in queries_of_dashboard().values():
        assert query.startswith("label_values") or 'job=~"$job", instance=~"$instance"' in query
