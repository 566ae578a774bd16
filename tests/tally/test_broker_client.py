import socket
import threading
import time
from pathlib import Path

import pytest
from support.hal_server import Answer, hal_server_running
from urllib3.exceptions import InsecureRequestWarning

from tally.broker_client import BrokerClient, Link
from tally.errors import (
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ResourceNotFoundError,
    UnauthorisedError,
    UsageError,
)
from tally.hashing import compact_json

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"
AT_ONCE = {"Retry-After": "0"}


@pytest.fixture
def tls_server():
    """A server whose certificate nobody trusts."""
    with hal_server_running(CERTIFICATE) as server:
        server.answers("GET", "/", {})
        yield server


@pytest.fixture
def client(hal_server):
    return BrokerClient(hal_server.base_url)


def test_a_link_is_followed_with_its_variables_percent_encoded(client, hal_server):
    hal_server.answers("GET", "/pacticipants/Shop%2FWeb/versions/1%200", {"number": "1 0"})

    version = client.follow(client.index(), "PB:pacticipant-version", pacticipant="Shop/Web", version="1 0")

    assert version.state["number"] == "1 0"


def test_a_link_may_be_relative_to_the_document_that_holds_it(client, hal_server):
    hal_server.answers("GET", "/", {"_links": {"next": {"href": "/elsewhere"}}})
    hal_server.answers("GET", "/elsewhere", {"found": True})

    assert client.follow(client.index(), "next").state == {"found": True}


@pytest.mark.parametrize("links", [None, {"next": None}, {"next": []}, {"next": {"title": "Next"}}])
def test_a_link_without_an_address_is_none(client, hal_server, links):
    hal_server.answers("GET", "/", {"_links": links})

    assert list(client.index().links("next")) == []


def test_a_missing_link_names_the_relation_and_the_document(client, hal_server):
    with pytest.raises(BrokerError, match=rf"no link pb:webhooks at {hal_server.base_url}"):
        client.index().link("pb:webhooks")


def test_a_token_is_sent_and_wins_over_a_user_name(hal_server):
    BrokerClient(hal_server.base_url, token="t0k3n", username="ann", password="x").index()

    assert hal_server.asked[0].headers["Authorization"] == "Bearer t0k3n"


def test_credentials_inside_the_address_are_used_and_never_shown(hal_server):
    address = hal_server.base_url.replace("//", "//ann:p%40ss@")
    client = BrokerClient(address)
    client.index()

    assert hal_server.asked[0].headers["Authorization"] == "Basic YW5uOnBAc3M="
    assert client.base_url == hal_server.base_url


