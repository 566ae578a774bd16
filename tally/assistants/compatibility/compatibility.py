"""Tools about versions of service contracts: whether one may take the place of another."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from tally.assistants.answers import Answer, ToolError, listed, page_of, quoted
from tally.assistants.compatibility.change_users import (
    ChangeUsers,
    pacts_to_read,
    users_at_broker,
    users_by_pacts,
)
from tally.assistants.compatibility.document_pairs import DocumentPair, document_pairs, unpaired
from tally.assistants.judging.process import UndecidedError, judged
from tally.assistants.service_contracts.contract_choice import ContractChoice, chosen_contracts
from tally.assistants.sources.sources import Sources
from tally.assistants.usage.usage_answers import Question
from tally.values import dataclass

_UNUSED = "breaking-but-unused"
_WORST_FIRST = ("breaking", "unknown", _UNUSED, "compatible")
_SENTENCES = {
    "compatible": "Compatible: the new version may take the place of the old one",
    "breaking": "Breaking: somebody who relies on the old version may fail",
    _UNUSED: "Breaking, but nobody uses what changed",
    "unknown": "Unknown: neither a proof nor a counterexample was found",
}
Mode = Annotated[
    Literal["service", "backward", "forward", "full"] | None,
    "What the new version must be able to do: service for contracts, backward for plain schemas.",
]
Direction = Annotated[
    Literal["received", "sent", "both"] | None, "Of a plain JSON Schema: what the service does with it."
]
Text = Annotated[str | None, "Path of a service contract or JSON Schema, or its text."]


def check_compatibility(  # noqa: PLR0913 - what may be asked, all named at the call
    sources: Sources,
    *,
    service: Annotated[str | None, "Whose contract it is; then it is said who uses what breaks."] = None,
    old: Text = None,
    old_version: Annotated[str | None, "In place of old: the version of the service at the broker."] = None,
    new: Text = None,
    new_version: Annotated[str | None, "In place of new: the version of the service at the broker."] = None,
    environment: Annotated[
        str | None, "In place of old: what is in this environment. Only who is there counts as a user."
    ] = None,
    branch: Annotated[
        Literal["any", "main"], "Without old: the newest contract of any branch, or of the main one."
    ] = "any",
    document: Annotated[str | None, "Which document is meant, where a version has several."] = None,
    mode: Mode = None,
    direction: Direction = None,
    lenient: Annotated[bool, "Whether readers are taken to ignore properties that they do not know."] = False,
    page: Annotated[int, "Page of the changes, from 1 on; those that break come first."] = 1,
) -> Answer:
    """Say whether a new version of a service contract may take the place of an old one, and whom it breaks.

    Without old, the new one is compared with the newest at the broker; without new, the newest is compared.
    With a service, each breaking change says who uses it: `breaking-but-unused` breaks nobody.
    """
    if old is None and old_version is None and environment is None and new is None and new_version is None:
        raise ToolError("What is compared? Give old or new, a path or a text, or old_version or new_version.")
    olds = chosen_contracts(
        sources,
        ContractChoice(
            ("old", "old_version", "service"), service, old, old_version, environment, branch == "main"
        ),
    )
    [after] = chosen_contracts(
        sources, ContractChoice(("new", "new_version", "service"), service, new, new_version)
    )
    rules = {"mode": mode, "direction": direction, "lenient": lenient}
    checked = [
        _checked(sources, pair, rules, Question(service, "", environment, pair.version) if service else None)
        for before in olds
        for pair in document_pairs(before, after, document)
    ]
    verdict = next(each for each in _WORST_FIRST if any(one.verdict == each for one in checked))
    return Answer(
        _summary(verdict, checked),
        {
            "verdict": verdict,
            "compared": [each.summary() for each in checked],
            "changes": page_of([row for each in checked for row in each.rows(len(checked) > 1)], page),
            "not_decided": [reason for each in checked for reason in each.reasons],
            "not_compared": [
                missing for before in olds if document is None for missing in unpaired(before, after)
            ],
        },
        next=_next(verdict, service),
        links={f"contract {each.version}": each.url for each in (*olds, after) if each.url},
    )


@dataclass(frozen=True)
class _Checked:
    pair: DocumentPair
    verdict: str
    changes: Sequence[dict[str, Any]] = ()
    reasons: Sequence[str] = ()
    users: ChangeUsers | None = None

    @property
    def breaking(self) -> list[dict[str, Any]]:
        return [change for change in self.changes if not change["compatible"]]

    def is_unused(self, change: dict[str, Any]) -> bool:
        return self.users is not None and self.users.is_unused(change)

    def summary(self) -> dict[str, Any]:
        unused = sum(map(self.is_unused, self.breaking))
        return {
            "old": self.pair.old_name,
            "new": self.pair.new_name,
            "verdict": self.verdict,
            "breaking": len(self.breaking) - unused,
            "breaking_but_unused": unused,
            "compatible": len(self.changes) - len(self.breaking),
        }

    def rows(self, with_names: bool) -> Iterator[dict[str, Any]]:  # noqa: FBT001 - of several
        """Yield the changes: those that break somebody, those that break nobody, and the others."""
        names = {"old": self.pair.old_name, "new": self.pair.new_name} if with_names else {}
        for change in sorted(self.changes, key=lambda each: (each["compatible"], self.is_unused(each))):
            outcome = (
                "compatible" if change["compatible"] else "unused" if self.is_unused(change) else "breaking"
            )
            row = names | {"outcome": outcome, "rule": change["rule"]}
            row |= {key: change[key] for key in ("place", "text", "counterexample") if key in change}
            row |= {"in_old": change["old"], "in_new": change["new"]}
            asked = self.users is not None and not change["compatible"]
            yield row | (self.users.of(change) if self.users and asked else {})

    def used_by(self) -> list[str]:
        """Return who uses what breaks."""
        by_place = self.users.by_place if self.users else {}
        return sorted(
            {
                user["consumer"]
                for change in self.breaking
                for user in by_place.get(change.get("place", ""), ())
            }
        )


def _checked(
    sources: Sources, pair: DocumentPair, rules: dict[str, Any], question: Question | None
) -> _Checked:
    """Compare a pair of documents; *question* is about the service whose users count, where one is named."""
    pacts = pacts_to_read(sources, question.service, question.environment) if question else None
    given = pacts.given if pacts else ()
    try:
        found = judged("check", old=pair.old, new=pair.new, pacts=list(given), **rules)
    except UndecidedError as error:
        return _Checked(pair, "unknown", reasons=[error.reason])
    users = None
    if pacts is not None:
        users = users_by_pacts(found["changes"], pacts)
    elif question is not None:
        users = users_at_broker(sources, found["changes"], question)
    checked = _Checked(pair, found["verdict"], found["changes"], found.get("reasons", ()), users)
    if checked.verdict == "breaking" and all(map(checked.is_unused, checked.breaking)):
        return replace(checked, verdict="unknown" if checked.reasons else _UNUSED)
    return checked


def _summary(verdict: str, checked: Sequence[_Checked]) -> str:
    breaking = sum(each.summary()["breaking"] for each in checked)
    counted = (
        f"; {breaking} change{'s' * (breaking != 1)} break{'s' * (breaking == 1)} it" if breaking else ""
    )
    names = sorted({name for each in checked for name in each.used_by()})
    use = f" {listed(names)} use{'s' * (len(names) == 1)} or may use what breaks." if names else ""
    compared = "; ".join(
        f"{quoted(each.pair.old_name)} and {quoted(each.pair.new_name)}" for each in checked[:3]
    )
    return f"{_SENTENCES[verdict]}{counted}. Compared: {compared}.{use}"


def _next(verdict: str, service: str | None) -> list[str]:
    steps = {
        "breaking": ["Keep what the old version promises beside the new, and mark it as deprecated."],
        "unknown": ["Read `not_decided`: simplify these schemas, or compare them by hand."],
        _UNUSED: ["Publish the new version, and ask can_i_deploy before it is deployed."],
    }.get(verdict, [])
    if verdict == "breaking" and service is None:
        steps = [*steps, "Name the service: then it is said who uses what breaks."]
    return steps
