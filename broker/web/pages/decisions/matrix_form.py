"""The form that asks the matrix: its selectors, target and options become the parameters of the API."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from urllib.parse import urlencode

from broker.domain import limits
from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.selectors import Selector
from broker.web.pages.decisions.decision_form import moment_of, with_zone
from broker.web.pages.decisions.decision_links import selector_pairs
from broker.web.query import Query
from tally.values import dataclass

MOST_ROWS = min(10, limits.SELECTORS)
LATEST_BY = (
    ("", "every result"),
    ("cvpv", "newest of consumer and provider version"),
    ("cvp", "newest of consumer version and provider"),
    ("cp", "newest of consumer and provider"),
)
RESULTS = (("true", "verified"), ("false", "failed"), ("", "without result"))
KINDS = (
    ("any", "any version"),
    ("version", "version"),
    ("head", "head of branch"),
    ("branch", "versions on branch"),
    ("main-head", "head of main branch"),
    ("main", "versions on main branch"),
    ("latest", "latest version"),
    ("latest-tag", "latest with tag"),
    ("tag", "versions with tag"),
    ("environment", "in environment"),
)
_FIELDS = {
    "version": ("version",),
    "head": ("branch", "latest"),
    "branch": ("branch",),
    "main-head": ("mainBranch", "latest"),
    "main": ("mainBranch",),
    "latest": ("latest",),
    "latest-tag": ("tag", "latest"),
    "tag": ("tag",),
    "environment": ("environment",),
}
_FLAGS = {"mainBranch", "latest"}
TARGETS = (
    ("", "nothing else"),
    ("environment", "what is in environment"),
    ("main-head", "heads of the main branches"),
    ("main", "main branches"),
    ("head", "heads of branch"),
    ("branch", "branch"),
    ("latest-tag", "latest with tag"),
    ("tag", "versions with tag"),
    ("latest", "latest versions"),
)


@dataclass(frozen=True)
class SelectorRow:
    """A selector as three fields: whose versions, chosen by which kind, and its name or number."""

    pacticipant: str = ""
    by: str = "any"
    value: str = ""


@dataclass(frozen=True)
class MatrixForm:
    """What the form shows, and what is wrong with it."""

    rows: Sequence[SelectorRow]
    target: SelectorRow = field(default_factory=lambda: SelectorRow(by=""))
    latest_by: str = ""
    results: Sequence[str] = ()
    limit: str = ""
    ignored: Sequence[str] = ()
    moment: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What is wrong, as sentences."""
        return ". ".join(message for messages in self.errors.values() for message in messages)


def is_filled_in(asked: Query) -> bool:
    """Return whether the form was sent, and the address is to be made of its fields."""
    return "by" in asked.lists


def address(asked: Query) -> str:
    """Return the query string of the API for what was filled in."""
    lists = asked.lists
    rows = zip(lists.get("pacticipant", ()), lists.get("by", ()), lists.get("value", ()), strict=False)
    pairs: list[tuple[str, str]] = []
    for name, by, value in rows:
        if name.strip():
            pairs.append(("q[][pacticipant]", name.strip()))
            pairs += [(f"q[][{key}]", found) for key, found in _chosen(by, value)]
    pairs += _chosen(asked.values.get("target", ""), asked.values.get("targetValue", ""))
    pairs += [(key, asked.values[key]) for key in ("latestby", "limit") if key in asked.values]
    results = lists.get("result", ())
    pairs += [("success[]", value) for value in results] if len(results) < len(RESULTS) else []
    pairs += [("ignore[]", name.strip()) for name in lists.get("ignored", ()) if name.strip()]
    if "moment" in asked.values:
        pairs.append(("at", with_zone(asked.values["moment"])))
    return urlencode(pairs)


def form(
    asked: Query, question: Question | None, errors: Mapping[str, Sequence[str]] | None = None
) -> MatrixForm:
    """Return the form as it was filled in; what could not be read is filled in as far as it goes."""
    if question is not None:
        rows = [_row(selector) for selector in question.selectors]
        ignored = [selector.pacticipant for selector in question.ignored]
    else:
        rows = [SelectorRow(item.get("pacticipant", ""), *_by(item)) for item in asked.objects.get("q", ())]
        ignored = [name for name in asked.lists.get("ignore", ()) if name.strip()]
    room = max(2 - len(rows), 1 if len(rows) < MOST_ROWS else 0)
    values = asked.values
    target = {key: value for key, value in values.items() if key != "version"}
    by, value = _by(target)
    return MatrixForm(
        [*rows, *[SelectorRow()] * room],
        SelectorRow("", "" if by == "any" else by, value),
        values.get("latestby", ""),
        asked.lists.get("success", tuple(value for value, _ in RESULTS)),
        values.get("limit", ""),
        ignored,
        moment_of(values.get("at", "")),
        errors or {},
    )


def _chosen(by: str, value: str) -> list[tuple[str, str]]:
    """Return the fields of a selector that stand for a kind of it."""
    return [
        (name, "true" if name in _FLAGS else value.strip())
        for name in _FIELDS.get(by, ())
        if name in _FLAGS or value.strip()
    ]


def _row(selector: Selector) -> SelectorRow:
    given = {key.split("[")[2].rstrip("]"): value for key, value in selector_pairs("q", selector) if value}
    texts = {key: "true" if value is True else str(value) for key, value in given.items()}
    return SelectorRow(selector.pacticipant, *_by(texts))


def _by(item: Mapping[str, str]) -> tuple[str, str]:
    """Return the kind of a selector, and its name or number."""
    given = {key for key in ("version", "branch", "tag", "environment") if item.get(key)}
    given |= {key for key in _FLAGS if item.get(key) == "true"}
    kind = next((by for by, names in _FIELDS.items() if set(names) == given), "any")
    return kind, next((item[name] for name in given - _FLAGS), "")