def test_a_token_wins_over_the_netrc_file_of_the_machine(hal_server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login bob password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    BrokerClient(hal_server.base_url, token="t0k3n").index()

    assert hal_server.asked[0].headers["Authorization"] == "Bearer t0k3n"


@pytest.mark.parametrize("authorization", [None, "Bearer other", "Basic Ym9iOng="])
def test_a_broker_asked_for_others_gets_their_credentials_and_nothing_else(
    hal_server, tmp_path, monkeypatch, authorization
):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login bob password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    hal_server.answers(
        "GET", "/", Answer({}, 302, {"Location": hal_server.url("/moved"), "Set-Cookie": "a=b"})
    )
    hal_server.answers("GET", "/moved", {})
    own = BrokerClient(hal_server.base_url, token="t0k3n", headers={"X-Key": "k3y"})

    own.index()
    hal_server.asked.clear()
    own.asked_with(authorization).index()

    sent = [(asked.headers.get("Authorization"), asked.headers.get("X-Key")) for asked in hal_server.asked]
    assert sent == [(authorization, None)] * 2
    assert "Cookie" not in hal_server.asked[0].headers


def test_a_client_keeps_its_own_credentials_when_others_ask_with_theirs(hal_server):
    own = BrokerClient(hal_server.base_url, token="t0k3n")

    own.asked_with("Bearer other").index()
    own.index()

    sent = [asked.headers["Authorization"] for asked in hal_server.asked]
    assert sent == ["Bearer other", "Bearer t0k3n"]


def test_certificates_to_trust_stay_those_of_the_client(tls_server):
    BrokerClient(tls_server.base_url, verify=str(CERTIFICATE)).asked_with(None).index()

    with pytest.raises(BrokerUnreachableError, match="TLS"):
        BrokerClient(tls_server.base_url, retries=0).asked_with(None).index()


@pytest.mark.parametrize(
    ("given", "has"),
    [
        ({}, False),
        ({"token": "t"}, True),
        ({"username": "ann"}, True),
        ({"headers": {"X-Key": "k"}}, True),
        ({"base_url": "http://ann:x@localhost"}, True),
    ],
)
def test_what_others_must_not_send_as_theirs_is_known(given, has):
    assert BrokerClient(**{"base_url": "http://localhost", **given}).has_credentials is has


def test_an_address_that_is_none_is_shown_without_its_password():
    with pytest.raises(UsageError, match=r"^'localhost:9292' is not") as refused:
        BrokerClient("htp://ann:s3cret@localhost:9292")

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("address", ["localhost:9292", "", "ftp://host", "http://"])
def test_an_address_that_is_not_an_http_url_is_refused_before_anything_is_sent(address):
    with pytest.raises(UsageError, match="write it as http://host:9292"):
        BrokerClient(address)


def test_a_refused_connection_fails_within_two_seconds_and_says_so(unused_address):
    client = BrokerClient(unused_address)

    begin = time.monotonic()
    with pytest.raises(BrokerUnreachableError, match=r"connection refused.*PACT_BROKER_BASE_URL"):
        client.index()

    assert time.monotonic() - begin < 2


def test_a_link_that_leads_nowhere_is_told_from_a_broker_that_is_away(client, hal_server):
    link = {"href": "http://no-such-host.invalid/environments"}
    hal_server.answers("GET", "/", {"_links": {"pb:environments": link}})

    with pytest.raises(BrokerUnreachableError, match="does the broker know its own public address"):
        client.follow(client.index(), "pb:environments")


def test_an_untrusted_certificate_names_the_option(tls_server):
    with pytest.raises(BrokerUnreachableError, match=r"TLS: .*--ssl-certificate"):
        BrokerClient(tls_server.base_url, retries=0).index()


def test_a_certificate_can_be_trusted(tls_server):
    assert BrokerClient(tls_server.base_url, verify=str(CERTIFICATE)).index().status == 200


def test_any_certificate_can_be_trusted_whatever_the_environment_says(tls_server, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))

    with pytest.warns(InsecureRequestWarning):
        assert BrokerClient(tls_server.base_url, verify=False).index().status == 200


def test_an_unknown_host_is_told_from_a_refused_connection():
    client = BrokerClient("http://no-such-host.invalid", retries=0)

    with pytest.raises(BrokerUnreachableError, match="unknown host"):
        client.index()


def test_a_slow_broker_is_given_up_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = BrokerClient(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1, retries=0)

        with pytest.raises(BrokerUnreachableError, match="time-out"):
            client.index()


def test_a_connection_that_is_cut_is_said_to_be():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = BrokerClient(f"http://127.0.0.1:{server.getsockname()[1]}", retries=0)

        def hang_up():
            connection, _ = server.accept()
            connection.close()

        hanging_up = threading.Thread(target=hang_up)
        hanging_up.start()

        with pytest.raises(BrokerUnreachableError, match="the connection failed or was cut"):
            client.index()
        hanging_up.join()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_reading_request_is_repeated_after_a_passing_failure(client, hal_server, status):
    hal_server.answers("GET", "/", Answer({}, status, AT_ONCE), {"ready": True})

    assert client.index().state == {"ready": True}


def test_a_writing_request_is_not_repeated(client, hal_server):
    hal_server.answers("POST", "/environments", Answer({}, 503, AT_ONCE), {})

    with pytest.raises(BrokerRefusedError, match="answered 503"):
        client.post(hal_server.url("/environments"), {})

    assert len(hal_server.sent("POST")) == 1


KNOWS_KEYS = {"_links": {"tally:idempotency-key": {"href": "/"}}}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_all_tries_of_one_write_have_one_key(client, hal_server, method):
    hal_server.answers("GET", "/", KNOWS_KEYS)
    hal_server.answers(method, "/things", Answer({}, 409, AT_ONCE), Answer({}, 503, AT_ONCE), {})
    client.index()

    for _ in "12":
        getattr(client, method.lower())(hal_server.url("/things"), {})

    keys = [asked.headers["Idempotency-Key"] for asked in hal_server.sent(method)]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_another_broker_is_sent_a_key_only_with_what_is_repeated_there(client, hal_server):
    client.index()
    for method in ("POST", "PUT"):
        hal_server.answers(method, "/things", {})
        getattr(client, method.lower())(hal_server.url("/things"), {})

    assert ["Idempotency-Key" in asked.headers for asked in hal_server.asked] == [False, False, True]


