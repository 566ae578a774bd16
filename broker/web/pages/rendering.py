"""Rendering templates."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from broker.domain.accounts.permissions import Action
from broker.web import base_url, routes
from broker.web.context import actor, has_accounts, is_audited, links, now, settings
from broker.web.hal import Links
from broker.web.log_in_address import this_page
from broker.web.pages import filters, form_tokens, permitted, verdicts, visitors
from broker.web.pages.assets import ASSETS
from broker.web.pages.near import Suggestions, suggestions
from broker.web.paths import PAGES, SLASH
from broker.web.request_ids import request_id
from tally.amounts import ago, short_age

RELEASE = version("tallystick")
_templates = Environment(
    loader=PackageLoader("broker.web.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # it would look at the time of each file for each page
)
_templates.filters.update(filters.FILTERS | verdicts.FILTERS)
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
"""Pages that are for few; the last one is for administrators."""
_AUDIT = ("audit", "Audit log")
_TITLES = {401: "Log in", 403: "That is not allowed", 500: "Something went wrong here"}
_THEMES = {"light", "dark"}
_SEARCHES = ("q", "search")


def teach(used_filters: Mapping[str, Any], tests: Mapping[str, Any] | None = None) -> None:
    """Let templates use what a room of pages has for them, by these names."""
    _templates.filters.update(used_filters)
    _templates.tests.update(tests or {})


def render(template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; templates make links with `url(route, **values)`.

    `with_query(**changes)` leads to the same page with other parameters; None takes one away. Commands to
    copy use `absolute(route, **values)` and `address`, the address of the broker.
    """
    base = local_base()
    page = _templates.get_template(template).render(
        base=base,
        url=partial(_url, base),
        asset=partial(_asset, base),
        with_query=partial(_with_query, _asked()),
        absolute=links().href,
        address=links().base,
        ago=partial(ago, now=now()),
        short_age=partial(short_age, now=now()),
        navigation=_NAVIGATION,
        footer=_footer(),
        query_text=next((request.args[name] for name in _SEARCHES if name in request.args), ""),
        theme=_theme(),
        release=RELEASE,
        has_explorer=settings().use_hal_browser,
        said=form_tokens.kept_message() if status == HTTPStatus.OK else "",
        form_token=form_tokens.token,
        may=permitted.may,
        may_for_team=permitted.may_for_team,
        may_somewhere=permitted.may_somewhere,
        teams_of=permitted.teams_of,
        visitor=visitors.visitor(),
        has_accounts=has_accounts(),
        word_for_team_labels=visitors.word_for_team_labels(),
        asks_for_log_in=visitors.can_log_in(),
        this_page=this_page(),
        here="",
        **values,
    )
    response = Response(page, status, content_type="text/html;charset=utf-8")
    form_tokens.add_cookies(response)
    return response


def _footer() -> Sequence[tuple[str, str]]:
    """Return the pages that are for few, as far as they are for who asks: route and name."""
    found = [*(_FOOTER if permitted.may("administer") else _FOOTER[:1])]
    if actor().may_somewhere(Action.MANAGE_TEAM) and is_audited():
        found.append(_AUDIT)
    return found


def render_error(message: str, status: int) -> Response:
    """Return the page that tells what went wrong, and by which reference the log has it."""
    looked_for = request.path.removeprefix(PAGES).replace(SLASH, "/")
    is_missing = status == HTTPStatus.NOT_FOUND
    near = suggestions() if is_missing else Suggestions()
    return render(
        "error.html",
        status=status,
        code=status,
        title=_TITLES.get(status, HTTPStatus(status).phrase),
        message=message,
        reference=request_id(),
        near=near,
        looked_for=looked_for,
        name=(near.asked or _last_name(looked_for)) if is_missing else "",
        may_ask_less=request.method == "GET" and bool(request.query_string),
    )


def _last_name(path: str) -> str:
    """Return what a path ends with; "" where that is the name of a page."""
    is_page = request.url_rule is not None and not request.view_args
    return "" if is_page else path.rpartition("/")[2]


def local(route: str, **values: str) -> str:
    """Return the address of a page without the host."""
    return _url(local_base(), route, **values)


def local_links() -> Links:
    """Return what makes links without the host, for functions that the API and the pages share."""
    return Links(local_base())


def local_base() -> str:
    """Return what the addresses of pages begin with: "", or where the broker is mounted."""
    return base_url.mount(settings().addresses, request.environ)


def _url(base: str, route: str, **values: str) -> str:
    return base + routes.path(route, **values)


def _asset(base: str, name: str) -> str:
    return f"{base}/static/{ASSETS[name].hashed_name}"


def _asked() -> list[tuple[str, str]]:
    """Return the parameters of the query string in their order: to the selectors of a matrix it matters."""
    return parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)


def _with_query(asked: Sequence[tuple[str, str]], /, **changes: object) -> str:
    """Return the query string with other values."""
    kept = [(name, value) for name, value in asked if name not in changes]
    return f"?{urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])}"


def _theme() -> str:
    """Return the theme that the reader has chosen, or "" for that of the browser."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in _THEMES else ""
