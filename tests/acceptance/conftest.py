import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.example import orders_service, shop_pact

__all__ = ["orders_service", "shop_pact"]  # fixtures for every test of this folder
PACT = Path(sys.executable).with_name("pact")


@pytest.fixture
def pact(live_broker, tmp_path):
    """Run `pact broker …` against the broker; expect an exit code, return what it printed."""

    def run(*command, code=0):
        done = subprocess.run(
            [PACT, "broker", *command, "--broker-base-url", live_broker],
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