def test_what_is_not_repeated_has_no_key(hal_server):
    hal_server.answers("GET", "/", KNOWS_KEYS)
    hal_server.answers("PUT", "/things", {})
    client = BrokerClient(hal_server.base_url, retries=0)
    client.index()

    client.put(hal_server.url("/things"), {})

    assert "Idempotency-Key" not in hal_server.sent("PUT")[0].headers


def test_retries_can_be_turned_off(hal_server):
    hal_server.answers("GET", "/", Answer({}, 503, AT_ONCE), {})

    with pytest.raises(BrokerRefusedError):
        BrokerClient(hal_server.base_url, retries=0).index()


def test_retries_end_with_what_the_broker_said_last(hal_server):
    body = {"error": {"message": "database is away", "reference": "x"}}
    hal_server.answers("GET", "/", Answer(body, 500, AT_ONCE))

    with pytest.raises(BrokerRefusedError, match=r"answered 500 .* database is away") as refused:
        BrokerClient(hal_server.base_url, retries=1).index()

    assert refused.value.status == 500
    assert len(hal_server.asked) == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"errors": {"name": ["is missing"]}}, "name: is missing"),
        ({"errors": {"": ["must specify an environment"]}}, "must specify an environment"),
        ({"errors": {"name": "is bad"}}, "name: is bad"),
        ({"errors": ["Pacticipant Foo not found"]}, "Pacticipant Foo not found"),
        ({"errors": [{"detail": "is missing", "pointer": "/name"}]}, "is missing"),
        ({"error": "No pacticipant with name 'Foo' found"}, "No pacticipant with name 'Foo' found"),
        ({"notices": [{"type": "error", "text": "differs"}]}, "differs"),
        ({"title": "Not found", "detail": "No such thing", "status": 404}, "No such thing"),
        ([1, 2], "answered 400 Bad Request"),
    ],
)
def test_every_shape_of_error_is_turned_into_words(client, hal_server, body, message):
    hal_server.answers("POST", "/things", Answer(body, 400))

    with pytest.raises(BrokerRefusedError, match=message) as refused:
        client.post(hal_server.url("/things"), {})

    assert refused.value.status == 400


def test_a_plain_text_refusal_is_shown_as_it_is(client, hal_server):
    answer = Answer("This name is very similar to: Shop", 409, {"Content-Type": "text/plain"})
    hal_server.answers("POST", "/things", answer)

    with pytest.raises(BrokerRefusedError, match=r"^This name is very similar to: Shop$"):
        client.post(hal_server.url("/things"), {})


def test_a_page_of_html_is_not_shown_but_its_status_is(hal_server):
    page = Answer("<html><h1>Bad gateway</h1></html>", 502, {"Content-Type": "text/html"})
    hal_server.answers("GET", "/", page)

    with pytest.raises(BrokerRefusedError, match="answered 502 Bad Gateway") as refused:
        BrokerClient(hal_server.base_url, retries=0).index()

    assert "<" not in str(refused.value)


def test_a_successful_page_of_html_is_no_broker(client, hal_server):
    hal_server.answers("GET", "/", Answer("<html>Welcome</html>", 200, {"Content-Type": "text/html"}))

    with pytest.raises(BrokerError, match="not with HAL"):
        client.index()


USER = "--broker-username and --broker-password (PACT_BROKER_USERNAME, PACT_BROKER_PASSWORD)."
TOKEN = "--broker-token (PACT_BROKER_TOKEN)"
REFUSED = "The broker does not accept these credentials (401). "


@pytest.mark.parametrize(
    ("method", "given", "said", "message"),
    [
        ("get", {}, {}, f"The broker wants credentials, and none were given (401). Set {TOKEN}, or {USER}"),
        ("get", {"token": "t"}, {}, f"{REFUSED}They are wrong. Check {TOKEN}."),
        ("get", {"username": "u", "password": "p"}, {}, f"{REFUSED}They are wrong. Check {USER}"),
        ("put", {"token": "t"}, {}, f"{REFUSED}They are wrong, or may only read. Check {TOKEN}."),
        ("put", {"token": "t"}, {"error": "It may only read"}, f"{REFUSED}It may only read. Check {TOKEN}."),
    ],
)
def test_missing_wrong_and_weak_credentials_are_told_apart(hal_server, method, given, said, message):
    hal_server.answers(method.upper(), "/", Answer(said, 401))
    client = BrokerClient(hal_server.base_url, **given)

    with pytest.raises(UnauthorisedError) as refused:
        getattr(client, method)(hal_server.base_url, **({"body": {}} if method == "put" else {}))

    assert str(refused.value) == message


