"""What changed in the media types of a body, and in their schemas."""

from collections.abc import Sequence
from dataclasses import replace

from tally.compatibility.collecting import Collector, Written
from tally.compatibility.model import Flow
from tally.pact.bodies import media_type
from tally.service_contract.content_types import best_content
from tally.service_contract.model import MediaType
from tally.usage.places import Place

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
Both = tuple[Sequence[MediaType], Sequence[MediaType]]


def compare_content(
    found: Collector, content: Both, pointers: tuple[str, str], flow: Flow, place: Place
) -> None:
    """Add what changed in the content at *pointers*, of a body that *place* is."""
    before, after = content
    for media in before:
        partners = _partners(media, after, flow)
        for partner in partners:
            _compare_schemas(found, media, partner, flow, place)
        if not partners:
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


def _partners(media: MediaType, after: Sequence[MediaType], flow: Flow) -> list[MediaType]:
    """Return what takes the place of a media type: of ranges, what is read may widen, what is sent narrow."""
    best = best_content(after, media.content_type)
    if flow is Flow.RECEIVED or (best and media_type(best.content_type) == media_type(media.content_type)):
        return [best] if best else []
    return [each for each in after if best_content([media], each.content_type)]


def _compare_schemas(found: Collector, old: MediaType, new: MediaType, flow: Flow, place: Place) -> None:
    found.schemas(
        Written(old.schema, old.schema_pointer),
        Written(new.schema, new.schema_pointer),
        flow,
        lambda path: replace(place, path=path),
        is_text=media_type(old.content_type) in _FORMS and media_type(new.content_type) in _FORMS,
    )


def _kind(flow: Flow) -> str:
    return "REQUEST" if flow is Flow.RECEIVED else "RESPONSE"
