"""Which addresses a tool may send requests to."""

import pytest

from tally.assistants.answers import ToolError
from tally.assistants.verification.addresses import allowed_address


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080",
        "http://LOCALHOST:8080",
        "https://127.0.0.1",
        "http://127.9.9.9:80/base",
        "http://[::1]:8080",
        "http://[::ffff:127.0.0.1]:8080",
    ],
)
def test_addresses_of_this_machine_are_taken(url):
    assert allowed_address("provider_url", url, ()) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "http://localhost.example.org",
        "http://localhost.",
        "http://app.localhost",
        "http://localhost@example.org",
        "http://user:password@localhost:8080",
        "http://localhost\\@example.org",
        "http://localhost#@example.org",
        "http://localhost?x=1",
        "http://example.org#localhost",
        "http://10.0.0.1",
        "http://192.168.1.1",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]",
        "http://[fe80::1%eth0]",
        "http://[fd00::1]",
        "http://0.0.0.0:8080",
        "http://[::]",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://127.1",
        "http://0177.0.0.1",
        "http://\N{FULLWIDTH LATIN SMALL LETTER L}ocalhost",
        "http://localhost\n.example.org",
        "http://local host",
        "http://localhost:0",
        "http://localhost:99999",
        "ftp://localhost",
        "file:///etc/passwd",
        "localhost:8080",
        "//localhost",
        "",
    ],
)
def test_other_addresses_are_refused_and_never_looked_up(url, monkeypatch):
    looked_up = []
    monkeypatch.setattr("socket.getaddrinfo", lambda host, *_, **__: looked_up.append(host) or [])

    with pytest.raises(ToolError, match="provider_url: ") as refused:
        allowed_address("provider_url", url, ())

    assert "password" not in str(refused.value).partition("leave")[0]
    assert looked_up == []


def test_a_localhost_that_leads_elsewhere_is_refused(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", _leads_to("127.0.0.1", "192.0.2.1"))

    with pytest.raises(ToolError, match="is not this machine"):
        allowed_address("states_url", "http://localhost:8080", ())


def test_a_host_that_the_user_allows_is_taken(monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", _leads_to("192.0.2.1"))

    assert (
        allowed_address("provider_url", "http://Orders.test:80/", ("orders.test",)) == "http://Orders.test:80"
    )
    assert allowed_address("provider_url", "http://[fd00::1]:80", ("[fd00::1]",)) == "http://[fd00::1]:80"
    with pytest.raises(ToolError, match="start `tally mcp` with --allow-provider HOST"):
        allowed_address("provider_url", "http://other.test", ("orders.test",))


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "::", "224.0.0.1"]
)
def test_no_permission_leads_to_the_addresses_that_clouds_keep_credentials_at(address, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", _leads_to(address))

    with pytest.raises(ToolError, match="no requests are sent to"):
        allowed_address("provider_url", "http://orders.test", ("orders.test",))


def _leads_to(*addresses):
    return lambda *_, **__: [(None, None, None, "", (address, 0)) for address in addresses]
