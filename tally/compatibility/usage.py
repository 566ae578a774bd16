"""What breaks nobody, because nobody uses it."""

from collections.abc import Callable
from dataclasses import replace

from tally.compatibility.model import Compatibility, Verdict
from tally.usage.places import Place

_WHATEVER_IS_USED = frozenset(["REQUIRED_OPERATION_REMOVED"])


def with_usage(compatibility: Compatibility, is_used: Callable[[Place], bool]) -> Compatibility:
    """Return what is left of *compatibility* when only what is used counts.

    A change whose place is not known counts as used. *is_used* is asked about the smallest place in which a
    change is felt, and has to say yes for every place that is used above or below it.
    """
    changes = tuple(
        replace(change, is_unused=True)
        if not change.compatible
        and change.place is not None
        and change.rule not in _WHATEVER_IS_USED
        and not is_used(change.place)
        else change
        for change in compatibility.changes
    )
    breaking = [change for change in changes if not change.compatible]
    if compatibility.verdict is not Verdict.BREAKING or not all(change.is_unused for change in breaking):
        return replace(compatibility, changes=changes)
    # What could not be decided may break somebody as well.
    verdict = Verdict.UNKNOWN if compatibility.reasons else Verdict.BREAKING_BUT_UNUSED
    return replace(compatibility, verdict=verdict, changes=changes)
