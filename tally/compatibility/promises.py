"""What changed in what an operation promises beside its shapes: credentials, errors, budgets."""

from tally.compatibility.collecting import Collector
from tally.compatibility.model import Flow
from tally.json_schema.pointers import pointer
from tally.service_contract.model import Budget, Operation, Security, SecurityScheme
from tally.usage.places import Place

_ANONYMOUS: Security = ((),)
_NO_BUDGET = Budget()


def compare_promises(found: Collector, old: Operation, new: Operation) -> None:
    """Add what changed from one operation to the other to *found*."""
    _security(found, old, new)
    _budget(found, old, new)
    _errors(found, old, new)
    place, pointers = Place(old.title), (old.pointer, new.pointer)
    if old.deprecated != new.deprecated:
        text = f"the operation is {'deprecated' if new.deprecated else 'not deprecated any more'}"
        found.note("OPERATION_DEPRECATED" if new.deprecated else "OPERATION_NOT_DEPRECATED", Flow.BOTH, text,
                   pointers=pointers, place=place, breaks=False)  # fmt: skip
    if old.required and not new.required:
        text = "the operation need not be there in later versions any more"
        found.note("OPERATION_NOT_REQUIRED", Flow.BOTH, text, pointers=pointers, place=place, breaks=False)


def _security(found: Collector, old: Operation, new: Operation) -> None:
    before, after = (each.security or _ANONYMOUS for each in (old, new))
    pointers = tuple(each.pointer + pointer(["security"]) for each in (old, new))
    refused = [group for group in before if not any(_suffices(group, other) for other in after)]
    more = [group for group in after if not any(_suffices(group, other) for other in before)]
    if refused:
        kind = "ADDED" if before == _ANONYMOUS else "NARROWED"
        text = f"{_named(refused[0])} suffices no longer; now: {' or '.join(map(_named, after))}"
        breaks = True
    elif more or any(not any(_suffices(other, group) for group in before) for other in after):
        kind, breaks = "EXTENDED", False
        text = f"{' or '.join(map(_named, after))} suffices now"
    else:
        return
    found.note(
        f"SECURITY_{kind}", Flow.RECEIVED, text, pointers=pointers, place=Place(old.title), breaks=breaks
    )


def _suffices(group: tuple[SecurityScheme, ...], asked: tuple[SecurityScheme, ...]) -> bool:
    """Whether who has the credentials of *group* has those that are *asked* for."""
    return all(any(_is_covered(scheme, other) for other in group) for scheme in asked)


def _is_covered(asked: SecurityScheme, given: SecurityScheme) -> bool:
    what = [
        (each.type, each.scheme, each.location, each.parameter or (each.type != "http" and each.name))
        for each in (asked, given)
    ]
    return what[0] == what[1] and set(asked.scopes) <= set(given.scopes)


def _named(group: tuple[SecurityScheme, ...]) -> str:
    if not group:
        return "no credential"
    return " and ".join(
        f"{each.name} ({', '.join(each.scopes)})" if each.scopes else each.name for each in group
    )


def _budget(found: Collector, old: Operation, new: Operation) -> None:
    before, after = old.budget or _NO_BUDGET, new.budget or _NO_BUDGET
    for what, unit in (("p95_ms", "ms"), ("max_bytes", "bytes")):
        one, other = getattr(before, what), getattr(after, what)
        if one == other:
            continue
        is_less = one is not None and (other is None or other > one)
        limits = " and is ".join("none" if each is None else f"{each:g} {unit}" for each in (one, other))
        found.note(
            "BUDGET_RELAXED" if is_less else "BUDGET_TIGHTENED",
            Flow.SENT,
            f"the budget ({'95 % of the answers' if unit == 'ms' else 'size'}) was {limits}",
            pointers=(old.pointer, new.pointer),
            place=Place(old.title),
            breaks=is_less,
        )


def _errors(found: Collector, old: Operation, new: Operation) -> None:
    before, after = ({error.name for error in each.errors} for each in (old, new))
    for name in sorted(before ^ after):
        is_added = name in after
        found.note(
            f"ERROR_CONDITION_{'ADDED' if is_added else 'REMOVED'}",
            Flow.SENT,
            f"the error condition {name!r} was {'added' if is_added else 'removed'}",
            pointers=(old.pointer, new.pointer),
            place=Place(old.title),
            breaks=False,
        )
