"""The credentials that a request brings, as they can be read."""

import hmac

from flask import request
from werkzeug.datastructures import Authorization

from broker.domain.accounts.account_names import name_key

LONGEST_NAME = 100
"""Characters of a wrong user name that are remembered."""


def counted_name(given: Authorization, *, has_accounts: bool) -> str:
    """Return the name under which failures are counted: one for all ways to write that of an account."""
    name = (given.username or "")[:LONGEST_NAME]
    return name_key(name) if has_accounts else name


def given() -> Authorization | None:
    """Return the credentials of the request, or None when there are none that can be read."""
    try:
        return request.authorization
    except ValueError:  # what should be Base64 is not even ASCII
        return None


def is_given_twice(given: Authorization) -> bool:
    """Return whether there were two headers, which the server joins by a comma.

    The first would be read alone where Base64 ends with "=". Whoever is in front may have read the other.
    """
    return given.type == "basic" and "," in request.headers.get("Authorization", "")


def kind(given: Authorization) -> str:
    """Return what these are, as an answer names it."""
    return "token" if given.type == "bearer" else "user"


def claimed(given: Authorization) -> str:
    """Return the name that somebody gives; a token that nobody has may be somebody's, so none of it."""
    return (given.username or "")[:LONGEST_NAME] if given.type == "basic" else ""


def equal(given: str | None, configured: str) -> bool:
    """Compare in a time that tells nothing of either."""
    return hmac.compare_digest((given or "").encode(), configured.encode())
