import pytest
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import InvalidSettingError, Settings


@pytest.fixture
def own_link(database):
    """Ask a broker with these settings for its index; return the link to itself."""

    def ask(headers, *, at="http://localhost", **settings):
        client = create_app(Settings(**settings), database).test_client()
        return client.get("/", base_url=at, headers=headers).json["_links"]["self"]["href"]

    return ask


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "http://localhost"),
        ({"Proto": "https"}, "https://localhost"),
        ({"Ssl": "on"}, "https://localhost"),
        ({"Scheme": "https"}, "https://localhost"),
        ({"Host": "contracts.example.org"}, "http://contracts.example.org"),
        ({"Host": "contracts.example.org:8443", "Proto": "https"}, "https://contracts.example.org:8443"),
        ({"Host": "contracts.example.org", "Port": "8080"}, "http://contracts.example.org:8080"),
        ({"Host": "c.example.org", "Port": "443", "Proto": "https"}, "https://c.example.org"),
        ({"Host": "c.example.org:81", "Port": "8080"}, "http://c.example.org:81"),
        ({"Host": "[2001:db8::1]", "Port": "8080"}, "http://[2001:db8::1]:8080"),
        ({"Host": "first.example.org, second.example.org"}, "http://first.example.org"),
        ({"Proto": "https,http"}, "https://localhost"),
        ({"Prefix": "/broker/"}, "http://localhost/broker"),
        ({"Prefix": "/a/b-c"}, "http://localhost/a/b-c"),
    ],
)
def test_links_lead_where_a_proxy_says_that_the_client_asked(own_link, headers, address):
    forwarded = {f"X-Forwarded-{name}": value for name, value in headers.items()}

    assert own_link(forwarded) == address


@pytest.mark.parametrize(
    "headers",
    [
        {"Proto": "javascript"},
        {"Host": 'x"><script>'},
        {"Host": "user@evil.example.org"},
        {"Host": "evil.example.org/path"},
        {"Port": "80/evil"},
        {"Prefix": "//evil.example.org"},
        {"Prefix": "/a b"},
        {"Prefix": "relative"},
        {"Prefix": "/.."},
        {"Prefix": "/a/../b"},
        {"Prefix": "/a/./b"},
        {"Prefix": "/a/.."},
        {"Prefix": "/%2e%2e/b"},
        {"Prefix": "/a%2f..%2fb"},
        {"Prefix": "/a/..;/b"},
        {"Prefix": "/a\\..\\b"},
    ],
)
def test_what_a_proxy_cannot_mean_is_not_believed(own_link, headers):
    forwarded = {f"X-Forwarded-{name}": value for name, value in headers.items()}

    assert own_link(forwarded) == "http://localhost"


def test_a_configured_address_is_the_one_whatever_a_request_says(own_link):
    forwarded = {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Prefix": "/evil"}

    assert own_link(forwarded, base_url="https://c.example.org/broker") == "https://c.example.org/broker"


@pytest.mark.parametrize(
    ("at", "headers", "address"),
    [
        ("http://internal:9292", {}, "http://internal:9292/broker"),
        ("http://10.0.0.1:9292", {"Host": "c.example.org", "Proto": "https"}, "https://c.example.org"),
        ("http://internal:9292", {"Host": "evil.example.org"}, "http://internal:9292/broker"),
        ("http://elsewhere", {"Host": "evil.example.org"}, "https://c.example.org"),
    ],
)
def test_of_several_addresses_that_one_is_used_at_which_the_broker_was_asked(own_link, at, headers, address):
    several = ("https://c.example.org", "http://internal:9292/broker")
    forwarded = {f"X-Forwarded-{name}": value for name, value in headers.items()}

    assert own_link(forwarded, at=at, base_urls=several) == address


def test_pages_name_no_host_that_a_request_could_choose(broker):
    hostile = {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Prefix": "/contracts"}

    page = Page(broker.get("/environments", headers=A_BROWSER | hostile))

    assert page.links["Overview"] == "/contracts/"
    assert not [href for href in page.links.values() if "evil" in href]


@pytest.mark.parametrize(
    "text", ["contracts.example.org", "ftp://x", "https://", "https://x/?a=b", "https://a b"]
)
def test_an_address_that_no_link_can_start_with_is_refused(text):
    with pytest.raises(InvalidSettingError, match="TALLY_BASE_URL must be an address such as"):
        _ = Settings(base_url=text).addresses
