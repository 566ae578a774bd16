"""Answers that have more than a body."""

import re
from typing import Any

from flask import Response
from werkzeug.datastructures import Headers

from broker.web.content_types import HAL
from broker.web.hal import Hal, to_json

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class _Created(Response):
    """An answer whose header Location is a URL of ours: Werkzeug need not take it apart to make one of it."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        location = self.headers.pop("Location")
        headers = super().get_wsgi_headers(environ)
        for each in (self.headers, headers):
            each.add("Location", location)
        return headers


def created(document: Hal, location: str) -> Response:
    """Return the document of what was just created (201), with its address in the header Location."""
    return _Created(to_json(document), 201, {"Location": location}, content_type=f"{HAL};charset=utf-8")


def drawing(svg: str) -> Response:
    """Return the SVG document; a text in it may have characters that XML has no way to write."""
    return Response(_NOT_IN_XML.sub(_REPLACEMENT, svg), content_type="image/svg+xml;charset=utf-8")
