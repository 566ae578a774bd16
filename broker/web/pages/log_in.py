"""Log in: a page that anybody may read asks for no credentials, and so a browser sends none."""

import re

from flask import Response, request

from broker.domain.access import Access
from broker.web import authentication
from broker.web.context import access_of_asker
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import local
from broker.web.routes import rule

_OWN_PAGE = re.compile(
    r"/(?![/\\])[!-\[\]-~]*"
)  # visible ASCII without a backslash, which browsers take for a slash


@blueprint.get(rule("log-in"))
def log_in() -> Response:
    """Ask for credentials with which one may write, and lead back to the page in `to`."""
    access = access_of_asker()
    if isinstance(access, Response):
        return access
    if access < Access.WRITE:
        return authentication.only_reads()
    back = request.args.get("to", "")
    address = local("index").removesuffix("/") + back if _OWN_PAGE.fullmatch(back) else local("index")
    return Response(status=303, headers={"Location": address})
