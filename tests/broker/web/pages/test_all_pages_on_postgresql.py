"""Every page of the site map, and the lists behind its tables, on PostgreSQL; browsers see them on SQLite."""

import html
import re
from urllib.parse import urljoin

import pytest
from support.account_world import add_accounts
from support.copying import copy_rows
from support.databases import new_postgresql
from support.indexing import index_everything
from support.reading_pages import A_BROWSER
from support.retail_world import KEY, new_world
from support.site_map import ERRORS, SITE_MAP

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

pytestmark = pytest.mark.slow  # it starts a PostgreSQL
LISTS = re.compile(r'href="([^"]*[?&;]format=(?:csv|json)[^"]*)"')


@pytest.fixture(scope="module")
def retailer():
    """A client on the world of the retailer in a PostgreSQL, and what is called by an id in it."""
    with new_world() as world, new_postgresql() as url:
        source, database = Database(world.url), Database(url)
        copy_rows(source, database)
        index_everything(database)
        added = add_accounts(database, "Checkout", "Cart")
        client = create_app(Settings(secrets_key=(KEY,)), database).test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {added.tokens['ada']}"
        yield client, {**world.ids, **added.ids}
        source.close()
        database.close()


def test_every_page_and_every_list_is_there(retailer):
    client, ids = retailer
    found, lists = {}, set()

    for name, path in SITE_MAP.items():
        address = path.format(**ids)
        answer = client.get(address, headers=A_BROWSER)
        found[name] = answer.status_code
        lists.update(urljoin(address, html.unescape(link)) for link in LISTS.findall(answer.text))
    of_lists = {address: client.get(address, headers=A_BROWSER).status_code for address in sorted(lists)}

    assert {name: status for name, status in found.items() if status != 200} == {}
    assert len(of_lists) > 20
    assert {address: status for address, status in of_lists.items() if status != 200} == {}


def test_what_is_not_there_is_not_found(retailer):
    client, ids = retailer

    found = {name: client.get(path.format(**ids), headers=A_BROWSER) for name, path in ERRORS.items()}

    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(ERRORS, 404)
