"""How a provider is asked: TLS, redirects, retries, filters, and what is undone in its answers."""

import gzip
import json
import socket
import ssl
import subprocess
import threading
import time
import zlib

import pytest
from support.factories import a_pact, an_interaction

PAID = {"id": 1, "status": "paid"}


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate for 127.0.0.1, one for a client, both signed by themselves."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "client"):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        files = ("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
        subject = ("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
        openssl("req", "-x509", *key, *files, *subject)
    return folder


@pytest.fixture
def tls_provider(keeping, certificates):
    """The address of a provider behind TLS that wants to know who asks, if they say it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.load_verify_locations(certificates / "client.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    keeping.speak_tls(context)
    return keeping.url.replace("http://", "https://")


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", tls_provider)

    assert ended.exit_code == 2
    assert "TLS failed, or its certificate is not trusted" in ended.stderr


def test_a_file_says_which_certificates_to_trust(tls_provider, certificates, tally_verify, pact_file):
    trust = ("--ca-file", certificates / "server.pem")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", tls_provider, *trust)

    assert ended.exit_code == 0, ended


def test_any_certificate_may_be_trusted(tls_provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", tls_provider, "--disable-ssl-verification")

    assert ended.exit_code == 0, ended


def test_a_client_certificate_is_shown_to_the_provider(
    keeping, tls_provider, certificates, tally_verify, pact_file
):
    names = []
    keeping.on("GET", "/orders/1", lambda asked: names.append(asked.client_name) or keeping.answer(PAID))
    trust = ("--ca-file", certificates / "server.pem")
    client = (
        "--client-certificate",
        certificates / "client.pem",
        "--client-key",
        certificates / "client.key",
    )

    ended = tally_verify(pact_file(a_pact()), "--provider-url", tls_provider, *trust, *client)

    assert ended.exit_code == 0, ended
    assert names == ["client"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--ca-file", "{empty}"), "--ca-file"),
        (("--client-certificate", "{empty}"), "--client-certificate"),
        (("--client-key", "{empty}"), "--client-key needs --client-certificate"),
    ],
)
def test_a_file_that_is_no_certificate_is_named(
    tls_provider, tally_verify, pact_file, tmp_path, options, said
):
    empty = tmp_path / "empty.pem"
    empty.touch()

    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", tls_provider, *(text.format(empty=empty) for text in options)
    )

    assert ended.exit_code == 2
    assert said in ended.stderr


def test_redirects_are_followed_when_asked_for(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", status=302, Location="/moved?to=1")
    provider.on("GET", "/moved?to=1", PAID)

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--follow-redirects")

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize(("status", "method", "body"), [(303, "GET", b""), (307, "POST", b'{"id":1}')])
def test_a_redirect_of_a_write_says_by_its_status_whether_to_write_again(
    provider, tally_verify, pact_file, status, method, body
):
    provider.on("POST", "/orders", status=status, Location="/new")
    provider.on(method, "/new", PAID)
    request = {"method": "POST", "path": "/orders", "body": {"id": 1}}
    pact = a_pact(an_interaction(request=request))

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url, "--follow-redirects")

    assert ended.exit_code == 0, ended
    assert provider.asked[-1].body == body


def test_another_host_is_not_told_credentials(provider, broker_server, tally_verify, pact_file):
    provider.on("GET", "/orders/1", status=302, Location=f"{broker_server.url}/orders/1")
    broker_server.on("GET", "/orders/1", PAID)
    options = ("--follow-redirects", "-H", "Authorization: Bearer secret", "-H", "X-Tenant: acme")

    tally_verify(pact_file(a_pact()), "--provider-url", provider.url, *options)

    headers = broker_server.asked[0].headers
    assert "Authorization" not in headers
    assert headers["X-Tenant"] == "acme"


def test_redirects_without_end_are_no_answer(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", status=302, Location="/orders/1")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--follow-redirects")

    assert ended.exit_code == 1
    assert "still redirects, after 10 redirects" in ended.stdout


def test_a_connection_that_cannot_be_made_is_tried_again(free_address, tally_verify, pact_file):
    port = int(free_address.rpartition(":")[2])
    body = json.dumps(PAID).encode()
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body

    def appear():
        time.sleep(0.15)
        with socket.create_server(("127.0.0.1", port)) as server:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)

    thread = threading.Thread(target=appear)
    thread.start()
    ended = tally_verify(pact_file(a_pact()), "--provider-url", free_address, "--connection-retries", "3")
    thread.join()

    assert ended.exit_code == 0, ended


def test_a_request_that_went_out_is_never_repeated(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.hang_up())

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--connection-retries", "5")

    assert ended.exit_code == 1
    assert len(provider.asked) == 1


def test_a_connection_that_the_provider_closed_while_idle_is_replaced(provider, tally_verify, pact_file):
    provider.close_after_each_answer()
    provider.on("GET", "/orders/1", PAID)
    pact = a_pact(*(an_interaction(f"request {number}") for number in range(5)))

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert ended.exit_code == 0, ended


def deflated(data):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("coding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", deflated)]
)
def test_compressed_answers_are_compared_by_what_is_in_them(
    provider, tally_verify, pact_file, coding, encode
):
    content = encode(json.dumps(PAID).encode())
    provider.on("GET", "/orders/1", content, Content_Encoding=coding, Content_Type="application/json")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 0, ended


FILTER = """
def sign(request):
    return request.with_header("Authorization", f"Signed {request.method} {len(request.content)}")

def nothing(request):
    pass

def wrong(request):
    return "text"

def fails(request):
    raise ValueError("no key")
"""


@pytest.fixture
def filters(tmp_path, monkeypatch):
    name = f"filters_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(FILTER)
    monkeypatch.chdir(tmp_path)
    return name


def test_a_function_changes_each_request(keeping, tally_verify, pact_file, filters):
    options = ("-H", "Authorization: Bearer x", "--request-filter", f"{filters}:sign")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, *options)

    assert ended.exit_code == 0, ended
    assert keeping.asked[0].headers["Authorization"] == "Signed GET 0"


def test_a_function_that_returns_nothing_changes_nothing(keeping, tally_verify, pact_file, filters):
    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", keeping.url, "--request-filter", f"{filters}:nothing"
    )

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--request-filter", "{filters}:fails", "raised ValueError: no key"),
        ("--request-filter", "{filters}:wrong", "returned str in place of a request"),
        ("--request-filter-command", "echo no key >&2; exit 3", "ended with exit code 3: no key"),
        ("--request-filter-command", "echo hello", "is not a request"),
        ("--request-filter-command", "echo '[]'", "is not a request"),
    ],
)
def test_a_filter_that_fails_means_that_the_interaction_was_not_checked(
    keeping, tally_verify, pact_file, filters, option, value, said
):
    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", keeping.url, option, value.format(filters=filters)
    )

    assert ended.exit_code == 2
    assert said in ended.stdout
    assert keeping.asked == []


def test_a_command_changes_each_request(provider, tally_verify, pact_file):
    provider.on("POST", "/orders?signed=1", PAID)
    request = {"method": "POST", "path": "/orders", "body": {"note": "ink"}}
    command = """sed 's|/orders"|/orders?signed=1"|; s|ink|pen|'"""

    ended = tally_verify(
        pact_file(a_pact(an_interaction(request=request))),
        "--provider-url",
        provider.url,
        "--request-filter-command",
        command,
    )

    assert ended.exit_code == 0, ended
    assert provider.asked[0].json == {"note": "pen"}
    assert provider.asked[0].headers["Content-Type"] == "application/json"


def test_a_body_that_is_no_text_goes_through_a_command_in_base64(provider, tally_verify, pact_file):
    provider.on("POST", "/image", PAID)
    headers = {"Content-Type": "application/octet-stream"}
    request = {"method": "POST", "path": "/image", "headers": headers, "body": "/+8="}

    ended = tally_verify(
        pact_file(a_pact(an_interaction(request=request))),
        "--provider-url",
        provider.url,
        "--request-filter-command",
        "sed 's|/+8=|/+4=|'",
    )

    assert ended.exit_code == 0, ended
    assert provider.asked[0].body == b"\xff\xee"


@pytest.mark.parametrize(
    ("command", "said"),
    [("sleep 15", "took longer than 2 s"), ("""echo '{"bodyBase64": "!"}'""", "bodyBase64 is not Base64")],
)
def test_a_command_that_hangs_or_writes_nonsense_leaves_the_interaction_unchecked(
    keeping, tally_verify, pact_file, command, said
):
    options = ("--request-filter-command", command, "--timeout", "2")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, *options)

    assert ended.exit_code == 2
    assert said in ended.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--request-filter", "a:b", "--request-filter-command", "cat"),
            "Only one request filter is possible",
        ),
        (("--start", "sleep 1", "--app", "builtins:print"), "--app calls the provider in this process"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tally_verify, pact_file, options, said):
    provider = () if "--app" in options else ("--provider-url", "http://localhost")

    ended = tally_verify(pact_file(a_pact()), *provider, *options)

    assert ended.exit_code == 2
    assert said in ended.stderr
