"""What is wrong with the parameters of a template: `${pactbroker.pactUrll}` would be sent as it is."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import islice

from broker.domain.limits import MESSAGES
from broker.domain.names import did_you_mean
from broker.domain.webhooks.parameters import NAMES

_PREFIX = "pactbroker"
_ANY_NAME = "|".join(NAMES)
_KNOWN = re.compile(rf"\$\{{{_PREFIX}\.(?:{_ANY_NAME})\}}")
# The receiver may fill in ${PACT_BROKER_BASE_URL} or ${build.url}: what has no dot, or a prefix that is not
# like ours, is left to it.
_PARAMETER = re.compile(r"\$\{\s*(?P<prefix>[A-Za-z_-]+)\s*\.(?P<name>[\w.:-]*)\s*(?P<end>\}?)")
_OTHERWISE = re.compile(
    rf"\$\{{\s*{_PREFIX}[:_/ -]?(?P<name>{_ANY_NAME})\s*\}}"
    rf"|(?:[$({{\[]|%7B)\s*{_PREFIX}\.(?P<bare>{_ANY_NAME})\b",
    re.IGNORECASE,
)
_BY_LOWER_CASE = {name.lower(): name for name in NAMES}
_ALIKE, _RATHER_ALIKE = 0.8, 0.5


def broken_parameters(texts: Iterable[str]) -> list[str]:
    """Return a sentence for the first parameters in the texts that do not exist, or are written otherwise."""
    found = (message for text in texts for message in _in_text(_KNOWN.sub("", text)))
    return list(dict.fromkeys(islice(found, MESSAGES)))


def _in_text(text: str) -> Iterable[str]:
    rest = text
    for match in _PARAMETER.finditer(text):
        if _is_meant(match["prefix"], match["name"]):
            rest = rest.replace(match[0], "")
            yield _sentence(match)
    for match in _OTHERWISE.finditer(rest):
        yield f"{match[0]} is no parameter: write it as {_written(match['name'] or match['bare'])}"


def _is_meant(prefix: str, name: str) -> bool:
    """Return whether one of our parameters is meant: the prefix is ours or like it."""
    essence = re.sub(r"[_-]", "", prefix).lower()
    alike = SequenceMatcher(None, essence, _PREFIX).ratio()
    return alike >= _ALIKE or (alike >= _RATHER_ALIKE and name.lower() in _BY_LOWER_CASE)


def _sentence(match: re.Match[str]) -> str:
    wrong, name = match[0], match["name"]
    if name.lower() in _BY_LOWER_CASE:
        return f"{wrong} is no parameter: write it as {_written(name)}"
    if not match["end"]:
        return f"{wrong} has no closing brace: write a parameter as ${{{_PREFIX}.pactUrl}}"
    hint = did_you_mean(name, NAMES)
    return f"{wrong} is no parameter{hint or ': there are ' + ', '.join(NAMES)}"


def _written(name: str) -> str:
    return f"${{{_PREFIX}.{_BY_LOWER_CASE[name.lower()]}}}"
