"""The pipelines of the documentation: valid files, whose calls of `tally` the real commands understand."""

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from tally.cli import tally

FOLDER = Path(__file__).parents[1] / "docs" / "ci"
WEBHOOKS = (FOLDER.parent / "webhooks.md").read_text(encoding="utf-8")
YAML_FILES = sorted(FOLDER.glob("*.yml"))
JENKINSFILES = sorted(FOLDER.glob("*.Jenkinsfile"))
FILES = YAML_FILES + JENKINSFILES
SHELL_KEYS = {"run", "script"}
SHELL_OF_JENKINS = re.compile(r"\bsh '''(.*?)'''|\bsh '([^'\n]*)'", re.DOTALL)
CALL = re.compile(r"^\s*(?:\.venv/bin/)?(tally .+)$", re.MULTILINE)
VARIABLE = re.compile(r"\$\{?[A-Z_]+[^}\s\"']*\}?")
EACH_CONSUMER = ["publish", "can-i-deploy", "record-deployment"]
EACH_PROVIDER = ["verify", "verify", "can-i-deploy", "record-deployment"]


def name_of(path):
    return path.name


def scripts(path):
    """Return every script that the file has a shell run."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".Jenkinsfile":
        return [(many or one).replace("\\\\", "\\") for many, one in SHELL_OF_JENKINS.findall(text)]
    return list(_below(yaml.safe_load(text), is_shell=False))


def _below(node, *, is_shell):
    if isinstance(node, str) and is_shell:
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _below(item, is_shell=is_shell)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _below(value, is_shell=key in SHELL_KEYS)


def calls(path):
    """Return the calls of `tally`, as words without the name of the program."""
    found = [call for script in scripts(path) for call in CALL.findall(script.replace("\\\n", " "))]
    return [shlex.split(VARIABLE.sub("value", call))[1:] for call in found]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_call_is_one_that_the_command_understands(path, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_BASE_URL", "https://broker.example.org")
    context = click.Context(tally, info_name="tally", **tally.context_settings)

    for name, *words in calls(path):
        command = tally.get_command(context, name)
        command.make_context(name, words, parent=context)  # raises what a user would see

    assert len(calls(path)) == len(re.findall(r"\btally [a-z]", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_pipeline_has_every_step_in_the_right_order(path):
    expected = EACH_CONSUMER if "consumer" in path.name else EACH_PROVIDER

    assert [name for name, *_ in calls(path)] == expected


@pytest.mark.parametrize("path", [path for path in FILES if "provider" in path.name], ids=name_of)
def test_a_provider_verifies_everything_and_also_one_pact_of_a_webhook(path):
    everything, one_pact, *_ = calls(path)

    assert "--enable-pending" in everything
    assert "--provider-branch" in everything
    assert "--pact-url" in one_pact
    assert {"--publish", "--provider-version"} <= set(everything).intersection(one_pact)


@pytest.mark.parametrize(
    ("name", "recipe", "filled_in"),
    [
        ("github-provider.yml", "GitHub: run a workflow", r'"(pact_url|provider_version)": "\$\{'),
        ("gitlab-provider.yml", "GitLab: run a pipeline", r"variables\[(\w+)\]="),
        ("azure-provider.yml", "Azure DevOps: run a pipeline", r'"(pactUrl|providerVersion)": "\$\{'),
        ("provider.Jenkinsfile", "Jenkins: run a job with parameters", r"(\w+)=\$\{"),
    ],
)
def test_a_pipeline_reads_what_the_recipe_of_its_webhook_fills_in(name, recipe, filled_in):
    webhook = WEBHOOKS.partition(f"\n### {recipe}\n")[2].partition("\n### ")[0]
    pipeline = (FOLDER / name).read_text(encoding="utf-8")

    parameters = re.findall(filled_in, webhook)
    assert len(parameters) == 2
    assert [parameter for parameter in parameters if not re.search(rf"\b{parameter}\b", pipeline)] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_that_a_caller_of_the_pipeline_gives_is_put_into_a_script(path):
    """A value such as `$(curl …)` would be run; in a variable of the environment it is only a text."""
    assert [script for script in scripts(path) if "${{" in script or "$(" in script] == []


@pytest.mark.parametrize("path", JENKINSFILES, ids=name_of)
def test_the_brackets_of_a_jenkinsfile_are_balanced(path):
    text = path.read_text(encoding="utf-8")

    for opening, closing in ("{}", "()", "[]"):
        assert text.count(opening) == text.count(closing)
    assert text.count("'''") % 2 == 0


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_page_quotes_the_file_as_it_is(path):
    pages = [page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")]

    text = path.read_text(encoding="utf-8")
    assert [
        page for page in pages if f"\n```yaml\n{text}```\n" in page or f"\n```groovy\n{text}```\n" in page
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["can-i-deploy", "--pacticipant", "Shop", "--verison", "1"], "No such option"),
        (["record-deployment", "--pacticipant", "Shop"], "Missing parameter: version"),
    ],
)
def test_a_call_that_is_wrong_would_be_found(words, message, monkeypatch):
    monkeypatch.setenv("PACT_BROKER_BASE_URL", "https://broker.example.org")
    context = click.Context(tally, info_name="tally", **tally.context_settings)
    command = tally.get_command(context, words[0])

    with pytest.raises(click.UsageError, match=message):
        command.make_context(words[0], words[1:], parent=context)
