import pytest

from broker.domain.webhooks.secret import SealedSecret
from broker.domain.webhooks.secret_use import broken_host, broken_rule, hosts_of

LISTED = ("hooks.example.org", "*.example.net", "192.0.2.7", "::1")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://hooks.example.org/x?y#z", {}),
        ("https://HOOKS.example.ORG:8443/", {}),
        ("https://hooks.example.org", {"host": "hooks.example.org:8443"}),
        ("https://a.example.net", {"host": "hooks.example.org"}),
        ("http://192.0.2.7:80/", {}),
        ("http://[::1]/", {}),
    ],
)
def test_a_secret_goes_to_hosts_of_its_list(url, headers):
    assert broken_rule("x", SealedSecret(b"", 1, LISTED), 1, hosts_of(url, headers)) is None


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://example.org", {}),
        ("https://hooks.example.org.evil.com", {}),
        ("https://evilhooks.example.org", {}),
        ("https://example.net", {}),
        ("https://.example.net", {}),
        ("https://a.b.example.net", {}),
        ("https://*.example.net", {}),
        ("https://hooks.example.org.", {}),
        ("https://hooks.example.org%2eevil.com", {}),
        ("https://hooks.example.org@evil.com", {}),
        ("https://hooks.example.org:x@evil.com/", {}),
        ("https://evil.com/hooks.example.org", {}),
        ("https://evil.com?@hooks.example.org", {}),
        ("https://evil.com#@hooks.example.org", {}),
        ("https://hooks.example.org\\.evil.com/", {}),
        ("https://hooks.example.org\t.evil.com/", {}),
        ("https://ｈooks.example.org/", {}),  # noqa: RUF001 - what a resolver may take for the other
        ("https://${secret.x}/", {}),
        ("https://[::1", {}),
        ("https://", {}),
        ("", {}),
        ("http://192.0.2.70/", {}),
        ("http://3221225991/", {}),
        ("https://hooks.example.org", {"host": "evil.com"}),
        ("https://hooks.example.org", {"host": ""}),
        ("https://hooks.example.org", {"host": "evil.com/hooks.example.org"}),
        ("https://hooks.example.org", {"host": "hooks.example.org, evil.com"}),
    ],
)
def test_no_spelling_of_another_host_is_on_the_list(url, headers):
    rule = broken_rule("x", SealedSecret(b"", 1, LISTED), 1, hosts_of(url, headers))

    assert rule is not None
    assert rule.endswith("its hosts are hooks.example.org, *.example.net, 192.0.2.7, ::1")


@pytest.mark.parametrize(("secret", "webhook"), [(1, 2), (None, 1), (1, None)])
def test_a_secret_is_for_webhooks_of_its_own_team_whatever_the_host(secret, webhook):
    assert "only webhooks of" in (broken_rule("x", SealedSecret(b"", secret, None), webhook, []) or "")


def test_a_secret_without_a_list_goes_anywhere_and_one_with_an_empty_list_nowhere():
    anywhere = hosts_of("https://evil.com", {})

    assert broken_rule("x", SealedSecret(b""), None, anywhere) is None
    assert broken_rule("x", SealedSecret(b"", None, ()), None, anywhere) == (
        "the secret 'x' may not be sent to evil.com: its hosts are none"
    )


@pytest.mark.parametrize("host", ["example.org", "localhost", "*.example.org", "192.0.2.7", "::1", "a_b.c"])
def test_names_and_addresses_are_hosts(host):
    assert broken_host(host) is None
