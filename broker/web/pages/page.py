"""The blueprint of all pages that show what the broker has, and what they have in common."""

from flask import Blueprint, request

blueprint = Blueprint("pages", "broker.web.pages")
LONGEST_NUMBER = 6
"""Digits of the number of a page: nobody turns a million pages."""


def page_number() -> int:
    """Return which page of a list the query string asks for; the first one if that is no number."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 1
