"""Texts of contracts become literals that mean the same text, and nothing else, in each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.drafted_literals import (
    JAVAC,
    NoLiteralError,
    read_as_java,
    read_by_java,
    read_by_javascript,
    read_by_python,
)

from tally.assistants.drafting.source_text import java_text, javascript_text, python_text
from tally.assistants.fitting import visible

HOSTILE = (
    "",
    '"',
    "'",
    "\\",
    "\\\\",
    '\\"',
    "\\u0022",
    "\\\\u0022; System.exit(1); //",
    "\\uuuu0022",
    "\\N{QUOTATION MARK}",
    "${process.exit(1)}",
    "`${1}`",
    "*/ alert(1) /*",
    "// */",
    "</script>",
    '"""',
    "'''",
    "{0} {name} %s %(x)s",
    "a\nb\rc\td\x00e\x0bf\x1b[31m\x7f\x85",
    "\0001",
    "\x007",
    "\u2028\u2029",
    "\u202e\u2066 right to left",
    "\ufeff",
    "\ud83d",
    "\ude00\ud83d",
    "\U0001f600 Größe 在庫",
    "\U000e0001\U0010ffff",
    "e\u0301 \u200b \u034f\u115f\u17b4\u3164\ufe00\uffa0\U000e0100",
    "#!/usr/bin/env python\n# -*- coding: latin-1 -*-",
)


def texts():
    """Texts that are likely to mean something in a program."""
    piece = st.sampled_from(["\\", '"', "'", "u", "0022", "\n", "`", "${", "*/", "\0", "7", "\u2028", "x"])
    return st.one_of(st.text(), st.lists(piece).map("".join), st.text(st.characters(codec=None)))


def joined(text):
    """Return the text with its surrogate pairs as what they stand for, as every language reads them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@given(texts())
def test_python_reads_the_text(text):
    literal = python_text(text)

    assert read_by_python([literal]) == [text]
    assert literal.isprintable()


@given(texts())
def test_what_an_answer_sends_is_the_text_of_the_program(text):
    for write in (python_text, javascript_text, java_text):
        assert visible(write(text)) == write(text)


@given(texts())
def test_java_reads_the_text_by_its_specification(text):
    assert read_as_java(java_text(text)) == joined(text)


@given(texts())
def test_javascript_has_nothing_in_a_literal_that_ends_it(text):
    literal = javascript_text(text)

    assert literal.isprintable()
    inside = literal[1:-1].replace("\\\\", "")
    assert "'" not in inside.replace("\\'", "")
    assert not inside.endswith("\\")


def test_javascript_itself_reads_the_texts(tmp_path):
    found = read_by_javascript([javascript_text(text) for text in HOSTILE], tmp_path)

    assert found == [joined(text) for text in HOSTILE]


@pytest.mark.slow
@pytest.mark.skipif(JAVAC is None, reason="there is no JDK; the specification's reading is tested anyway")
def test_java_itself_reads_the_texts(tmp_path):
    found = read_by_java([java_text(text) for text in HOSTILE], tmp_path)

    assert found == [joined(text) for text in HOSTILE]


@pytest.mark.parametrize(
    "wrong", ['"\\u0022"', '"\\u000a"', '"a', 'a"', '"\\q"', '"\n"', '"\\"', '"é"', '"\\u005c"']
)
def test_the_reading_of_java_refuses_what_is_no_literal(wrong):
    with pytest.raises(NoLiteralError):
        read_as_java(wrong)
