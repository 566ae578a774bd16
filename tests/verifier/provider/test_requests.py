"""What goes out to the provider is exactly what the contract says."""

import json

import pytest
from support.factories import a_pact, an_interaction

BIG = 2**70 + 1


def asked_for(provider, tally_verify, pact_file, request, *options, version="3.0.0"):
    """Replay one request against a provider that answers 404, and return what the provider was asked."""
    interaction = {"description": "a request", "request": request, "response": {"status": 404}}
    interaction |= {"type": "Synchronous/HTTP"} if version == "4.0" else {}
    pact = a_pact(interaction, metadata={"pactSpecification": {"version": version}})
    ended = tally_verify(pact_file(pact), "--provider-url", provider.url, *options)
    assert ended.exit_code == 0, ended
    (asked,) = provider.asked
    return asked


def test_a_json_body_is_sent_with_its_content_type(provider, tally_verify, pact_file):
    body = {"items": [{"price": 1.0, "name": "Käse"}], "id": BIG, "none": None}

    asked = asked_for(provider, tally_verify, pact_file, {"method": "POST", "path": "/orders", "body": body})

    assert asked.json == body
    assert asked.headers["Content-Type"] == "application/json"


def test_the_content_type_of_the_contract_wins(provider, tally_verify, pact_file):
    request = {
        "method": "PATCH",
        "path": "/orders/1",
        "headers": {"content-type": "application/merge-patch+json"},
        "body": {"status": "paid"},
    }

    asked = asked_for(provider, tally_verify, pact_file, request)

    types = [value for name, value in asked.headers.items() if name.lower() == "content-type"]
    assert types == ["application/merge-patch+json"]


def test_a_form_is_sent_as_the_contract_writes_it(provider, tally_verify, pact_file):
    request = {
        "method": "POST",
        "path": "/login",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "body": "user=ada&remember=yes%20please",
    }

    asked = asked_for(provider, tally_verify, pact_file, request)

    assert asked.body == b"user=ada&remember=yes%20please"


def test_text_is_sent_in_the_charset_of_its_type(provider, tally_verify, pact_file):
    request = {
        "method": "PUT",
        "path": "/note",
        "headers": {"Content-Type": "text/plain; charset=iso-8859-1"},
        "body": "Käse",
    }

    asked = asked_for(provider, tally_verify, pact_file, request)

    assert asked.body == "Käse".encode("latin-1")


def test_bytes_in_base64_are_sent_as_bytes(provider, tally_verify, pact_file):
    request = {
        "method": "PUT",
        "path": "/picture",
        "body": {"contentType": "image/png", "encoded": "base64", "content": "iVBORw=="},
    }

    asked = asked_for(provider, tally_verify, pact_file, request, version="4.0")

    assert asked.body == b"\x89PNG"
    assert asked.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/orders/a b", "/orders/a%20b"),
        ("/orders/a%20b", "/orders/a%20b"),
        ("/orders/a%2Fb", "/orders/a%2Fb"),
        ("/orders/100%", "/orders/100%25"),
        ("/orders/ü", "/orders/%C3%BC"),
        ("/orders/what?", "/orders/what"),
        ("/orders/a+b;c=1", "/orders/a+b;c=1"),
    ],
)
def test_the_path_is_escaped_only_where_a_url_needs_it(provider, tally_verify, pact_file, path, sent):
    asked = asked_for(provider, tally_verify, pact_file, {"method": "GET", "path": path})

    assert asked.path == sent


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ({"status": ["paid", "new"]}, "status=paid&status=new"),
        ({"q": ["a&b=c d"]}, "q=a%26b%3Dc%20d"),
        ({"ids[]": ["1", "2"]}, "ids%5B%5D=1&ids%5B%5D=2"),
        ({"empty": [""]}, "empty="),
    ],
)
def test_the_query_keeps_every_value_in_order(provider, tally_verify, pact_file, query, sent):
    asked = asked_for(provider, tally_verify, pact_file, {"method": "GET", "path": "/orders", "query": query})

    assert asked.path == f"/orders?{sent}"


def test_nothing_is_added_that_a_provider_could_mistake_for_the_consumer(provider, tally_verify, pact_file):
    request = {"method": "GET", "path": "/orders", "headers": {"Accept": "application/json", "X-Ids": "1, 2"}}

    asked = asked_for(provider, tally_verify, pact_file, request)

    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["X-Ids"] == "1, 2"
    assert not {"Authorization", "Cookie"} & asked.headers.keys()


