"""The page on matchers: its code runs, and it names everything there is."""

import inspect
import re
from pathlib import Path

import pytest

from consumer_sdk import bodies, generate, match, metadata
from consumer_sdk.declarations import HttpDeclaration

PAGE = (Path(__file__).parents[2] / "docs/matchers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def names(example):
    found = {}
    exec(compile(example, "docs/matchers.md", "exec"), found)  # noqa: S102 - the page's own code
    return found


def test_the_documented_matchers_can_be_declared():
    said = names(EXAMPLES[0])

    declared = HttpDeclaration("it").with_request("GET", **said["REQUEST"])

    assert declared.will_respond_with(200, body=said["ORDER"]).response


def test_the_documented_bodies_can_be_declared():
    said = {name: body for name, body in names(EXAMPLES[1]).items() if isinstance(body, bodies.Content)}

    assert len(said) == 5
    for body in said.values():
        assert HttpDeclaration("it").with_request("POST", "/", body=body).request


@pytest.mark.parametrize("module", [match, generate, bodies, metadata], ids=lambda module: module.__name__)
def test_the_page_names_every_function(module):
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and not name.startswith("_")
        and value.__module__.startswith(module.__name__)
    ]

    short = module.__name__.rpartition(".")[2]
    internal = {"example_of", "integration_json"}
    assert [name for name in own if f"{short}.{name}" not in PAGE and name not in internal] == []
