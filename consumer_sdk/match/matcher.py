"""A matcher: an example for the consumer's test, and the rule that the provider's answer must satisfy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from consumer_sdk.errors import DeclarationError
from tally.errors import InvalidContractError
from tally.matching.rules import ComparedValues, RuleError, check
from tally.pact.rules import read_rule

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
Combine = Literal["AND", "OR"]
_COMPARING = {"type": "like", "equality": "equal"}


@dataclass(frozen=True)
class Matcher(Generic[T_co]):
    """An *example*, and the *rule* (a name of the specification) with its *attributes*.

    Without a rule ("") the value must be equal. *generator* makes another value in place of the example.
    Matchers that are *joined* all count (AND), or one of them (OR); then the example is that of the first.
    """

    rule: str
    example: T_co
    attributes: Mapping[str, Any] = field(default_factory=dict)
    generator: Mapping[str, Any] | None = None
    joined: tuple["Matcher[Any]", ...] = ()
    combine: Combine = "AND"

    def __and__(self, other: "Matcher[Any]") -> "Matcher[T_co]":
        """Accept what both accept; the example is that of the first."""
        return joined_by("AND", self, other)

    def __or__(self, other: "Matcher[U]") -> "Matcher[T_co | U]":
        """Accept what one of them accepts; the example is that of the first."""
        return joined_by("OR", self, other)


def all_of(first: Matcher[U], *others: Matcher[Any]) -> Matcher[U]:
    """Accept what every matcher accepts; the example is that of the first. The same as ``first & other``."""
    return joined_by("AND", first, *others)


def any_of(first: Matcher[U], *others: Matcher[Any]) -> Matcher[U]:
    """Accept what one matcher accepts; the example is that of the first. The same as ``first | other``."""
    return joined_by("OR", first, *others)


def joined_by(combine: Combine, first: Matcher[Any], *others: Matcher[Any]) -> Matcher[Any]:
    """Return one matcher; raises DeclarationError for what a pact cannot join."""
    name = "all_of" if combine == "AND" else "any_of"
    members: list[Matcher[Any]] = []
    for matcher in (first, *others):
        if not isinstance(matcher, Matcher):
            raise DeclarationError(f"{name}: {matcher!r} is no matcher; to be equal to it is match.equal(…).")
        if matcher.joined and matcher.combine != combine:
            raise DeclarationError(
                f"{name}: a pact joins the rules of one value by AND or by OR, not by both: "
                "say it with match.regex, or with one of the two."
            )
        members += matcher.joined or (matcher,)
    for other in members if combine == "AND" else ():
        _refuse_example(name, other, example_of(first))
    for other in members[1:] if combine == "OR" else ():
        _refuse_alternative(other, example_of(first))
    return Matcher("", first.example, joined=tuple(members), combine=combine)


def checked(name: str, matcher: Matcher[U]) -> Matcher[U]:
    """Return the matcher; raises DeclarationError, beginning with *name*, when it refuses its own example."""
    _refuse_example(name, matcher, example_of(matcher.example))
    return matcher


def _refuse_example(name: str, matcher: Matcher[Any], example: object) -> None:
    if not matcher.rule or isinstance(example, Mapping | list):
        return
    try:
        rule = read_rule({"match": matcher.rule, **_plain(matcher)}, name)
        wanted = check(rule, ComparedValues(example_of(matcher.example), example))
    except (RuleError, InvalidContractError) as error:
        raise DeclarationError(f"{name}: {error}.") from error
    if wanted is not None:
        raise DeclarationError(f"{name}: the example {example!r} is not {wanted.rstrip(',')}.")


def _refuse_alternative(matcher: Matcher[Any], example: object) -> None:
    """Refuse one that would refuse its own example: a pact compares with the example of the first."""
    own = example_of(matcher.example)
    try:
        _refuse_example("any_of", replace(matcher, example=example), own)
    except DeclarationError as error:
        name = _COMPARING.get(matcher.rule, matcher.rule)
        raise DeclarationError(
            f"any_of: match.{name}({own!r}) would never accept {own!r}: a pact has one example, that of the "
            f"first, {example!r}. Put it first, or use a rule that needs no example, such as "
            "match.one_of(…), match.regex(…), match.integer(…) or match.null()."
        ) from error


def _plain(matcher: Matcher[Any]) -> dict[str, Any]:
    return {key: value for key, value in matcher.attributes.items() if key not in {"rules", "variants"}}


def example_of(value: object) -> Any:
    """Return *value* with every matcher replaced by its example."""
    if isinstance(value, Matcher):
        return example_of(value.example)
    if isinstance(value, Mapping):
        return {key: example_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [example_of(item) for item in value]
    return value
