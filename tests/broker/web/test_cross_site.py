"""A page of another site cannot make a browser change anything here."""

import pytest

from broker.app import create_app
from broker.settings.settings import Settings

CHANGES = [
    ("POST", "/pacticipants"),
    ("PUT", "/pacticipants/Shop"),
    ("PATCH", "/pacticipants/Shop"),
    ("DELETE", "/pacticipants/Shop"),
    ("POST", "/webhooks/execute"),
    ("DELETE", "/integrations"),
]
OURS = "https://broker.example.org"


@pytest.fixture
def ask(database):
    """Ask a broker with these settings, at http://localhost; return the answer."""

    def ask(method, path, headers, **settings):
        client = create_app(Settings(**settings), database).test_client()
        return client.open(path, method=method, headers=headers, json=None if method == "GET" else {})

    return ask


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example.org"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_a_change_from_another_site_is_refused(ask, method, path, headers):
    refused = ask(method, path, headers)

    assert refused.status_code == 403
    assert "another site" in refused.json["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://[::1"},
        {"Origin": ""},
        {"Origin": "null", "Host": ""},
        {"Origin": "//localhost"},
        {"Origin": "ftp://localhost"},
        {"Origin": "chrome-extension://localhost"},
        {"Origin": "http://localhost/"},
        {"Origin": "http://localhost, http://localhost"},
        {"Origin": "http://user@localhost"},
        {"Sec-Fetch-Site": "Cross-Site"},
        {"Sec-Fetch-Site": "something"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://sibling.localhost"},
    ],
    ids=str,
)
def test_what_is_not_clearly_ours_is_another_site(ask, headers):
    assert ask("PUT", "/pacticipants/Shop/versions/1", headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://LOCALHOST:80"},
        {"Origin": "https://localhost"},
    ],
    ids=str,
)
def test_a_change_from_our_pages_or_a_client_is_carried_out(ask, headers):
    assert ask("PUT", "/pacticipants/Shop/versions/1", headers).status_code == 201


@pytest.mark.parametrize(
    ("origin", "headers", "settings", "status"),
    [
        (OURS, {"X-Forwarded-Host": "broker.example.org", "X-Forwarded-Proto": "https"}, {}, 201),
        (OURS, {"X-Forwarded-Host": "broker.example.org"}, {}, 201),
        (OURS, {}, {"base_url": f"{OURS}/path"}, 201),
        (OURS, {}, {"base_urls": ("https://other.example.org", OURS)}, 201),
        ("http://localhost", {}, {"base_url": OURS}, 201),
        (OURS, {}, {"base_url": "https://other.example.org"}, 403),
        (OURS, {}, {}, 403),
    ],
)
def test_behind_a_proxy_our_pages_are_known(ask, origin, headers, settings, status):
    answer = ask("PUT", "/pacticipants/Shop/versions/1", {"Origin": origin, **headers}, **settings)

    assert answer.status_code == status


def test_reading_is_never_refused(ask):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"}

    assert ask("GET", "/pacticipants", headers).status_code == 200
