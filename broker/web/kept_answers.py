"""Answers that the gateway may keep (broker/server/kept_answers.py), as little but settings changes them."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from flask import request

from broker.web.asked_by_gateway import KEEP
from broker.web.context import database, measurements
from broker.web.paths import shown_route


def may_be_kept(holds: Callable[[], bool] | None = None) -> None:
    """Tell the gateway that such a request has the answer of this one, until there are other settings.

    If there is more that can change it, *holds* returns whether it has not. The event loop calls that.
    """
    keep = request.environ.get(KEEP)
    if keep is None or request.url_rule is None or database().standby is not None:  # which adds cookies
        return
    rule = request.url_rule.rule
    keep(shown_route(rule), partial(measurements().answered, request.method, rule, int(HTTPStatus.OK)), holds)
