"""Rendering templates."""

from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import urlencode

from flask import Response, current_app, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from broker.web import base_url, routes
from broker.web.context import links, now, settings
from broker.web.pages import contract_text, filters, verdicts
from broker.web.pages.assets import ASSETS
from broker.web.paths import PAGES
from tally.amounts import ago, short_age

RELEASE = version("tallystick")
_templates = Environment(
    loader=PackageLoader("broker.web.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(filters.FILTERS, **contract_text.FILTERS, **verdicts.FILTERS)
_templates.tests.update(filters.TESTS)
_NAVIGATION = (
    ("overview", "index", "Overview"),
    ("network", "network", "Network"),
    ("environments", "environments", "Environments"),
    ("can-i-deploy", "can-i-deploy", "Can I deploy"),
    ("matrix", "matrix", "Matrix"),
    ("insights", "insights", "Insights"),
    ("webhooks", "webhooks", "Webhooks"),
)
"""What a page calls itself by `here`, its route and its name."""
_FOOTER = (("badges", "Badges"), ("settings", "Settings"))
_THEMES = {"light", "dark"}
_SEARCHES = ("q", "search")


def render(template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; templates make links with `url(route, **values)`.

    `with_query(**changes)` leads to the same page with other parameters; None takes one away. Commands to
    copy use `absolute(route, **values)` and `address`, the address of the broker.
    """
    base = _base()
    page = _templates.get_template(template).render(
        base=base,
        url=partial(_url, base),
        asset=partial(_asset, base),
        with_query=_with_query,
        absolute=links().href,
        address=links().base,
        ago=partial(ago, now=now()),
        short_age=partial(short_age, now=now()),
        navigation=[entry for entry in _NAVIGATION if _has_page(entry[1])],
        footer=[entry for entry in _FOOTER if _has_page(entry[0])],
        searched="search" if _has_page("search") else "index",
        query_text=next((request.args[name] for name in _SEARCHES if name in request.args), ""),
        theme=_theme(),
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


def _asset(base: str, name: str) -> str:
    return f"{base}/static/{ASSETS[name].hashed_name}"


def _with_query(**changes: object) -> str:
    values = request.args.to_dict(flat=False) | {
        name: [] if value is None else [value] for name, value in changes.items()
    }
    return f"?{urlencode(values, doseq=True)}"


def _theme() -> str:
    """Return the theme that the reader has chosen, or "" for that of the browser."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in _THEMES else ""


def _has_page(route: str) -> bool:
    if route not in routes.PATHS:
        return False
    path = routes.PATHS[route]
    adapter = current_app.url_map.bind("")
    return adapter.test(PAGES + path, "GET")
