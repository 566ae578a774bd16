import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support import shop

from verifier.scenario_cli import scenario


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass
class Scenarios:
    """Calls `tally scenario` in a folder with the documents of the shop."""

    folder: Path
    services: dict[str, shop.RoutedService] = field(default_factory=dict)

    @property
    def orders(self) -> shop.RoutedService:
        return self.services["orders"]

    @property
    def payments(self) -> shop.RoutedService:
        return self.services["payments"]

    def file(self, document: Any, name: str = "shop.arazzo.json") -> Path:
        path = self.folder / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    def run(self, document: Any, *options: Any) -> Ended:
        """Execute *document*, whose sources are among the services."""
        used = [source["name"] for source in document["sourceDescriptions"]]
        sources = [f"--source={name}={self.services[name].url}" for name in used]
        return self.call(self.file(document), *sources, *options)

    def report(self, document: Any, *options: Any) -> Any:
        """Execute *document*, and return the report as JSON, with the exit code in it."""
        return self.run(document, *options, "--output", "json").json

    def call(self, *arguments: Any) -> Ended:
        runner = CliRunner()
        result = runner.invoke(scenario, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def scenarios(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("PACT_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "orders.openapi.json").write_text(json.dumps(shop.ORDERS))
    (tmp_path / "payments.openapi.json").write_text(json.dumps(shop.PAYMENTS))
    with shop.serving(shop.orders_routes()) as orders, shop.serving(shop.payments_routes()) as payments:
        yield Scenarios(tmp_path, {"orders": orders, "payments": payments})


def outcomes(report: Any) -> dict[str, str]:
    """Return the outcome of each workflow of a report."""
    return {workflow["workflowId"]: workflow["outcome"] for workflow in report["workflows"]}
