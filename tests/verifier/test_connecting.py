"""Every way in which there is no answer has a name."""

import pytest

from verifier.cases import MessageCase
from verifier.connecting import answer_of, plain_session
from verifier.errors import NoAnswerError, UnreachableError
from verifier.replaying import Target, replay_case
from verifier.results import Failure
from verifier.sending import Provider
from verifier.states import StateChanges


def ask(url, headers=None):
    return answer_of(plain_session(), method="GET", url=url, headers=headers or {}, content=b"", timeout=0.2)


def test_an_unknown_host_is_unreachable():
    with pytest.raises(UnreachableError, match="unknown host"):
        ask("http://no-such-host.invalid/")


def test_tls_that_fails_is_unreachable_too(provider):
    with pytest.raises(UnreachableError, match="TLS"):
        ask(provider.url.replace("http://", "https://"))


def test_a_header_that_http_forbids_is_said_to_be_the_reason(provider):
    with pytest.raises(NoAnswerError, match="InvalidHeader"):
        ask(provider.url, {"X-A": "a\nb"})


def test_a_message_that_nobody_can_be_asked_for_is_unsupported(provider):
    case = MessageCase(description="an order was paid", check=lambda _: ())

    http = plain_session()
    result = replay_case(case, Target(Provider(provider.url, http=http), StateChanges(None, http=http)))

    assert result.failure is Failure.UNSUPPORTED
