"""Log in: a page that anybody may read asks for no credentials, and so a browser sends none."""

import re

from flask import Response, request

from broker.domain.accounts.permissions import Action
from broker.web import authentication
from broker.web.context import actor_or_refusal
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import local
from broker.web.routes import rule

_OWN_PAGE = re.compile(
    r"/(?![/\\])[!-\[\]-~]*"
)  # visible ASCII without a backslash, which browsers take for a slash


@blueprint.get(rule("log-in"))
def log_in() -> Response:
    """Ask for credentials with which one may write, and lead back to the page in `to`."""
    asker = actor_or_refusal()
    if isinstance(asker, Response):
        return asker
    if not asker.may_somewhere(Action.PUBLISH):
        return authentication.only_reads()
    back = request.args.get("to", "")
    address = local("index").removesuffix("/") + back if _OWN_PAGE.fullmatch(back) else local("index")
    return Response(status=303, headers={"Location": address})
