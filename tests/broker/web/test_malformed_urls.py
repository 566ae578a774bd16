"""What cannot be text is refused, and nothing is stored under another name in its place."""

import base64
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest
from support import databases
from support.factories import a_pact
from support.serving import serving

PATHS = ("/pacticipants/a{}b/versions/1", "/pacticipants/Shop/versions/a{}b", "/pacticipants/a%2F{}/labels/x")
NOT_UTF8 = ("%FF", "%C3", "%ED%A0%80", "%C0%AF")
"""A byte that never occurs, half a character, half a surrogate pair, and a slash in two bytes."""
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Host and port of `tally serve`, for all tests of this module."""
    log = tmp_path_factory.mktemp("live") / "tally-serve.log"
    with databases.new_sqlite() as database_url, serving(database_url, log) as url:
        yield urlsplit(url).netloc


def nothing_is_stored(client):
    return client.get("/pacticipants").json["_embedded"]["pacticipants"] == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bytes_sent", NOT_UTF8)
def test_a_path_that_is_not_utf8_is_refused(broker, path, bytes_sent):
    answer = broker.put(path.format(bytes_sent), json={})

    assert answer.status_code == 400
    assert "The path is not UTF-8" in answer.json["error"]
    assert nothing_is_stored(broker)


def test_the_character_that_stands_for_unreadable_ones_is_one_like_others(broker):
    name = quote("a\N{REPLACEMENT CHARACTER}b")
    path = f"/pacticipants/{name}/versions/1"

    assert broker.put(path, json={}).status_code == 201
    assert broker.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/pacticipants?q=", "/matrix?q[][pacticipant]=", "/can-i-deploy?pacticipant="]
)
@pytest.mark.parametrize("bytes_sent", NOT_UTF8)
def test_a_query_that_is_not_utf8_is_refused(broker, path, bytes_sent):
    answer = broker.get(path + bytes_sent)

    assert answer.status_code == 400
    assert "The query is not UTF-8" in answer.json["error"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/pacticipants/a%FFb/versions/1", 400),
        ("PUT", "/pacticipants/a%2F%FFb/versions/1", 400),
        ("GET", "/pacticipants?q=%FF", 400),
        ("PUT", "/pacticipants/a%C3%BCb/versions/1", 201),
    ],
)
def test_the_real_server_refuses_them_as_well(live, method, path, status):
    with closing(HTTPConnection(live)) as connection:
        connection.request(method, path, "{}", {"Content-Type": "application/json"})

        assert connection.getresponse().status == status


@BOTH
def test_metadata_that_names_no_version_changes_nothing(broker):
    path = "/pacts/provider/Orders/consumer/Shop/version/1"
    pact = broker.put(path, json=a_pact()).json
    content = pact["_links"]["pb:pact-version"]["href"]
    strange = [base64.urlsafe_b64encode(query).decode() for query in (b"cvn=a%00b", b"cvn=%FF", b"\xff")]

    statuses = [broker.get(f"{content}/metadata/{metadata}").status_code for metadata in strange]

    assert statuses == [200, 200, 200]
