"""A pipeline that ran `pact verifier` changes one word."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PACT = Path(sys.executable).with_name("pact")
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "verifying.md"
ABOUT_LOGS = {"--loglevel", "--log-level", "--pretty-log", "--full-log", "--compact-log", "--version"}
SHORT_FOR_OTHERS = {"-h", "-p", "-l", "-v"}
"""Short names of options that we do not have."""


@pytest.fixture(scope="module")
def theirs():
    pact = subprocess.run([PACT, "verifier", "--help"], capture_output=True, text=True, check=True)
    return pact.stdout


def options_in(text):
    """Return every option that a help text has a line for."""
    lines = re.findall(
        r"^ +((?:-\w, )*--[a-z-]+(?:, (?:-\w|--[a-z-]+))*|(?:-\w, )+--[a-z-]+.*)", text, re.MULTILINE
    )
    return {option for line in lines for option in re.findall(r"--?[a-z][a-z-]*|-[A-Z]", line)}


def test_every_option_of_pact_verifier_is_ours_or_documented_as_missing(theirs, tally_verify):
    wanted = {option for option in options_in(theirs) if "otel" not in option}

    missing = wanted - options_in(tally_verify("--help").stdout) - ABOUT_LOGS - SHORT_FOR_OTHERS

    documented = DOCUMENTATION.read_text().partition("## Coming from")[2]
    assert {option for option in missing if f"`{option}`" not in documented} == set()
    assert len(wanted) > 30


def test_variables_are_those_of_pact_verifier(theirs, tally_verify):
    ours = set(re.findall(r"PACT_[A-Z_]+", tally_verify("--help").stdout))

    assert ours >= {
        "PACT_BROKER_BASE_URL",
        "PACT_BROKER_TOKEN",
        "PACT_BROKER_USERNAME",
        "PACT_BROKER_PASSWORD",
        "PACT_PROVIDER_NAME",
        "PACT_PROVIDER_BASE_PATH",
        "PACT_PROVIDER_STATE_CHANGE_URL",
        "PACT_PROVIDER_STATE_CHANGE_TEARDOWN",
        "PACT_DESCRIPTION",
        "PACT_PROVIDER_STATE",
        "PACT_PROVIDER_NO_STATE",
    }
    assert {name for name in ours if name not in theirs} <= {
        "PACT_PROVIDER_BASE_URL",
        "PACT_PROVIDER_VERSION",
        "PACT_PROVIDER_BRANCH",
        "PACT_PROVIDER_TAGS",
        "PACT_BUILD_URL",
        "PACT_ENABLE_PENDING",
    }
