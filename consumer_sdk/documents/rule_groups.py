"""The matching rules of one path, as a pact has them, and what each version of the specification can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.documents.places import Path, Place
from consumer_sdk.errors import DeclarationError
from tally.pact.path_expressions import format_path

RuleDocument = dict[str, Any]
_V2 = frozenset({"type", "regex"})
_SINCE_V4 = {
    "notEmpty": "match.not_empty",
    "semver": "match.semver",
    "statusCode": "match.status_code",
    "eachKey": "match.each_key",
    "eachValue": "match.each_value",
}
_INSTEAD = {
    "notEmpty": "match.regex(…, '.+')",
    "semver": "match.regex",
    "statusCode": "one status",
    "eachKey": "match.like",
    "eachValue": "match.like",
}
"""What an earlier version has for a rule of V4."""


@dataclass
class RuleGroup:
    """Rules that are joined by *combine*: "AND" or "OR"."""

    matchers: list[RuleDocument] = field(default_factory=list)
    combine: str = "AND"

    def add(self, other: "RuleGroup", place: Place) -> None:
        """Take the rules of another group for the same path; raises DeclarationError for AND beside OR."""
        if self.matchers and other.combine != self.combine and len(self.matchers) + len(other.matchers) > 2:  # noqa: PLR2004 - two
            raise DeclarationError(
                f"At {place}: a pact joins the rules of one value by AND or by OR, not by both: "
                "take match.any_of out of the other matcher, or say it with match.regex."
            )
        self.combine = other.combine if not self.matchers or len(other.matchers) > 1 else self.combine
        self.matchers += [rule for rule in other.matchers if rule not in self.matchers]

    def document(self) -> dict[str, Any]:
        """Return the group as V3 and V4 have it."""
        return {"combine": self.combine, "matchers": self.matchers}

    def flat(self, place: Place) -> RuleDocument:
        """Return the one rule that V2 has for a path; raises DeclarationError when there are several."""
        if len(self.matchers) > 1:
            raise DeclarationError(
                f"At {place}: several rules for one value, but V2 has one: choose V3 or V4."
            )
        return self.matchers[0]

    def refuse_unknown(self, specification: str, place: Place) -> None:
        """Raise DeclarationError for a rule that the version lacks."""
        for rule in self.matchers:
            name = rule["match"]
            if specification == "V2" and name not in _V2:
                raise DeclarationError(
                    f'At {place}: V2 has no rule "{name}", only those of match.like, match.each_like and '
                    "match.regex: use one of them, or choose V3 or V4."
                )
            if specification == "V3" and name in _SINCE_V4:
                raise DeclarationError(
                    f'At {place}: V3 has no rule "{name}" ({_SINCE_V4[name]}), which came with V4: '
                    f"choose V4, or use {_INSTEAD[name]}."
                )


def by_expression(groups: Mapping[Path, RuleGroup]) -> dict[str, Any]:
    """Return the groups as a category of V3 and V4 has them: by path expression."""
    named = sorted((format_path(path), group) for path, group in groups.items())
    return {expression: group.document() for expression, group in named}
