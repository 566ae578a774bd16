"""Which uses a change of a place concerns, and with what doubt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tally.service_contract.model import Operation
from tally.usage.places import Place, UsedPlace
from tally.usage.resolving import Resolver, same_schema


def concerned_by(
    place: Place, used: Iterable[UsedPlace], operation: Operation, resolver: Resolver
) -> list[UsedPlace]:
    """Return those of the *used* places of an *operation* that a change of *place* may concern.

    What the same part of a recursive schema describes is concerned as well, in doubt.
    """
    others = resolver.same_parts(operation, place)
    return [
        each if is_concerned else replace(each, doubt=each.doubt or same_schema(each.place))
        for each in used
        if (is_concerned := each.is_concerned_by(place)) or any(map(each.is_concerned_by, others))
    ]


def by_interaction(place: Place, concerned: Sequence[UsedPlace]) -> Mapping[tuple[int, str], str]:
    """Return the doubt of each interaction, by its index and its description; "" where one use is certain."""
    sure = {
        (each.index, each.interaction) for each in concerned if not each.doubt and place.touches(each.place)
    }
    doubts = {
        (each.index, each.interaction): each.doubt or f"it may use everything in {each.place}"
        for each in concerned
    }
    return {key: "" if key in sure else doubt for key, doubt in sorted(doubts.items())}
