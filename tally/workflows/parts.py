"""Objects of a document while they are read: every refusal names the place, and says what to do."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

from tally.errors import InvalidContractError
from tally.json_schema.pointers import pointer
from tally.values import dataclass

OURS = "x-contract-"
_KINDS = {str: "a text", int: "a whole number", float: "a number", list: "a list", dict: "an object"}


def refuse(place: str, reason: str) -> NoReturn:
    """Raise InvalidContractError for the place, a JSON pointer."""
    raise InvalidContractError(f"{place or '/'}: {reason}")


def suggestion(word: str, known: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    """Return which of the *known* words is likely meant, or all of them when there are few."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(words)}" if words else "there is none"


@dataclass(frozen=True)
class Part:
    """One object of the document, and its JSON pointer."""

    value: dict[str, Any]
    place: str

    def at(self, key: str | int) -> str:
        """Return the pointer of what is under *key*."""
        return f"{self.place}{pointer([key])}"

    def check_keys(self, kind: str, known: tuple[str, ...], extensions: tuple[str, ...] = ()) -> None:
        """Refuse keys that a *kind* of object does not have; "x-" keys of others may be there."""
        for key in self.value:
            if key.startswith(OURS):
                if key not in extensions:
                    refuse(self.at(key), f"{kind} has no such extension: {suggestion(key, extensions)}")
            elif key not in known and not key.startswith("x-"):
                refuse(self.at(key), f"{kind} has no such key: {suggestion(key, known)}")

    def text(self, key: str, *, needed: bool = True) -> str:
        """Return the text under *key*; "" when it is not there and not needed."""
        if key not in self.value and not needed:
            return ""
        value = self._typed(key, str)
        if not value and needed:
            refuse(self.at(key), "it is empty: write a text")
        return str(value)

    def number(self, key: str, default: float | None, *, whole: bool = False) -> float | None:
        """Return the number under *key*, 0 or more; *default* when it is not there."""
        if key not in self.value:
            return default
        value = self.value[key]
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
            refuse(self.at(key), f"write a {'whole ' if whole else ''}number, 0 or more")
        return float(value) if not whole else int(value)

    def items(self, key: str, *, least: int = 0) -> tuple[Any, ...]:
        """Return the items of the list under *key*; it may be missing when *least* is 0."""
        if key not in self.value and not least:
            return ()
        found = tuple(self._typed(key, list))
        if len(found) < least:
            refuse(self.at(key), "it is empty: at least one is needed")
        return found

    def parts(self, key: str, *, least: int = 0) -> tuple["Part", ...]:
        """Return the objects of the list under *key*."""
        found = []
        for index, item in enumerate(self.items(key, least=least)):
            place = f"{self.at(key)}/{index}"
            if not isinstance(item, dict):
                refuse(place, f"write an object here, not {kind_of(item)}")
            found.append(Part(item, place))
        return tuple(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under *key*, each once."""
        found = self.items(key)
        for index, item in enumerate(found):
            if not isinstance(item, str) or not item:
                refuse(f"{self.at(key)}/{index}", "write a text")
            if item in found[:index]:
                refuse(f"{self.at(key)}/{index}", f"{item!r} is there twice: leave one out")
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Return the object under *key*; {} when it is not there."""
        return dict(self._typed(key, dict)) if key in self.value else {}

    def part(self, key: str) -> "Part":
        """Return the object under *key*, empty when it is not there."""
        return Part(self.mapping(key), self.at(key))

    def _typed(self, key: str, kind: type[Any]) -> Any:
        if key not in self.value:
            refuse(self.place, f"{key!r} is missing")
        value = self.value[key]
        if not isinstance(value, kind):
            refuse(self.at(key), f"write {_KINDS[kind]} here, not {kind_of(value)}")
        return value


def kind_of(value: object) -> str:
    """Return what *value* is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    return _KINDS.get(type(value), type(value).__name__)
