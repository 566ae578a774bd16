"""One request to a receiver that need not be trusted: TLS, addresses, time."""

import socket
import time
from pathlib import Path

import pytest
from support.receivers import receiving

from broker.services.outgoing.connection import OutgoingRequest, SendingError
from broker.services.webhooks.send import check, send
from broker.settings.settings import InvalidSettingError, Settings

CERTIFICATE = Path(__file__).parents[3] / "data" / "tls" / "localhost.pem"
LOCAL = {"webhook_host_whitelist": ("127.0.0.0/8", "localhost", "*.example.org"), "webhook_timeout": 2}


def settings(**changes):
    return Settings(**{**LOCAL, **changes})


def a_request(url, **changes):
    headers = {"host": "ci", "content-length": "2"}
    return OutgoingRequest("POST", url, headers | changes, b"{}")


@pytest.fixture
def look_up(monkeypatch):
    """Give names addresses as a name server would: those given, one list after the other."""
    real = socket.getaddrinfo

    def install(**answers):
        left = {name.replace("_", "."): list(found) for name, found in answers.items()}

        def getaddrinfo(host, port, *arguments, **options):
            if host not in left:
                return real(host, port, *arguments, **options)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left[host].pop(0)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return left

    return install


def test_a_certificate_that_nobody_trusts_is_refused():
    with receiving(certificate=CERTIFICATE) as receiver:
        with pytest.raises(SendingError, match="the certificate is not trusted") as refused:
            send(a_request(receiver.url), settings())

        assert refused.value.sent is False
        assert receiver.received == []


def test_a_certificate_from_the_settings_is_trusted():
    with receiving(certificate=CERTIFICATE) as receiver:
        answer = send(a_request(receiver.url), settings(webhook_certificates=(str(CERTIFICATE),)))

    assert answer.status == 200


def test_a_certificate_for_another_name_is_refused(look_up):
    look_up(ci_example_org=[["127.0.0.1"]])
    with receiving(certificate=CERTIFICATE) as receiver:
        url = receiver.url.replace("127.0.0.1", "ci.example.org")

        with pytest.raises(SendingError, match="mismatch"):
            send(a_request(url), settings(webhook_certificates=(str(CERTIFICATE),)))


def test_verification_can_be_switched_off():
    with receiving(certificate=CERTIFICATE) as receiver:
        assert send(a_request(receiver.url), settings(disable_ssl_verification=True)).status == 200


def test_the_connection_is_made_to_the_address_that_was_checked(look_up):
    left = look_up(ci_example_org=[["127.0.0.1"], ["127.0.0.2"]])
    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "ci.example.org")

        assert send(a_request(url), settings()).status == 200

        assert left["ci.example.org"] == [["127.0.0.2"]], "looked up more than once"


def test_of_several_addresses_only_those_that_are_allowed_are_asked(look_up):
    look_up(ci_example_org=[["169.254.169.254", "127.0.0.1"]])
    with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "ci.example.org")

        assert send(a_request(url), settings()).status == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_a_public_name_with_an_address_that_is_not_is_refused(look_up, address):
    look_up(ci_example_org=[[address]])

    with pytest.raises(SendingError, match=f"ci.example.org is {address}, which is not public"):
        send(a_request("https://ci.example.org"), settings(webhook_host_whitelist=()))


def test_a_name_that_does_not_exist_is_named():
    with pytest.raises(SendingError, match=r"nobody\.invalid cannot be looked up"):
        send(a_request("https://nobody.invalid"), settings(webhook_host_whitelist=()))


def test_nobody_listening_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(SendingError, match="Connection refused, while connecting"):
        send(a_request(f"http://127.0.0.1:{port}"), settings())


def test_a_handshake_that_never_ends_is_cut():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()

        with pytest.raises(SendingError, match="no complete answer within 2 seconds, while setting up TLS"):
            send(a_request(f"https://127.0.0.1:{silent.getsockname()[1]}"), settings())

    assert time.monotonic() - started < 10


def test_the_path_and_the_query_are_sent_escaped():
    with receiving() as receiver:
        send(a_request(receiver.url + "/a%2Fb/ü?q=1+2&r=%C3%BC"), settings())
        send(a_request(receiver.url + "?q"), settings())

    assert [request.path for request in receiver.received] == ["/a%2Fb/%C3%BC?q=1+2&r=%C3%BC", "/?q"]


def test_a_certificate_may_be_given_as_text():
    with receiving(certificate=CERTIFICATE) as receiver:
        answer = send(a_request(receiver.url), settings(webhook_certificates=(CERTIFICATE.read_text(),)))

    assert answer.status == 200


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"webhook_certificates": ("/no/such/file.pem",)}, "/no/such/file.pem: No such file"),
        ({"webhook_certificates": (__file__,)}, "it is not a certificate in PEM form"),
        ({"webhook_certificates": ("-----BEGIN CERTIFICATE-----\nx",)}, "a certificate's text"),
        ({"webhook_host_whitelist": ("/[/",)}, r"/\[/ is not a regular expression"),
        ({"webhook_host_whitelist": ("https://ci.example.org",)}, "give the name alone"),
        ({"webhook_proxy": "http://proxy:3128", "webhook_host_whitelist": ()}, "needs TALLY_WEBHOOK_HOST"),
        ({"webhook_proxy": "socks5://proxy:1080"}, "NO_PROXY, not socks5://proxy"),
        ({"webhook_proxy": "http://proxy:x"}, "must be http://HOST:PORT"),
    ],
)
def test_a_setting_with_which_nothing_could_be_sent_is_refused_beforehand(changes, says):
    with pytest.raises(InvalidSettingError, match=says):
        check(settings(**changes))


def test_what_is_wrong_with_a_setting_is_said_when_it_is_needed():
    with pytest.raises(SendingError, match="cannot use /no/such/file"):
        send(a_request("https://ci.example.org"), settings(webhook_certificates=("/no/such/file",)))
