"""What each page may cost: statements, bytes as they are sent, and elements. See docs/pages.md."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from support.account_world import add_accounts
from support.reading_pages import A_BROWSER, Page
from support.retail_world import KEY, new_world
from support.site_map import ERRORS, SITE_MAP
from support.sql_statements import sql_statements

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.web.paths import PAGES, SLASH
from broker.web.routes import rule

STATEMENTS = 6
MORE = {"usage of a service contract": 8, "team": 8}
"""Statements of the page that says who uses a place of a document, which reads what is in use in four ways,
and of a team, whose parts are each in a table of their own."""
BYTES = 20_000
FIRST_VISIT = 30_000
ELEMENTS = 2_500
NOT_VISITED = {
    *("pact-alias", "pact-versions-alias", "latest-pact-alias", "pact-version-with-metadata"),
    *("latest-tagged-pact", "latest-untagged-pact", "verification-result-with-metadata"),
    *("log-in", "network-svg", "network-dot", "relationships", "group", "live"),
    *("dashboard", "dashboard-of-pair", "gates", "log-in-by-provider", "log-in-answer"),
}
"""Other addresses of pages that are visited, what leads to them, and what is no page."""
pytestmark = pytest.mark.no_cover


class Elements(HTMLParser):
    """Counts the elements, and notes what the content security policy forbids."""

    def __init__(self, text):
        super().__init__()
        self.count = 0
        self.forbidden = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.count += 1
        names = {name for name, _ in attrs}
        if tag == "style" or "style" in names or any(name.startswith("on") for name in names):
            self.forbidden.append(self.get_starttag_text())
        if tag == "script" and "src" not in names:
            self.forbidden.append(self.get_starttag_text())


@pytest.fixture(scope="module")
def world():
    with new_world() as world:
        yield world


@pytest.fixture(scope="module")
def visited(world):
    database = Database(world.url)
    added = add_accounts(database, "Checkout", "Cart")
    client = create_app(Settings(secrets_key=(KEY,)), database).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {added.tokens['ada']}"
    yield client, {**world.ids, **added.ids}
    database.close()


@pytest.fixture(scope="module")
def client(visited):
    """An administrator's browser at a broker with accounts."""
    return visited[0]


@pytest.fixture(scope="module")
def ids(visited):
    return visited[1]


@pytest.mark.parametrize("name", SITE_MAP)
def test_a_page_costs_no_more_than_its_budget(client, ids, name):
    path = SITE_MAP[name].format(**ids)
    client.get(path, headers=A_BROWSER)  # what is made once is made

    with sql_statements() as statements:
        answer = client.get(path, headers=A_BROWSER | {"Accept-Encoding": "gzip"})
    text = client.get(path, headers=A_BROWSER).text
    elements = Elements(text)

    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert len(statements) <= MORE.get(name, STATEMENTS), [statement[:80] for statement in statements]
    assert len(answer.data) <= BYTES
    assert elements.count <= ELEMENTS
    assert elements.forbidden == []


def test_a_first_visit_is_small(client):
    page = client.get("/", headers=A_BROWSER).text
    files = [word.split('"')[0] for word in page.split("/static/")[1:]]
    zipped = {"Accept-Encoding": "gzip"}

    loaded = [client.get(f"/static/{file}", headers=zipped) for file in files if not file.endswith("svg")]

    assert len(loaded) == 2
    sent = len(client.get("/", headers=A_BROWSER | zipped).data) + sum(len(file.data) for file in loaded)
    assert sent <= FIRST_VISIT


def test_every_page_is_in_the_site_map(client, ids):
    rules = [found for found in client.application.url_map.iter_rules() if "GET" in found.methods]
    pages = {found.rule for found in rules if found.rule.startswith(PAGES)}
    routes = client.application.url_map.bind("localhost")
    visited = set()

    for path in SITE_MAP.values():
        decoded = unquote(urlsplit(path.format(**ids)).path.replace("%2F", SLASH))
        if routes.test(PAGES + decoded):
            visited.add(routes.match(PAGES + decoded, return_rule=True)[0].rule)

    assert pages - visited == {PAGES + rule(name) for name in NOT_VISITED}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_a_whole_page(client, ids, name):
    answer = client.get(ERRORS[name].format(**ids), headers=A_BROWSER)

    page = Page(answer)
    assert page.status >= 400
    assert page.is_balanced
