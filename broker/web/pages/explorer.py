"""The pages that explain the API: an explorer, and help for each relation."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from broker.web import routes
from broker.web.context import relations, settings
from broker.web.pages.api_docs import OPTIONS, described
from broker.web.pages.rendering import local, render
from broker.web.routes import rule
from tally.values import dataclass

blueprint = Blueprint("exploring", __name__)
_NOT_OF_THE_API = {"exploring", "static", "pages"}


@dataclass(frozen=True)
class LinkUse:
    """What a link can be used for; *takes* is the content type of the body, if it needs one."""

    method: str
    path: str
    summary: str
    takes: str | None


@blueprint.get(rule("hal-browser"))
def explorer() -> Response:
    """Show an explorer of the API, unless the settings switch it off."""
    if not settings().use_hal_browser:
        raise NotFound("The explorer of the API is switched off.")
    return render("explorer.html")


@blueprint.get(rule("relation"))
def relation(rel: str) -> Response:
    """Explain a relation."""
    by_name = {known.bare_name: known for known in reversed(relations())}
    found = by_name.get(rel) or by_name.get(rel.removeprefix("webhooks-"))  # reference §2.9
    calls = list(_uses(found.route)) if found and found.route else []
    return render("relation.html", rel=rel, relation=found, operations=calls)


def to_explorer() -> Response | None:
    """Redirect a browser that asks for JSON to the explorer (reference §1.10); None for other clients."""
    accept = request.headers.get("Accept", "").lower()
    asks = request.method == "GET" and accept.startswith("text/html") and "json" in accept
    if not asks or request.blueprint in _NOT_OF_THE_API:
        return None
    # The path as it was sent: a decoded path no longer tells which slashes were part of a name.
    sent = urlsplit(request.environ.get("REQUEST_URI") or quote(request.full_path, safe="/?=&%"))
    path = sent.path + (f"?{sent.query}" if sent.query else "")
    return Response(status=303, headers={"Location": f"{local('hal-browser')}#{path}"})


def _uses(route: str) -> Iterator[LinkUse]:
    path, _, query = routes.template(route).partition("?")
    for method, operation in described()["paths"].get(path, {}).items():
        if method == OPTIONS:
            continue
        takes = next(iter(operation.get("requestBody", {}).get("content", ())), None)
        full = f"{path}?{query}" if query else path
        yield LinkUse(method.upper(), full, operation["summary"], takes)
