"""Every way in which there is no answer has a name."""

import pytest

from verifier.contracts.cases import MessageCase
from verifier.errors import NoAnswerError, UnreachableError
from verifier.provider.provider import ProviderClient
from verifier.replay.replayer import ReplayTarget, replay_case
from verifier.results.result import FailureKind
from verifier.transport.http import HttpTransport
from verifier.transport.transport import HttpRequest


@pytest.fixture
def http():
    transport = HttpTransport(timeout=5)
    yield transport
    transport.close()


def test_an_unknown_host_is_unreachable(http):
    with pytest.raises(UnreachableError, match="the host is unknown"):
        http.send(HttpRequest(method="GET", url="http://no-such-host.invalid/"))


def test_tls_that_fails_is_unreachable_too(http, provider):
    with pytest.raises(UnreachableError, match="TLS"):
        http.send(HttpRequest(method="GET", url=provider.url.replace("http://", "https://")))


def test_a_header_that_http_forbids_is_said_to_be_the_reason(http, provider):
    with pytest.raises(NoAnswerError, match="Invalid header"):
        http.send(HttpRequest(method="GET", url=provider.url, headers=(("X-A", "a\nb"),)))


def test_a_message_that_nobody_can_be_asked_for_is_unsupported(http, provider):
    case = MessageCase(description="an order was paid", check=lambda *_: ())

    result = replay_case(case, ReplayTarget(ProviderClient(base_url=provider.url, transport=http)))

    assert result.failure is FailureKind.UNSUPPORTED
