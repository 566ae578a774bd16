"""The skill text is what the programs do: its tests run, its matchers exist, what it warns of goes wrong."""

import json
import re
from itertools import count

import pytest
import yaml
from support.documented_code import ROOT, python_of, run_as_tests

from consumer_sdk import DeclarationError, match
from consumer_sdk.declarations import HttpDeclaration
from consumer_sdk.documents.interactions import interaction_document
from tally.hashing import content_hash

SKILL = ROOT / "tally/assistants/skill/SKILL.md"
TEXT = SKILL.read_text(encoding="utf-8")
PAGE = "assistants-skill.md"
WRITTEN, REFUSED = re.findall(r"`(match\.[^`…]+)`", TEXT), "match.optional(…)"
PROVIDER = "from verifier import"


def test_the_page_of_the_documentation_is_the_file_that_editors_read():
    assert (ROOT / "docs" / PAGE).read_text(encoding="utf-8") == TEXT, f"cp {SKILL} docs/{PAGE}"


def test_editors_find_its_name_and_when_to_use_it():
    front_matter = yaml.safe_load(TEXT.split("---\n")[1])

    assert set(front_matter) == {"name", "description"}
    assert re.fullmatch(r"[a-z0-9-]{1,64}", front_matter["name"])
    assert 100 < len(front_matter["description"]) <= 1024


def test_it_is_short_and_stands_alone():
    assert len(TEXT.splitlines()) <= 250
    assert len(TEXT) < 14_000
    assert re.findall(r"\]\(", TEXT) == []


@pytest.mark.slow
def test_its_tests_record_the_same_pact_each_time_which_the_provider_keeps(tmp_path):
    blocks = python_of(PAGE)
    consumer = [block for block in blocks if PROVIDER not in block]
    provider = [block for block in blocks if PROVIDER in block]
    environment = {"PYTHONPATH": str(ROOT / "docs/examples")}

    recorded = []
    for _ in range(2):
        run_as_tests(consumer, tmp_path, **environment)
        recorded.append((tmp_path / "pacts/Shop-Orders.json").read_bytes())
    run_as_tests(provider, tmp_path, **environment)

    assert len(json.loads(recorded[0])["interactions"]) == 3
    assert recorded[0] == recorded[1]
    assert len(provider) == 1


def test_the_messages_that_it_explains_are_on_the_page_of_troubles_whose_tests_know_the_programs():
    table = TEXT.partition("| message | do |")[2].partition("## ")[0]
    messages = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)

    troubles = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    headings = " ".join(line for line in troubles.splitlines() if line.startswith("### "))
    assert len(messages) == 4
    assert [message for message in messages if message not in headings] == []


def test_there_are_matchers_on_the_page():
    assert len(WRITTEN) > 8


@pytest.mark.parametrize("expression", WRITTEN)
def test_a_matcher_that_it_writes_takes_its_example(expression):
    name = re.match(r"match\.\w+", expression)[0]
    if "(" not in expression:
        assert callable(eval(name, {"match": match}))  # noqa: S307 - our own page
        return

    expression = expression.replace("\\|", "|").partition(" where")[0]
    found = eval(expression, {"match": match})  # noqa: S307 - our own page
    assert isinstance(found, match.Matcher)


def test_it_warns_of_optional_fields_because_they_are_refused():
    assert f"`{REFUSED}`" in TEXT
    with pytest.raises(DeclarationError, match="cannot say that a field may be there or not"):
        match.optional("x")


def test_a_random_example_is_new_content_although_it_is_matched():
    numbers = count(1)

    fixed = [content(match.uuid("8e2a5b1c-30f4-4cbd-9a3b-1b7c0d5f2a61")) for _ in range(2)]
    random = [content(match.uuid(f"8e2a5b1c-30f4-4cbd-9a3b-{next(numbers):012}")) for _ in range(2)]

    assert fixed[0] == fixed[1]
    assert random[0] != random[1]


def content(matcher):
    declared = (
        HttpDeclaration("an order").with_request("GET", "/").will_respond_with(200, body={"id": matcher})
    )
    return content_hash({"interactions": [interaction_document(declared, "V4")]})
