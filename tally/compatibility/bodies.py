"""What changed in the media types of a body, and in their schemas."""

from collections.abc import Sequence
from dataclasses import replace

from tally.compatibility.collecting import Collector, Written
from tally.compatibility.model import Flow
from tally.pact.bodies import media_type
from tally.service_contract.content_types import best_content
from tally.service_contract.model import MediaType
from tally.usage.places import Place

Both = tuple[Sequence[MediaType], Sequence[MediaType]]


def compare_content(
    found: Collector, content: Both, pointers: tuple[str, str], flow: Flow, place: Place
) -> None:
    """Add what changed in the content at *pointers*, of a body that *place* is."""
    before, after = content
    for media in before:
        partner = best_content(after, media.content_type)
        if partner is not None:
            _compare_schemas(found, media, partner, flow, place)
        else:
            found.note(
                f"{_kind(flow)}_MEDIA_TYPE_REMOVED" if after else f"{_kind(flow)}_BODY_REMOVED",
                flow,
                f"{media.content_type} is not {'accepted' if flow is Flow.RECEIVED else 'answered'} any more",
                pointers=(media.pointer or pointers[0], pointers[1]),
                place=place,
                breaks=True,
            )
    for media in after:
        if not any(media_type(media.content_type) == media_type(each.content_type) for each in before):
            wider = best_content(before, media.content_type)
            found.note(
                f"{_kind(flow)}_MEDIA_TYPE_ADDED",
                flow,
                f"{media.content_type} was added",
                pointers=(wider.pointer if wider else pointers[0], media.pointer or pointers[1]),
                place=place,
                breaks=False,
            )


def _compare_schemas(found: Collector, old: MediaType, new: MediaType, flow: Flow, place: Place) -> None:
    found.schemas(
        Written.under(old.schema, old.pointer, "schema"),
        Written.under(new.schema, new.pointer, "schema"),
        flow,
        lambda path: replace(place, path=path),
    )


def _kind(flow: Flow) -> str:
    return "REQUEST" if flow is Flow.RECEIVED else "RESPONSE"
