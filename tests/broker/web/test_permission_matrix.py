"""Every route that writes, asked by everybody about what is theirs and what is not (docs/permissions.md)."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import databases, permission_worlds
from support.permission_requests import body_of, fields_of, path_of, type_of
from support.permission_table import (
    ACTORS,
    HIDING,
    MAY,
    ROUTES,
    action_table,
    expected,
    is_form,
    route_table,
)
from support.permission_worlds import FOREIGN, OWN, SETTINGS, bearer
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.web.pages import form_tokens
from broker.web.paths import template_of

READING = {"GET", "HEAD", "OPTIONS"}
ONE_MORE_THAN_REFUSED = {"audit_entries", "audit_seals", "sqlite_sequence"}
OF_A_TEAM = ("publisher", "deployer", "team administrator")
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "permissions.md"
WITHOUT_SUCCESS = {
    "DELETE /teams/{team}",
    "POST /-pages/teams/{team}/delete",
    "POST /-pages/my/sessions",
    "POST /-pages/my/password",
}
"""The team still has something, and who asks by a token has no session."""
QUERIES = {
    "POST /webhooks/execute": "?dryRun=true",
    "POST /webhooks/{uuid}/execute": "?dryRun=true",
    "POST /-pages/accounts/{account}/trusts/new": "?kind=other",
}


class PreparedWorld:
    """A broker with two teams, which is as at the beginning before each request."""

    def __init__(self, url):
        self._database = Database(url, synchronous="off")
        self.sides, tokens = permission_worlds.build(self._database)
        self.app = create_app(Settings(**SETTINGS), self._database)
        self._tokens = {**tokens, "settings writer": "settings-token-1234"}
        self._file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self._image = sqlite3.connect(":memory:")
        self._file.backup(self._image)
        found = self._file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._tables = [name for (name,) in found if name not in ONE_MORE_THAN_REFUSED]
        self._rows = self.rows()

    def close(self):
        self._file.close()
        self._image.close()
        self._database.close()

    def rows(self):
        """Return everything that is stored, but for the audit log."""
        return [self._file.execute(f"SELECT * FROM {table}").fetchall() for table in self._tables]  # noqa: S608 - our own

    def ask(self, route, actor, team):
        """Send a good request to a route, about what a team has; return the status, and whether it stored."""
        side, method = self.sides[team], route.partition(" ")[0]
        client = self.app.test_client()
        headers = bearer(self._tokens[actor]) if actor in self._tokens else {}
        path = path_of(route, side) + QUERIES.get(route, "")
        if is_form(route):
            fields = {"form-token": self._form_token(client, headers), **fields_of(route, side)}
            answer = client.post(path, data=fields, headers=headers | A_BROWSER)
        else:
            body = json.dumps(body_of(route, side))
            answer = client.open(path, method=method, data=body, content_type=type_of(route), headers=headers)
        has_stored = self.rows() != self._rows
        if has_stored:
            self._image.backup(self._file)
        return answer.status_code, has_stored, answer.headers.get("Location", answer.text)

    def _form_token(self, client, headers):
        """Return what a browser has that was shown a form, whether or not this one is shown any."""
        with self.app.test_request_context(headers=headers):
            token, response = form_tokens.token(), self.app.response_class()
            form_tokens.add_cookies(response)
        name, _, value = response.headers["Set-Cookie"].partition(";")[0].partition("=")
        client.set_cookie(name, value)
        return token


@pytest.fixture(scope="module")
def world():
    with databases.NEW_DATABASE["sqlite"]() as url, closing(PreparedWorld(url)) as prepared:
        yield prepared


def routes_that_write(app):
    """Return the method and the path of every route that is not for reading alone."""
    return {
        f"{method} {template_of(rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - READING
    }


def test_every_route_that_writes_has_a_row(world):
    assert set(ROUTES) == routes_that_write(world.app)


def may_be_answered(status, route):
    """Return whether this is an answer to who may ask: the request may be wrong in another way."""
    return status not in {401, 403} and (status < 500 or route == "POST /test/error")


def is_refusal(status, route, actor, text):
    """Return whether an answer says that somebody may not ask this; a page leads to the log-in."""
    if actor == "nobody" and is_form(route):
        return status == 303 and text.partition("?")[0] == "/log-in"
    is_hidden = route in HIDING and status == 404 and actor != "nobody"
    return is_hidden or status == (401 if actor == "nobody" else 403)


@pytest.mark.parametrize("actor", ACTORS)
def test_what_an_actor_may_do_is_done_and_nothing_else(world, actor):
    wrong = []

    for route, action in ROUTES.items():
        for team in (OWN, FOREIGN):
            if action == "public":
                continue
            status, has_stored, text = world.ask(route, actor, team)
            if expected(route, actor, team):
                is_right = may_be_answered(status, route)
            else:
                is_right = is_refusal(status, route, actor, text) and not has_stored
            if not is_right:
                wrong.append((route, team, status, has_stored, text[:200]))

    assert wrong == []


def test_good_requests_are_carried_out(world):
    """Otherwise a request that is refused for another reason would pass for one that is allowed."""
    refused = [
        (route, status, text[:300])
        for route, action in ROUTES.items()
        if action not in {"public", "known"} and route not in WITHOUT_SUCCESS
        for status, _, text in [world.ask(route, "administrator", OWN)]
        if status >= 400
    ]

    assert refused == []


def test_the_table_has_every_action_of_a_route():
    assert set(ROUTES.values()) == set(MAY)


def test_the_documentation_has_both_tables():
    text = DOCUMENTATION.read_text()

    assert action_table() in text
    assert route_table() in text