@pytest.mark.parametrize("said", ["The settings forbid it", "The settings forbid it."])
def test_what_is_forbidden_is_told_with_its_reason_and_one_full_stop(client, hal_server, said):
    hal_server.answers("GET", "/", Answer({"error": said}, 403))

    with pytest.raises(
        UnauthorisedError, match=r"does not allow GET http://\S+ \(403\): The settings forbid it\. Set "
    ):
        client.index()


def test_what_is_not_there_is_told_from_other_refusals(client, hal_server):
    with pytest.raises(ResourceNotFoundError, match="Nothing at /gone"):
        client.get(hal_server.url("/gone"))


def test_an_accepted_status_is_an_answer(client, hal_server):
    body = {"notices": [{"type": "error", "text": "differs"}, {"text": "more"}]}
    hal_server.answers("POST", "/things", Answer(body, 409))

    answer = client.post(hal_server.url("/things"), {}, accepted=[409])

    assert [(notice.type, notice.text) for notice in answer.notices()] == [
        ("error", "differs"),
        ("info", "more"),
    ]


def test_a_change_is_sent_as_a_merge_patch(client, hal_server):
    hal_server.answers("PATCH", "/things/1", {"done": True})

    client.patch(hal_server.url("/things/1"), {"done": True})

    [asked] = hal_server.asked
    assert asked.headers["Content-Type"] == "application/merge-patch+json"
    assert asked.body == {"done": True}


def test_put_sends_json(client, hal_server):
    hal_server.answers("PUT", "/things/1", Answer("", 204))

    assert client.put(hal_server.url("/things/1"), {}).status == 204
    assert hal_server.asked[0].headers["Content-Type"] == "application/json"


def test_a_document_is_read_with_numbers_of_any_size(client, hal_server):
    hal_server.answers("GET", "/list", Answer('[123456789012345678901234567890, 1.0, {"a": 1e3}]'))

    assert client.document(hal_server.url("/list")) == [123456789012345678901234567890, 1.0, {"a": 1000.0}]


def test_a_document_that_is_missing_is_no_document(client, hal_server):
    with pytest.raises(ResourceNotFoundError, match="Nothing at /gone"):
        client.document(hal_server.url("/gone"))


@pytest.mark.parametrize(
    ("name", "reason"), [("", "is empty"), (".", "another place"), ("..", "another place")]
)
def test_a_name_that_leads_to_another_place_is_refused(name, reason):
    link = Link("http://broker/pacticipants/{pacticipant}/branches/{branch}")

    with pytest.raises(UsageError, match=f"branch.*{reason}"):
        link.expand(pacticipant="Shop", branch=name)


def test_a_name_that_no_variable_asks_for_may_be_empty():
    link = Link("http://broker/pacticipants/{pacticipant}")

    assert link.expand(pacticipant="a/..", version="") == "http://broker/pacticipants/a%2F.."


def test_a_field_that_the_message_begins_with_is_not_named_twice(client, hal_server):
    errors = {"environment": ["Environment 'x' does not exist"], "name": ["can't be blank"]}
    hal_server.answers("GET", "/", Answer({"errors": errors}, 400))

    with pytest.raises(BrokerRefusedError) as refused:
        client.index()

    assert str(refused.value) == "Environment 'x' does not exist\nname: can't be blank"


NUMBERS = '{"a":2.300,"b":1845563262948980200123456789,"c":-0}'


def test_numbers_are_those_of_python_unless_their_digits_are_to_be_handed_on(hal_server):
    hal_server.answers("GET", "/", Answer(NUMBERS))

    state = BrokerClient(hal_server.base_url).index().state
    kept = BrokerClient(hal_server.base_url, digits=True).index().state

    assert {name: type(number) for name, number in state.items()} == {"a": float, "b": int, "c": int}
    assert state == kept
    assert compact_json(kept).decode() == NUMBERS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a":{"b":1E400}}', "cannot be read: the number 1E400 is too large in /a/b"),
        ('{"a":{"b":1,"b":2}}', 'cannot be read: the key "b" occurs twice in /a'),
    ],
)
def test_what_programs_read_differently_is_named_with_its_place(hal_server, text, says):
    hal_server.answers("GET", "/", Answer(text))

    with pytest.raises(BrokerError, match=says):
        BrokerClient(hal_server.base_url).index()


def test_half_of_a_character_is_no_answer_of_a_broker(hal_server):
    hal_server.answers("GET", "/", Answer('{"a":"\\ud83d"}'))

    with pytest.raises(BrokerError, match="not with HAL"):
        BrokerClient(hal_server.base_url).index()
