"""The unmodified `pact pactflow publish-provider-contract`: an OpenAPI document, and what its tests said."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import yaml
from support.app_server import app_serving
from support.contract_documents import an_openapi

from broker.app import create_app
from broker.settings.settings import Settings

PACT = Path(sys.executable).with_name("pact")
VERSION = "/pacticipants/Order service/versions/1.0"


@pytest.fixture
def served(database):
    """The address of a broker."""
    with app_serving(create_app(Settings(), database, clock=lambda: datetime.now(UTC))) as url:
        yield url


@pytest.fixture
def publish(served, tmp_path):
    """Publish a document with the command; expect an exit code, return what it printed."""

    def run(document, *options, code=0):
        (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(document))
        (tmp_path / "results.txt").write_text("14 requests, all as documented\n")
        done = subprocess.run(
            [
                *(PACT, "pactflow", "publish-provider-contract", "openapi.yaml", "--broker-base-url", served),
                *("--provider", "Order service", "--provider-app-version", "1.0", "--retries", "0"),
                *("--content-type", "application/yaml", *options),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            timeout=60,
            env={**os.environ, "PACT_DO_NOT_TRACK": "true"},
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_a_document_is_published_with_its_version_and_with_what_its_tests_said(publish, served):
    printed = publish(
        an_openapi(),
        *("--branch", "main", "--tag", "dev,rc", "--build-url", "https://ci.example.org/1"),
        *("--verification-success", "--verification-results", "results.txt"),
        *("--verification-results-content-type", "text/plain", "--verification-results-format", "text"),
        *("--verifier", "fuzzer", "--verifier-version", "4.1"),
    )

    assert "Published the service contract of Order service version 1.0 (1 operation)." in printed
    version = requests.get(served + VERSION, timeout=10).json()
    assert version["buildUrl"] == "https://ci.example.org/1"
    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["dev", "rc"]
    document = requests.get(f"{served}{VERSION}/service-contract", timeout=10).json()
    assert document["content"] == an_openapi()
    result = requests.get(document["_links"]["tally:latest-verification-results"]["href"], timeout=10).json()
    assert (result["success"], result["providerApplicationVersion"]) == (True, "1.0")
    assert result["testResults"] == {
        "content": "14 requests, all as documented\n",
        "contentType": "text/plain",
        "format": "text",
    }
    assert result["verifiedBy"] == {"implementation": "fuzzer", "version": "4.1"}


def test_tests_that_failed_are_kept_as_such(publish, served):
    publish(an_openapi(), "--verification-exit-code", "1", "--verifier", "fuzzer")

    document = requests.get(f"{served}{VERSION}/service-contract", timeout=10).json()
    result = requests.get(document["_links"]["tally:latest-verification-results"]["href"], timeout=10).json()
    assert result["success"] is False


def test_a_conflict_and_a_broken_document_are_told(publish):
    publish(an_openapi())

    conflict = publish(an_openapi({}), code=1)
    broken = publish({"openapi": "3.0.0"}, code=1)

    assert "already has another service contract" in conflict
    assert "GET /orders/{id} is gone" in conflict
    assert "is a required property" in broken
