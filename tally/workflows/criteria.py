"""Criteria: whether what a step did is what the workflow asks for."""

from collections.abc import Iterable
from typing import Any

from tally.errors import InvalidContractError
from tally.matching.mismatch import shown
from tally.values import dataclass
from tally.workflows.conditions import expressions_of, found_values, holds, parse_condition
from tally.workflows.expressions import NO_VALUE, Expression, Scope, parse_expression, value_of
from tally.workflows.jsonpath import JsonPathError, passes
from tally.workflows.jsonpath_parsing import parse_jsonpath
from tally.workflows.model import Criterion, CriterionType
from tally.workflows.regular_expressions import SlowExpressionError, compiled, matches
from tally.workflows.templates import as_text
from tally.workflows.xpath import XPathError, parse_xpath, selects


@dataclass(frozen=True)
class Verdict:
    """Whether a criterion holds; *got* are the values that it looked at, in words."""

    criterion: Criterion
    holds: bool
    got: str = ""


def check_criterion(criterion: Criterion) -> None:
    """Raise InvalidContractError, without a place, when the condition cannot be read."""
    if criterion.context is not None:
        parse_expression(criterion.context)
    if criterion.type is CriterionType.SIMPLE:
        parse_condition(criterion.condition)
    elif criterion.type is CriterionType.REGEX:
        compiled(criterion.condition)
    elif criterion.type is CriterionType.JSONPATH:
        parse_jsonpath(criterion.condition)
    else:
        parse_xpath(criterion.condition)


def expressions_of_criterion(criterion: Criterion) -> tuple[Expression, ...]:
    """Return the runtime expressions that the criterion looks at."""
    if criterion.context is not None:
        return (parse_expression(criterion.context),)
    return tuple(expressions_of(parse_condition(criterion.condition)))


def judged(criteria: Iterable[Criterion], scope: Scope) -> tuple[Verdict, ...]:
    """Return the verdict on each criterion."""
    return tuple(_judged(criterion, scope) for criterion in criteria)


def all_hold(criteria: Iterable[Criterion], scope: Scope) -> bool:
    """Whether all criteria hold; none at all do."""
    return all(verdict.holds for verdict in judged(criteria, scope))


def _judged(criterion: Criterion, scope: Scope) -> Verdict:
    if criterion.type is CriterionType.SIMPLE:
        condition = parse_condition(criterion.condition)
        values = dict(found_values(condition, scope))
        got = ", ".join(f"{name} is {_shown(value)}" for name, value in values.items())
        return Verdict(criterion, holds(condition, scope), got)
    context = criterion.context or ""
    value = value_of(parse_expression(context), scope)
    try:
        found = value is not NO_VALUE and _found(criterion, value)
    except (JsonPathError, SlowExpressionError, XPathError, InvalidContractError) as error:
        return Verdict(criterion, holds=False, got=str(error))
    return Verdict(criterion, found, f"{context} is {_shown(value)}")


def _found(criterion: Criterion, value: Any) -> bool:
    if criterion.type is CriterionType.REGEX:
        return matches(criterion.condition, as_text(value))
    if criterion.type is CriterionType.JSONPATH:
        return passes(parse_jsonpath(criterion.condition), value)
    return selects(parse_xpath(criterion.condition), as_text(value))


def _shown(value: Any) -> str:
    return "missing" if value is NO_VALUE else shown(value)
