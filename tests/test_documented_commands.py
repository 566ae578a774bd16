"""What the documentation says of commands: each exists, with its options, and none is left out."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tally.cli import installed, tally

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs/examples/README.md"]
TABLE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^ *```(?:console|sh)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(tally [^`]+)`")
CONTINUED = re.compile(r"\\\n *")
OPTION = re.compile(r"(?<!\S)--[a-z][a-z0-9-]+")
PLUGINS = [ROOT / "consumer_sdk/pytest_plugin.py", ROOT / "verifier/pytest_plugin.py"]
NOT_THERE = {"--ssl-trust-store", "--no-main-branch", "--skip-main-branch"}
"""Options of the Pact Broker's client of which the documentation says that they do not exist."""
OF_PYTEST = {"--lf", "--deselect"}
"""Options of pytest itself that the documentation names."""
CALL = re.compile(r'^ *(?:\$ |exec )?(?:[A-Z_]+=(?:"[^"]*"|\S*) )*(tally .+)$', re.MULTILINE)
PLACEHOLDERS = {"COMMAND"}


def calls(page):
    """Return every call of `tally` on a page, as words; also those in a sentence."""
    text = CONTINUED.sub(" ", page.read_text(encoding="utf-8"))
    shown = [call for block in FENCED.findall(text) for call in CALL.findall(block)]
    return [words(call) for call in shown + INLINE.findall(FENCED.sub("", text))]


def words(call):
    lexer = shlex.shlex(call.replace("…", ""), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found = []
    for word in lexer:
        if set(word) <= set("|&;()<>"):
            break
        found.append(word)
    return found[1:]


def command_of(call):
    """Return the command that is called and the words behind it."""
    context = click.Context(tally, info_name="tally", **tally.context_settings)
    command, rest = tally, call
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command, rest = command.get_command(context, rest[0].rstrip(",")), rest[1:]
    return command, rest


def options_of(command):
    names = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return names | {"--help", "-h", "--version"}


def unknown(call):
    """Return what of a call does not exist."""
    if call[0] in PLACEHOLDERS:
        return []
    command, rest = command_of(call)
    if command is None:
        return [call[0]]
    return [word for word in rest if is_option(word) and word.partition("=")[0] not in options_of(command)]


def is_option(word):
    return re.match(r"--?[a-zA-Z]", word) is not None


def all_commands(group=tally, name="tally"):
    """Yield every command with its full name, those of groups too."""
    context = click.Context(group, info_name=name, **group.context_settings)
    for known in group.list_commands(context):
        command = group.get_command(context, known)
        yield f"{name} {known}", command
        if isinstance(command, click.Group):
            yield from all_commands(command, f"{name} {known}")


COMMANDS = dict(all_commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_a_page_exists_with_its_options(page):
    assert {" ".join(call): wrong for call in calls(page) if (wrong := unknown(call))} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_option_in_a_sentence_exists(page):
    sentences = FENCED.sub("", page.read_text(encoding="utf-8"))
    named = {option for code in re.findall(r"`([^`\n]+)`", sentences) for option in OPTION.findall(code)}

    of_plugins = {option for plugin in PLUGINS for option in re.findall(r'"(--[\w-]+)', plugin.read_text())}
    of_commands = set().union(*map(options_of, COMMANDS.values()))
    assert of_commands.isdisjoint(NOT_THERE)
    assert named - of_commands - of_plugins - NOT_THERE - OF_PYTEST == set()


@pytest.mark.parametrize("name", sorted(installed()))
def test_every_command_has_its_place_on_the_page_of_commands(name):
    assert re.search(rf"^\| \[?`[^|]*\b{name}`", TABLE, re.MULTILINE)


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("tally publish pacts --branch main", []),
        ("tally webhooks redeliver --failed-of X", []),
        ("tally publish pacts --brunch main | tee --log", ["--brunch"]),
        ("tally webhooks redeliver --all", ["--all"]),
        ("tally publsh", ["publsh"]),
    ],
)
def test_what_does_not_exist_is_found(call, wrong):
    assert unknown(words(call)) == wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_it_understands(name):
    examples = [
        call for call in CALL.findall(CONTINUED.sub(" ", COMMANDS[name].help)) if call.startswith(name)
    ]

    assert examples, "its docstring has no example"
    assert [unknown(words(call)) for call in examples] == [[]] * len(examples)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for_and_what_it_takes(name):
    options = [item for item in COMMANDS[name].params if isinstance(item, click.Option) and not item.hidden]

    help_texts = {option.opts[-1]: re.sub(r"  \[.*\]$", "", option.help or "") for option in options}
    assert {name: text for name, text in help_texts.items() if not text.endswith(".")} == {}
    needs_a_name = [item for item in options if not item.is_flag and not isinstance(item.type, click.Choice)]
    assert [option.opts for option in needs_a_name if option.metavar is None] == []
