"""Words that an option takes for its value, and uuids that look like options."""

import re

import click
import pytest

from tally.option_values import CommandAboutUuids, CommandWithSeveralValues, SeveralValues

EMPTY = "has no value: '--branch' follows it."


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("publish", "pacts", "--consumer-app-version", "--branch", "main"), "--consumer-app-version"),
        (("publish", "pacts", "-a", "--branch", "main"), "-a"),
        (("publish", "pacts", "-ra", "--branch", "main"), "-a"),
        (("publish", "-a", "1", "pacts", "--build-url", "--branch", "main"), "--build-url"),
        (("can-i-deploy", "-a", "Shop", "-e", "--branch", "main"), "-e"),
        (("verify", "pacts", "--provider-version", "--branch", "main"), "--provider-version"),
        (("webhooks", "redeliver", "--failed-of", "--branch"), "--failed-of"),
    ],
)
def test_an_option_does_not_take_the_next_option_for_its_value(tally, words, option):
    run = tally(*words)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"Error: {option} {EMPTY}")


@pytest.mark.parametrize(
    "words",
    [
        ("can-i-deploy", "-a", "Shop", "--latest", "--main-branch"),  # its value may be left out
        ("publish", "no-such-folder", "--branch=--x", "-a", "1"),
        ("publish", "no-such-folder", "-a--x"),
        ("publish", "-a", "1", "--", "no-such-folder", "-a", "--x"),
        ("publish", "no-such-folder", "-a"),
    ],
)
def test_what_is_meant_is_taken(tally, words):
    assert EMPTY[:12] not in tally(*words, "-b", "http://127.0.0.1:1").err


def test_the_refusal_says_how_to_mean_it(tally):
    refused = tally("publish", "pacts", "--consumer-app-version", "--branch", "main").err
    short = tally("publish", "pacts", "-a", "--branch", "main").err

    assert "write --consumer-app-version=--branch." in refused
    assert "write -a--branch." in short


@pytest.fixture
def read():
    """Run a command with these words, and return what it read."""

    def run(command, *words):
        with command.make_context("it", list(words)) as ctx:
            return ctx.params

    return run


@click.command(cls=CommandAboutUuids)
@click.argument("uuids", nargs=-1)
@click.option("-k", "--token")
@click.option("--send", is_flag=True)
def about_uuids(uuids, token, send):
    """Take uuids."""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-XyABCDEFGHIJKLMNOPQRS"], ("-XyABCDEFGHIJKLMNOPQRS",)),
        (["--yABCDEFGHIJKLMNOPQRS"], ("--yABCDEFGHIJKLMNOPQRS",)),
        (["-kyABCDEFGHIJKLMNOPQRS"], ("-kyABCDEFGHIJKLMNOPQRS",)),
        (["-XyABCDEFGHIJKLMNOPQRS", "--send", "-k", "T"], ("-XyABCDEFGHIJKLMNOPQRS",)),
        (["--", "-XyABCDEFGHIJKLMNOPQRS"], ("-XyABCDEFGHIJKLMNOPQRS",)),
        (
            ["AAyABCDEFGHIJKLMNOPQRS", "-XyABCDEFGHIJKLMNOPQRS"],
            ("AAyABCDEFGHIJKLMNOPQRS", "-XyABCDEFGHIJKLMNOPQRS"),
        ),
        (["short", "-k", "-XyABCDEFGHIJKLMNOPQRS"], ("short",)),
    ],
)
def test_a_uuid_may_begin_like_an_option(read, words, expected):
    assert read(about_uuids, *words)["uuids"] == expected


def test_a_token_behind_its_option_is_no_uuid_where_there_is_one(read):
    uuid = "AAyABCDEFGHIJKLMNOPQRS"

    given = read(about_uuids, uuid, "-kyABCDEFGHIJKLMNOPQRS")

    assert (given["uuids"], given["token"]) == ((uuid,), "yABCDEFGHIJKLMNOPQRS")


@click.command(cls=CommandWithSeveralValues)
@click.argument("url", required=False)
@click.option("-t", "--tag", cls=SeveralValues)
@click.option("-H", "--header", cls=SeveralValues, continues=lambda word: re.match(r"\w+: ", word))
@click.option("--name")
def with_several_values(url, tag, header, name):
    """Take several values."""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-t", "a", "b", "--tag", "c"], {"tag": ("a", "b", "c")}),
        (["-t", "a", "--name", "n", "url"], {"tag": ("a",), "name": "n", "url": "url"}),
        (["-H", "A: b", "C: d", "http://x"], {"header": ("A: b", "C: d"), "url": "http://x"}),
        (["http://x", "-H", "A: b"], {"header": ("A: b",), "url": "http://x"}),
    ],
)
def test_one_option_may_have_several_values(read, words, expected):
    given = read(with_several_values, *words)

    assert {name: value for name, value in given.items() if value} == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("can-i-deploy", "--retry-while-unknown", "many"), "'many' is not a valid whole number."),
        (("can-i-deploy", "--retry-interval", "soon"), "'soon' is not a valid number."),
        (("serve", "--port", "http"), "'http' is not a valid whole number."),
        (("verify", "--timeout", "long"), "'long' is not a valid number."),
    ],
)
def test_what_is_no_number_is_told_in_words(tally, words, message):
    run = tally(*words)

    assert run.code == 2
    assert message in run.err
