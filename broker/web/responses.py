"""Answers that have more than a body."""

import re

from flask import Response, jsonify

from broker.web.hal import Hal

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def created(document: Hal, location: str) -> Response:
    """Return the document of what was just created (201), with its address in the header Location."""
    answer = jsonify(document)
    answer.status_code = 201
    answer.headers["Location"] = location
    return answer


def drawing(svg: str) -> Response:
    """Return the SVG document; a text in it may have characters that XML has no way to write."""
    return Response(_NOT_IN_XML.sub(_REPLACEMENT, svg), content_type="image/svg+xml;charset=utf-8")
