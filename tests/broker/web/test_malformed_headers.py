"""Headers that make no sense are refused, or as if they were not there: never an error of the broker."""

import pytest
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings

GUARDED = {"basic_auth_username": "ci", "basic_auth_password": "secret"}


@pytest.mark.parametrize(
    "credentials",
    [
        b"Basic \xfc",
        "Basic \N{LATIN SMALL LETTER U WITH DIAERESIS}".encode(),
        b"Basic /w==",
        b"Basic %",
        b"Basic",
        b"Bearer \xff=",
        b"Digest a*=UTF-8''%ff",
        b"\xff \xff",
    ],
)
@pytest.mark.parametrize("path", ["/", "/pacts/provider/Orders/consumer/Shop/latest/badge"])
def test_credentials_that_cannot_be_read_are_none(database, path, credentials):
    client = create_app(Settings(**GUARDED), database).test_client()

    answer = client.get(path, headers={"Authorization": credentials})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Restricted area"'


@pytest.mark.parametrize(
    "date",
    [b"", b"\xff", b"yesterday", b"2026-10-01", b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-01:00"],
)
def test_a_date_of_import_that_is_none_is_refused(broker, date):
    answer = broker.post("/contracts/publish", json=a_publication(), headers={"Tally-Import-Date": date})

    assert answer.status_code == 400
    assert "must be a date with its time zone" in answer.json["errors"]["Tally-Import-Date"][0]
    assert broker.get("/pacticipants").json["_embedded"]["pacticipants"] == []


@pytest.mark.parametrize("name", ["Accept", "If-None-Match", "Range", "X-Forwarded-For", "Cookie"])
@pytest.mark.parametrize("text", [b"\xff\xfe", b"a;q=nan,b;q=1e999", b",;=,", b'"', b"%ff" * 1000])
def test_what_only_asks_for_something_is_as_if_it_was_not_there(broker, name, text):
    assert broker.get("/", headers={name: text}).status_code == 200
