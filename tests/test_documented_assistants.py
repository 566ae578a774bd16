"""What the page for coding assistants shows works: its configurations start a server that answers."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.assistants import assistant

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/assistants.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
STARTED = [
    server
    for configuration in map(json.loads, BLOCKS)
    for server in configuration["mcpServers"].values()
    if "command" in server
]


@pytest.mark.parametrize("server", STARTED)
def test_a_configuration_of_an_editor_starts_a_server_that_asks_the_broker(server, live_broker):
    assert server["command"] == "tally"
    command, *words = server["args"]
    assert command == "mcp"
    environment = {**server["env"], "PACT_BROKER_BASE_URL": live_broker}

    with assistant(*words, **environment) as found:
        assert "can_i_deploy" in found.tools()


def test_the_page_has_a_configuration_to_copy():
    assert len(STARTED) == 1


def test_the_command_on_the_page_prints_the_skill_text(tmp_path):
    [code] = re.findall(r"python -c '([^']+)'", PAGE)

    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)

    assert printed.stdout == (ROOT / "tally/assistants/skill/SKILL.md").read_bytes()
