"""The HTML of lines: plain ones as they are, and those with something beside them in elements."""

import re
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup, escape

from broker.domain.readable_json import shortened
from broker.domain.verifications.interaction_outcomes import Problem
from broker.web.pages.pacts.body_lines import Line

_LONGEST_VALUE = 200
_MOST_PROBLEMS = 10
_WORD = re.compile(r"\w+")
_OF_EVERY_SENTENCE = {"expected", "status", "but", "was", "got", "and", "is"}


def lines(items: Sequence[Line]) -> Markup:
    """Return the lines for a `<pre>`: a rule stands in the margin, what came instead below its line."""
    parts: list[str] = []
    for is_plain, run in groupby(items, key=lambda line: not (line.notes or line.problems)):
        if is_plain:
            # One element for all of them: a block, as what follows begins a line of its own.
            text = "\n".join(line.text for line in run)
            parts.append(f"<span>{escape(text)}\n</span>")
        else:
            parts.extend(map(_annotated, run))
    return Markup("").join(map(Markup, parts))


def problem(item: Problem) -> Markup:
    """Return what was expected and what came, or the sentence of the verifier."""
    if item.expected or item.was:
        return Markup("expected <ins>{}</ins> was <del>{}</del>").format(
            shortened(item.expected, _LONGEST_VALUE) or "nothing",
            shortened(item.was, _LONGEST_VALUE) or "nothing",
        )
    return Markup("{}").format(shortened(item.text, _LONGEST_VALUE * 5))


def says_more(item: Problem) -> bool:
    """Return whether the sentence of the verifier says more than the two values."""
    rest = item.text
    for value in sorted((item.expected, item.was), key=len, reverse=True):
        rest = rest.replace(value, " ") if value else rest
    return any(word not in _OF_EVERY_SENTENCE for word in _WORD.findall(rest.lower()))


def _annotated(line: Line) -> str:
    margin = Markup("<i>{}</i>").format(" · ".join(line.notes)) if line.notes else ""
    if not line.problems:
        return Markup('<span class="line">{} {}\n</span>').format(line.text, margin)
    came = Markup("").join(
        Markup('<span class="came">{}\n</span>').format(problem(item))
        for item in line.problems[:_MOST_PROBLEMS]
    )
    return Markup('<span class="line wrong">{} {}\n</span>{}').format(line.text, margin, came)


FILTERS = {"lines": lines, "problem": problem}
TESTS = {"says_more": says_more}
