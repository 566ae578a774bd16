"""What the page for coding assistants shows works: its configurations start a server that answers."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.assistants import assistant

from tally.assistants.answers import ToolError
from tally.assistants.catalogue import tools
from tally.assistants.server.http import Listening
from tally.assistants.sources.sources import Sources

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/assistants.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SERVERS = [server for block in map(json.loads, BLOCKS) for server in block["mcpServers"].values()]
STARTED = [server for server in SERVERS if "command" in server]
OVER_HTTP = [server for server in SERVERS if "url" in server]
ROWS = re.findall(r"^\| (`[a-z_`, ]+`) \|(.*)\|$", PAGE, re.MULTILINE)
OF_FILES = {name for names, cells in ROWS for name in re.findall(r"`(\w+)`", names) if "| yes " in cells}
TOOLS = {tool.name: tool for tool in tools(may_write=True)}
ARGUMENTS = {
    "can_i_deploy": {"pacticipant": "Shop", "version": "1"},
    "deploy_plan": {"versions": {"Shop": "1"}, "environment": "production"},
    "why_did_it_fail": {"consumer": "Shop", "provider": "Orders"},
    "what_is_deployed": {},
    "pact_diff": {"consumer": "Shop", "provider": "Orders"},
}
"""Of the tools that read and do not answer from files."""


@pytest.mark.parametrize("server", STARTED)
def test_a_configuration_of_an_editor_starts_a_server_that_asks_the_broker(server, live_broker):
    assert server["command"] == "tally"
    command, *words = server["args"]
    assert command == "mcp"
    environment = {**server["env"], "PACT_BROKER_BASE_URL": live_broker}

    with assistant(*words, **environment) as found:
        assert "can_i_deploy" in found.tools()


def test_the_page_has_a_configuration_for_each_way():
    assert (len(STARTED), len(OVER_HTTP)) == (1, 1)


def test_the_address_over_http_is_the_one_that_the_server_prints():
    printed = re.search(r"^Assistants are answered at (\S+)   \(Ctrl-C stops it\)$", PAGE, re.MULTILINE)[1]
    base_url = re.search(r"tally mcp --http --base-url (\S+)", PAGE)[1]

    assert Listening("127.0.0.1", 8008, base_url).address == printed
    assert [server["url"] for server in OVER_HTTP] == [printed]
    assert [list(server["headers"]) for server in OVER_HTTP] == [["Authorization"]]


def test_every_tool_has_its_place_on_the_page_and_no_other():
    named = [name for names, _ in ROWS for name in re.findall(r"`(\w+)`", names)]

    assert sorted(named) == sorted(TOOLS)


def test_the_skill_text_names_tools_that_there_are():
    skill = (ROOT / "tally/assistants/skill/SKILL.md").read_text(encoding="utf-8")

    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", skill)) - {"in_process"}
    assert named
    assert named <= set(TOOLS)


def test_what_does_not_answer_from_files_says_that_it_needs_a_broker():
    reading = {tool.name for tool in tools(may_write=False)}

    assert set(ARGUMENTS) == reading - OF_FILES
    for name, arguments in ARGUMENTS.items():
        with pytest.raises(ToolError, match="This needs a broker"):
            TOOLS[name].call(Sources(), arguments)


def test_the_command_on_the_page_prints_the_skill_text(tmp_path):
    [code] = re.findall(r"python -c '([^']+)'", PAGE)

    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)

    assert printed.stdout == (ROOT / "tally/assistants/skill/SKILL.md").read_bytes()
