"""Limits on the length of names in a path, for requests that may store them."""

from flask import request

from broker.domain.accounts import account_names
from broker.domain.errors import PathError
from broker.domain.limits import NAME, REFERENCE
from broker.domain.text_rules import too_long
from broker.web.routes import client_name

STORING = ("PATCH", "POST", "PUT")
LONGEST = {
    "account": account_names.LONGEST,
    "branch": REFERENCE,
    "consumer": NAME,
    "consumerApplicationVersion": REFERENCE,
    "label": NAME,
    "pacticipant": NAME,
    "provider": NAME,
    "secret": NAME,
    "tag": REFERENCE,
    "team": account_names.LONGEST,
    "uuid": NAME,
    "version": REFERENCE,
}
"""Most characters, by variable of a path as clients know it. A name that is only looked up has no limit."""


def check_names() -> None:
    """Raise PathError for names that are too long. Reading has no limit: a longer name is not found."""
    if request.method not in STORING:
        return
    given = {client_name(variable): text for variable, text in (request.view_args or {}).items()}
    found = {name: too_long(text, LONGEST.get(name)) for name, text in given.items()}
    errors = {name: [message] for name, message in found.items() if message is not None}
    if errors:
        raise PathError(errors)
