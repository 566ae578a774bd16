"""An address in a sentence can be opened from a terminal, which takes punctuation behind it into the link."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = [
    path for name in ("broker", "consumer_sdk", "tally", "verifier") for path in (ROOT / name).rglob("*.py")
]
ADDRESS = re.compile(r"(^|[._])(\w*url|href|address|without_credentials)(\(.*\))?$")
PUNCTUATION = re.compile(r"[.,;:!)]+(\s|$)|\?\s")


def addresses_before_punctuation(source):
    """Return the addresses in f-strings that punctuation follows; f"{url}?{query}" is another address."""
    found = []
    for text in ast.walk(ast.parse(source)):
        parts = text.values if isinstance(text, ast.JoinedStr) else []
        for position, part in enumerate(parts[:-1]):
            after = parts[position + 1].value if isinstance(parts[position + 1], ast.Constant) else ""
            is_last = position + 2 == len(parts)
            if isinstance(part, ast.FormattedValue) and ADDRESS.search(ast.unparse(part.value)):
                found += [ast.unparse(part.value)] if PUNCTUATION.match(after + "x" * (not is_last)) else []
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('f"See {page_url}. Then"', ["page_url"]),
        ('f"({response.url})"', ["response.url"]),
        ('f"at {links.href(x)}, or"', ["links.href(x)"]),
        ('f"at {url} and"', []),
        ('f"{url}?{query}"', []),
        ('f"{url}:{port}"', []),
    ],
)
def test_punctuation_behind_an_address_is_found(source, found):
    assert addresses_before_punctuation(source) == found


def test_no_address_in_a_message_is_followed_by_punctuation():
    found = {path.name: addresses_before_punctuation(path.read_text(encoding="utf-8")) for path in MODULES}

    assert {name: addresses for name, addresses in found.items() if addresses} == {}
