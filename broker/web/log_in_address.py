"""Where somebody logs in, and the page that they wanted: always one of this broker."""

import re
from urllib.parse import quote, urlencode, urlsplit

from flask import request

from broker.web import base_url, routes
from broker.web.context import settings
from broker.web.paths import PAGES

LONGEST_PAGE = 2000
"""Characters of the address of a page that a log-in comes back to."""
# Visible ASCII without a backslash, which browsers take for a slash: //host is another site.
_OWN_PAGE = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def this_page() -> str:
    """Return where this page is, without the host and what a proxy adds, to come back to it."""
    # The path as it was sent: a decoded path no longer tells which slashes were part of a name.
    sent = request.environ.get("REQUEST_URI") or quote(request.full_path.removeprefix(PAGES), safe="/?=&%")
    parts = urlsplit(sent)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def log_in_address() -> str:
    """Return the address of the log-in, which leads back to this page."""
    to = this_page()
    query = f"?{urlencode({'to': to})}" if to != "/" and own_page(to) == to else ""
    return _mount() + routes.path("log-in") + query


def own_page(text: str) -> str:
    """Return *text* if it is the address of a page of ours, "/" for anything else."""
    return text if len(text) <= LONGEST_PAGE and _OWN_PAGE.fullmatch(text) else "/"


def to_own_page(text: str) -> str:
    """Return the address, below what a proxy adds, of the page that *text* asks for."""
    return _mount() + own_page(text)


def _mount() -> str:
    return base_url.mount(settings().addresses, request.environ)
