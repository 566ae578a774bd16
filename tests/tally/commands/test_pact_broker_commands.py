"""A pipeline that ran `pact broker COMMAND` changes one word."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from tally.cli import tally as ours

PACT = Path(sys.executable).with_name("pact")
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "commands.md"
NOT_COMMANDS = {"ruby", "docker", "help"}
"""They install and run the Ruby broker, and print help."""
NOT_OURS = {"--ssl-trust-store", "--strict", "--no-main-branch", "--skip-main-branch"}
"""Options of which the documentation says that we do not have them, besides those for OpenTelemetry."""
REFUSED = {"--team-uuid"}


@pytest.fixture(scope="session")
def theirs():
    """The help of every command of `pact broker`, by its words."""

    def help_of(*words):
        done = subprocess.run(
            [PACT, "broker", *words, "--help"], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    names = commands_in(help_of()) - NOT_COMMANDS
    words = [(name,) for name in sorted(names)] + [("provider-states", "list")]
    with ThreadPoolExecutor(4) as threads:
        return dict(zip(words, threads.map(lambda name: help_of(*name), words), strict=True))


def commands_in(text):
    listed = text.partition("Commands:")[2].partition("Options:")[0]
    return set(re.findall(r"^  ([a-z-]+)", listed, re.MULTILINE))


def options_in(text):
    """Return every option that a help text has a line for, long and short."""
    lines = re.findall(r"^ +(?:(-\w), )?(--[a-z-]+)", text, re.MULTILINE)
    return {option for line in lines for option in line if option and "otel" not in option}


def command(words):
    """Return our command with this name; None when there is none."""
    found, context = ours, click.Context(ours, **ours.context_settings)
    for word in words:
        found = found and found.get_command(context, word)
    return found


def test_every_command_of_pact_broker_is_there(theirs):
    assert [words for words in theirs if command(words) is None] == []
    assert len(theirs) > 25


def test_every_command_has_their_options(theirs):
    missing = {words: options_in(text) - options_of(command(words)) for words, text in theirs.items()}

    assert {words: options - NOT_OURS for words, options in missing.items() if options - NOT_OURS} == {}
    assert set().union(*missing.values()) == NOT_OURS


def test_every_command_reads_their_variables(theirs):
    def missing(words, text):
        wanted = set(re.findall(r"\[env: ((?:PACT_BROKER|SSL)_\w+)=", text)) - {"SSL_TRUST_STORE"}
        return wanted - {parameter.envvar for parameter in command(words).params}

    assert {words: names for words, text in theirs.items() if (names := missing(words, text))} == {}


def test_every_format_of_theirs_is_one_of_ours(theirs):
    formats = {words: set(found) for words, text in theirs.items() if (found := values_of_output(text))}

    missing = {words: wanted - set(output_of(words)) for words, wanted in formats.items()}
    assert {words: wanted for words, wanted in missing.items() if wanted} == {}
    assert len(formats) > 10


def test_what_is_refused_is_nothing_else_and_documented(theirs):
    hidden = {
        name
        for words in theirs
        for parameter in command(words).params
        if getattr(parameter, "hidden", False)
        for name in parameter.opts
    }

    documented = DOCUMENTATION.read_text(encoding="utf-8").partition("## Differences from")[2]
    assert hidden == REFUSED
    assert [name for name in REFUSED | NOT_OURS if name not in documented] == []


def options_of(found):
    return {name for parameter in found.params for name in parameter.opts} | {"-h", "--help"}


def values_of_output(text):
    found = re.search(r"--output <OUTPUT>\s+Value must be one of \[([^]]*)\]", text)
    return re.findall(r'"(\w+)"', found[1]) if found else []


def output_of(words):
    parameters = {parameter.name: parameter for parameter in command(words).params}
    return parameters["output"].type.choices
