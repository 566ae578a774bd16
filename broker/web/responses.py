"""Answers that have more than a body."""

from flask import Response, jsonify

from broker.web.hal import Hal


def created(document: Hal, location: str) -> Response:
    """Return the document of what was just created (201), with its address in the header Location."""
    answer = jsonify(document)
    answer.status_code = 201
    answer.headers["Location"] = location
    return answer
