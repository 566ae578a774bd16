"""The query string of the matrix, parsed into a question (reference §8.1)."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from broker.domain import limits
from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import LatestBy, Verdict
from broker.domain.decisions.selectors import Selector, Target
from broker.domain.errors import MatrixSelectorError
from broker.domain.names import did_you_mean
from broker.domain.text_rules import too_many
from broker.web import query_values
from broker.web.api.decisions import as_of
from broker.web.context import now
from broker.web.description.notation import TEXT, many, one_of, or_blank
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import (
    AT,
    ENVIRONMENT,
    FLAG_OR_BLANK,
    IGNORED,
    LARGEST_NUMBER,
    NUMBER,
    VERSION_SELECTORS,
    WAIT,
)
from broker.web.query import Query

DEFAULT_LIMIT = 100
OF_PAIR = (
    *IGNORED,
    QueryParameter(
        "ignore[][version]",
        "The version to ignore, if not all versions",
        many(TEXT, maxItems=limits.SELECTORS),
    ),
    QueryParameter(
        "latestby", "Show only the newest result of each group", or_blank(one_of("cvpv", "cvp", "cp"))
    ),
    QueryParameter(
        "success[]",
        "Results to show; empty for missing results",
        many(one_of("true", "false", ""), maxItems=limits.PARAMETERS),
    ),
    QueryParameter(
        "limit",
        "Maximum number of rows; a decision about a destination or named versions counts all of them",
        or_blank(NUMBER),
    ),
    QueryParameter("tag", "Tag of the versions at the destination"),
    ENVIRONMENT,
    QueryParameter("mainBranch", "Whether the destination is the main branches of the others", FLAG_OR_BLANK),
    QueryParameter("latest", "Whether only the latest versions at the destination count", FLAG_OR_BLANK),
    WAIT,
    AT,
)
"""The parameters of the matrix of two applications as the description of the API has them."""
DESCRIBED = (
    *VERSION_SELECTORS,
    QueryParameter("q[][branch]", "Branch of a selector", many(TEXT, maxItems=limits.SELECTORS)),
    QueryParameter("q[][tag]", "Tag of a selector", many(TEXT, maxItems=limits.SELECTORS)),
    QueryParameter("q[][environment]", "Environment of a selector", many(TEXT, maxItems=limits.SELECTORS)),
    QueryParameter(
        "q[][mainBranch]",
        "Whether a selector means the main branch",
        many(FLAG_OR_BLANK, maxItems=limits.SELECTORS),
    ),
    QueryParameter(
        "q[][latest]",
        "Whether a selector means only the latest",
        many(FLAG_OR_BLANK, maxItems=limits.SELECTORS),
    ),
    *OF_PAIR,
)
"""The parameters of the matrix."""
PARAMETERS = (
    "q",
    "ignore",
    "latestby",
    "latest",
    "tag",
    "environment",
    "branch",
    "mainBranch",
    "success",
    "limit",
    "days",
    "wait",
    "at",
)
_OF_SELECTOR = ("pacticipant", "version", "branch", "tag", "environment", "mainBranch", "latest")
_VERDICTS = {"true": Verdict.SUCCESS, "false": Verdict.FAILED, "": Verdict.UNKNOWN}


def read(asked: Query) -> Question:
    """Return the question. Raises MatrixSelectorError that names the parameter."""
    check_names(asked, PARAMETERS)
    values = asked.values
    if any(name.strip() for name in asked.lists.get("q", ())):
        raise MatrixSelectorError(["q cannot be read: write q[][pacticipant]=NAME"])
    question = Question(
        selectors=tuple(dict.fromkeys(_selectors(asked, "q"))),
        target=Target(
            tag=values.get("tag"),
            environment=values.get("environment"),
            branch=values.get("branch"),
            main_branch=_is_true(values, "mainBranch"),
            latest=_is_true(values, "latest"),
        ),
        ignored=ignored(asked),
        latest_by=_latest_by(values.get("latestby")),
        verdicts=_verdicts(asked.lists.get("success", ())),
        at=as_of.at(asked, now()),
    )
    return _limited(question, asked)


def most_shown(asked: Query) -> int | None:
    """Return how many rows of a decision are to be shown: what it was decided by are all."""
    return _limit(asked.values["limit"]) if "limit" in asked.values else None


def of_pair(asked: Query, consumer: str, provider: str) -> Question:
    """Return the question about all versions of the two; selectors have no meaning in it.

    Raises MatrixSelectorError that names the parameter.
    """
    question = read(asked)
    pair = (Selector(consumer), Selector(provider))
    return _limited(replace(question, selectors=pair, latest_by=question.latest_by or LatestBy.CVPV), asked)


def check_names(asked: Query, known: Collection[str]) -> None:
    """Raise MatrixSelectorError for a parameter whose name is nearly one of those that are known.

    Other unknown parameters are ignored; a misspelt one would be ignored too, and the answer would be wrong.
    """
    given = {*asked.values, *asked.lists, *asked.objects} - set(known)
    misspelt = [name for name in sorted(given) if did_you_mean(name, known, cutoff=0.8)]
    if misspelt:
        raise MatrixSelectorError([f"{name} is no parameter{did_you_mean(name, known)}" for name in misspelt])
    unread = [(key, key.partition("[")[0]) for key in asked.unread]
    errors = [
        f"{key} cannot be read: write {name}[][pacticipant]=NAME"
        for key, name in unread
        if name in {"q", "ignore"}
    ]
    if errors:
        raise MatrixSelectorError(errors)


def ignored(asked: Query) -> tuple[Selector, ...]:
    """Return the selectors of what is ignored: `ignore[]=NAME` or `ignore[][pacticipant]=NAME&…`."""
    by_name = [Selector(name) for name in asked.lists.get("ignore", ()) if name.strip()]
    found = (*by_name, *_selectors(asked, "ignore"))
    if message := too_many(found, limits.SELECTORS):
        raise MatrixSelectorError([f"ignore {message}"])
    return found


def _selectors(asked: Query, name: str) -> list[Selector]:
    items = asked.objects.get(name, ())
    if message := too_many(items, limits.SELECTORS):
        raise MatrixSelectorError([f"{name} {message}"])
    # A pipeline whose variable is not set would be told about the other selectors alone.
    if name in asked.blank:
        raise MatrixSelectorError([_without_name(name)])
    return [_selector(item, name) for item in items]


def _selector(item: Mapping[str, str], name: str) -> Selector:
    unknown = [key for key in item if key not in _OF_SELECTOR]
    if unknown:
        raise MatrixSelectorError(
            [f"{name}[][{key}] is no field of a selector{did_you_mean(key, _OF_SELECTOR)}" for key in unknown]
        )
    if "pacticipant" not in item:
        raise MatrixSelectorError([_without_name(name)])
    return Selector(
        item["pacticipant"],
        version=item.get("version"),
        branch=item.get("branch"),
        tag=item.get("tag"),
        environment=item.get("environment"),
        main_branch=_is_true(item, "mainBranch"),
        latest=_is_true(item, "latest"),
    )


def _without_name(name: str) -> str:
    return f"Name the pacticipant of each selector: {name}[][pacticipant]=NAME"


def _is_true(item: Mapping[str, str], name: str) -> bool:
    if item.get(name, "false") not in {"true", "false"}:
        raise MatrixSelectorError([f"{name} must be one of: true, false"])
    return item.get(name) == "true"


def _latest_by(value: str | None) -> LatestBy | None:
    try:
        return None if value is None else LatestBy(value)
    except ValueError as error:
        raise MatrixSelectorError(["latestby must be one of: cvpv, cvp, cp"]) from error


def _verdicts(values: tuple[str, ...]) -> frozenset[Verdict]:
    if not set(values) <= set(_VERDICTS):
        raise MatrixSelectorError(["success must be one of: true, false, or empty for unverified"])
    return frozenset(_VERDICTS[value] for value in values)


def _limited(question: Question, asked: Query) -> Question:
    limit = _limit(asked.values.get("limit"))
    return replace(question, limit=None if question.decides else limit)


def _limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_LIMIT
    limit = query_values.whole_number(value, least=1, most=LARGEST_NUMBER)
    if limit is None:
        raise MatrixSelectorError([f"limit must be a whole number from 1 to {LARGEST_NUMBER}"])
    return limit
