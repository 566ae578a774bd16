"""The example of the documentation, as fixtures: the pact of its shop, and its running orders service."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from support.serving import free_port

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="session")
def examples():
    return EXAMPLES


@pytest.fixture(scope="session")
def shop_pact(tmp_path_factory):
    """The pact file that the shop's own tests record."""
    pacts = tmp_path_factory.mktemp("pacts")
    command = [sys.executable, "-m", "pytest", "-q", f"--pact-dir={pacts}"]
    finished = subprocess.run(command, cwd=EXAMPLES / "shop", capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    return pacts / "Shop-Orders.json"


@pytest.fixture(scope="session")
def orders_service(tmp_path_factory):
    """The base URL of the orders service with its test routes, in a process of its own."""
    directory = tmp_path_factory.mktemp("orders")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        f"{EXAMPLES}/orders/testing.py",
        "run",
        "--port",
        str(port),
    ]
    environment = {**os.environ, "ORDERS_DATABASE": str(directory / "orders.sqlite3")}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, directory / "log")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url, process, log):
    for _ in range(300):
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
