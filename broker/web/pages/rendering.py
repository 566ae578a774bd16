"""Rendering templates."""

from functools import partial
from http import HTTPStatus
from importlib.metadata import version

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from broker.web import base_url, routes
from broker.web.context import links, now, settings
from broker.web.pages import contract_text, filters
from tally.amounts import ago

RELEASE = version("tallystick")
_templates = Environment(
    loader=PackageLoader("broker.web.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(filters.FILTERS, **contract_text.FILTERS)
_templates.tests.update(filters.TESTS)


def render(template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; templates make links with `url(route, **values)`.

    Commands to copy use `absolute(route, **values)` and `address`, the address of the broker.
    """
    base = _base()
    page = _templates.get_template(template).render(
        base=base,
        url=partial(_url, base),
        absolute=links().href,
        address=links().base,
        ago=partial(ago, now=now()),
        release=RELEASE,
        has_explorer=settings().use_hal_browser,
        here="",
        **values,
    )
    return Response(page, status, content_type="text/html;charset=utf-8")


def render_error(message: str, status: int) -> Response:
    """Return the page that tells what went wrong."""
    return render("error.html", status=status, title=HTTPStatus(status).phrase, message=message)


def local(route: str) -> str:
    """Return the address of a page without the host."""
    return _url(_base(), route)


def _base() -> str:
    return base_url.mount(settings().addresses, request.environ)


def _url(base: str, route: str, **values: str) -> str:
    return base + routes.path(route, **values)
