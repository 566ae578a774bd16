"""The blueprint of all pages that show what the broker has, and what they have in common."""

from flask import Blueprint, request

from broker.web.paths import result_number

blueprint = Blueprint("pages", "broker.web.pages")
LONGEST_NUMBER = 6
"""Digits of the number of a page: nobody turns a million pages."""


def page_number() -> int:
    """Return which page of a list the query string asks for; the first one if that is no number."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 1


def chosen_result() -> int | None:
    """Return which result the query string asks for, if any. Raises NotFoundError when it is no number."""
    text = request.args.get("result")
    return None if text is None else result_number(text)
