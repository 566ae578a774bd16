"""Compressed answers: for whom, of what, and their entity tags."""

import gzip

import pytest
from support.factories import a_pact, a_publication, an_interaction
from support.reading_pages import A_BROWSER

PACT = "/pacts/provider/Orders/consumer/Shop/latest"
ZIPPED = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def shop(broker):
    """A broker with a pact of a few kilobytes."""
    pact = a_pact(*(an_interaction(f"a request for order {number}") for number in range(20)))
    broker.post("/contracts/publish", json=a_publication(pact))
    return broker


@pytest.mark.parametrize("path", [PACT, "/", "/openapi.json", "/doc/publish-contracts", "/pacticipants/Shop"])
@pytest.mark.parametrize("accept", [{"Accept": "application/hal+json"}, A_BROWSER])
def test_what_is_compressed_is_the_same_and_smaller(shop, path, accept):
    plain = shop.get(path, headers=accept)
    zipped = shop.get(path, headers=accept | ZIPPED)

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(plain.data)
    assert zipped.headers["Content-Type"] == plain.headers["Content-Type"]
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("given", [None, "", "br", "identity", "gzip;q=0", "deflate, gzip;q=0.0"])
def test_a_client_that_does_not_say_that_it_reads_gzip_gets_none(shop, given):
    headers = {} if given is None else {"Accept-Encoding": given}

    answer = shop.get(PACT, headers=headers)

    assert "Content-Encoding" not in answer.headers
    assert answer.json["consumer"] == {"name": "Shop"}


@pytest.mark.parametrize(
    "path", ["/pacticipants/Nobody", f"{PACT}/badge.svg", "/diagnostic/status/heartbeat"]
)
def test_what_is_small_or_an_image_is_sent_as_it_is(shop, path):
    answer = shop.get(path, headers=ZIPPED)

    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept"


def test_head_has_the_headers_of_get(shop):
    got = shop.get(PACT, headers=ZIPPED)
    head = shop.head(PACT, headers=ZIPPED)

    assert head.data == b""
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary", "Content-Type"):
        assert head.headers[name] == got.headers[name]


def test_each_coding_has_a_tag_of_its_own_and_either_says_what_the_client_has(shop):
    plain = shop.get(PACT).headers["ETag"]
    zipped = shop.get(PACT, headers=ZIPPED).headers["ETag"]

    assert zipped == f'{plain[:-1]}-gzip"'
    for tag in (plain, zipped, f"W/{zipped}"):
        for coding in ({}, ZIPPED):
            again = shop.get(PACT, headers={"If-None-Match": tag} | coding)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == tag.removeprefix("W/")
            assert again.headers["Vary"] == "Accept, Accept-Encoding"
            assert "Content-Encoding" not in again.headers


def test_what_was_read_compressed_can_be_changed_with_its_tag(shop):
    for number in range(30):
        shop.put(f"/pacticipants/Shop/labels/label-{number}")
    tag = shop.get("/pacticipants/Shop", headers=ZIPPED).headers["ETag"]
    assert tag.endswith('-gzip"')

    changed = shop.patch("/pacticipants/Shop", json={"displayName": "A"}, headers={"If-Match": tag})
    stale = shop.patch("/pacticipants/Shop", json={"displayName": "B"}, headers={"If-Match": tag})

    assert (changed.status_code, stale.status_code) == (200, 412)


@pytest.mark.parametrize(
    ("site", "is_compressed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-User": "?1"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_what_another_site_makes_a_browser_ask_for_is_not_compressed(shop, site, is_compressed):
    answer = shop.get("/?search=token", headers=A_BROWSER | ZIPPED | site)

    assert ("Content-Encoding" in answer.headers) == is_compressed


def test_files_are_compressed_once(shop):
    page = shop.get("/", headers=A_BROWSER).text
    sheet = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]

    answer = shop.get(sheet, headers=ZIPPED)

    assert gzip.decompress(answer.data) == shop.get(sheet).data
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"] != shop.get(sheet).headers["ETag"]
