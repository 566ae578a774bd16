"""Matchers of the status of a response, and of what a body is."""

from collections.abc import Sequence
from typing import Literal, TypeVar

from consumer_sdk.errors import DeclarationError
from consumer_sdk.match.matcher import Matcher, checked

Content = TypeVar("Content", bytes, str)
StatusClass = Literal["info", "success", "redirect", "clientError", "serverError", "nonError", "error"]


def status_code(example: int, allowed: StatusClass | Sequence[int]) -> Matcher[int]:
    """Accept a status of a class, or one of several: ``match.status_code(200, "success")``."""
    if not isinstance(allowed, str | list | tuple | set | frozenset | range):
        raise DeclarationError(f"status_code: {allowed!r} is neither a class of statuses nor a list of them.")
    wanted = allowed if isinstance(allowed, str) else sorted(allowed)
    return checked("status_code", Matcher("statusCode", example, {"status": wanted}))


def content_type(example: Content, media_type: str) -> Matcher[Content]:
    """Accept a body whose first bytes are of a media type, such as "image/png"; the rest may differ."""
    return checked("content_type", Matcher("contentType", example, {"value": media_type}))