def test_custom_headers_win_over_those_of_the_contract(provider, tally_verify, pact_file):
    request = {"method": "GET", "path": "/orders", "headers": {"Authorization": "Bearer example"}}
    options = ("--header", "authorization: Bearer real", "-H", "X-Tenant=acme")

    asked = asked_for(provider, tally_verify, pact_file, request, *options)

    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == "Bearer real"
    assert headers["x-tenant"] == "acme"


def test_credentials_in_the_address_of_the_provider_are_sent_and_never_shown(
    provider, tally_verify, pact_file
):
    provider.on("GET", "/orders/1", status=500)
    address = provider.url.replace("http://", "http://ada:secret@")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", address)

    assert provider.asked[0].headers["Authorization"] == "Basic YWRhOnNlY3JldA=="
    assert "secret" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("/api/v1/", ()), ("", ("--base-path", "api/v1")), ("/api", ("--base-path", "/v1"))],
)
def test_a_base_path_comes_before_every_path(provider, tally_verify, pact_file, suffix, options):
    provider.on("GET", "/api/v1/orders/1", {"id": 1, "status": "paid"})

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url + suffix, *options)

    assert ended.exit_code == 0, ended


def test_a_redirect_is_the_answer(provider, tally_verify, pact_file):
    provider.on("GET", "/old", status=302, Location="/new")
    response = {"status": 302, "headers": {"Location": "/new"}}
    pact = a_pact(
        {"description": "moved", "request": {"method": "GET", "path": "/old"}, "response": response}
    )

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert ended.exit_code == 0, ended
    assert [asked.path for asked in provider.asked] == ["/old"]


def test_no_interaction_sees_the_cookies_of_another(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", {"id": 1, "status": "paid"}, Set_Cookie="session=1; Path=/")
    pact = a_pact(an_interaction("first"), an_interaction("second"))

    tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert [asked.headers.get("Cookie") for asked in provider.asked] == [None, None]


def test_one_connection_serves_all_interactions_in_their_order(provider, tally_verify, pact_file):
    paths = [f"/orders/{number}" for number in range(20)]
    interactions = [
        an_interaction(path, request={"method": "GET", "path": path}, response={"status": 404})
        for path in paths
    ]

    ended = tally_verify(pact_file(a_pact(*interactions)), "--provider-url", provider.url)

    assert ended.exit_code == 0
    assert [asked.path for asked in provider.asked] == paths
    assert len({asked.connection for asked in provider.asked}) == 1


def test_provider_states_and_requests_share_a_connection(provider, tally_verify, pact_file):
    """So that a provider which serves one connection at a time is not made to wait for itself."""
    provider.on("POST", "/_states")
    pact = a_pact(an_interaction("first"), an_interaction("second"))
    states = ("--state-change-url", f"{provider.url}/_states")

    tally_verify(pact_file(pact), "--provider-url", provider.url, *states)

    assert len(provider.asked) == 4
    assert len({asked.connection for asked in provider.asked}) == 1


def test_a_null_body_is_the_json_literal(provider, tally_verify, pact_file):
    request = {
        "method": "PUT",
        "path": "/note",
        "headers": {"Content-Type": "application/json"},
        "body": None,
    }

    asked = asked_for(provider, tally_verify, pact_file, request)

    assert json.loads(asked.body) is None


@pytest.mark.parametrize("method", ["get", "Get", "GET"])
def test_the_method_is_sent_in_upper_case_whatever_the_contract_writes(
    provider, tally_verify, pact_file, method
):
    assert asked_for(provider, tally_verify, pact_file, {"method": method, "path": "/a"}).method == "GET"


@pytest.mark.parametrize(
    ("path", "query", "sent"),
    [
        ("/a?x=1", None, "/a?x=1"),
        ("/a?x=1", {"x": ["2"], "y": ["3"]}, "/a?x=1&x=2&y=3"),
        ("/a b?x=é&y=%41", None, "/a%20b?x=%C3%A9&y=%41"),
        ("/a%3Fx=1", None, "/a%3Fx=1"),
        ("a", None, "/a"),
    ],
)
def test_a_path_is_sent_as_the_rust_core_sends_it(provider, tally_verify, pact_file, path, query, sent):
    request = {"method": "GET", "path": path} | ({"query": query} if query else {})

    assert asked_for(provider, tally_verify, pact_file, request).path == sent
