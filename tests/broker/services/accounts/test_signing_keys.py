"""The keys of issuers: when they are fetched, how long they are kept, and which are used."""

import logging
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from support.issuers import ec_key, encoded, issuing, rsa_key
from support.receivers import answering, dripping, sending_without_end

from broker.domain.accounts.id_token import IdTokenError
from broker.services.accounts.issuer_documents import IssuerError, fetch_document, fetcher
from broker.services.accounts.signing_keys import IssuerAwayError, SigningKeys, usable_keys
from broker.services.outgoing.rules import SendingRules, issuer_rules
from broker.settings.settings import Settings

RULES = issuer_rules(Settings(issuer_host_whitelist=("127.0.0.0/8",)))
MINUTE, HOUR, DAY = 60, 3600, 86_400


class Timer:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def issuer():
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def keys(timer):
    return SigningKeys(fetcher(RULES), timer)


def listed(key, **changes):
    return key.as_dict(private=False, use="sig") | changes


def test_keys_are_fetched_once_for_many_tokens(issuer, keys, timer):
    for _ in range(5):
        assert keys.key(issuer.url, "first").algorithm == "RS256"
        timer.now += 10 * MINUTE - 1

    assert issuer.fetches == 1


def test_threads_that_need_keys_at_the_same_time_fetch_them_once(issuer, keys):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: keys.key(issuer.url, "first").key_id, range(8)))

    assert found == ["first"] * 8
    assert issuer.fetches == 1


def test_a_new_key_is_fetched_when_a_token_names_it(issuer, keys, timer):
    keys.key(issuer.url, "first")
    issuer.keys = [listed(rsa_key("second"))]
    timer.now += MINUTE

    assert keys.key(issuer.url, "second").key_id == "second"
    with pytest.raises(IdTokenError, match="kid"):
        keys.key(issuer.url, "first")
    assert issuer.fetches == 2


def test_unknown_keys_make_the_broker_ask_once_a_minute_at_most(issuer, keys, timer):
    keys.key(issuer.url, "first")
    for number in range(100):
        with pytest.raises(IdTokenError, match="has no key of this id"):
            keys.key(issuer.url, f"unknown-{number}")
    assert issuer.fetches == 1

    timer.now += MINUTE
    for number in range(100):
        with pytest.raises(IdTokenError):
            keys.key(issuer.url, f"unknown-{number}")

    assert issuer.fetches == 2


def test_a_key_that_the_issuer_withdraws_is_refused_an_hour_later(issuer, keys, timer):
    keys.key(issuer.url, "first")
    issuer.keys = [listed(rsa_key("second"))]
    timer.now += HOUR

    with pytest.raises(IdTokenError):
        keys.key(issuer.url, "first")


def test_old_keys_are_used_for_a_day_while_the_issuer_is_away(issuer, keys, timer, caplog):
    keys.key(issuer.url, "first")
    issuer.is_away = True
    caplog.set_level(logging.WARNING)

    timer.now += HOUR
    assert keys.key(issuer.url, "first").key_id == "first"
    assert "cannot be fetched" in caplog.text
    timer.now += DAY - HOUR - 1
    assert keys.key(issuer.url, "first").key_id == "first"

    timer.now += 2
    with pytest.raises(IssuerAwayError, match="answered 503"):
        keys.key(issuer.url, "first")


def test_a_new_key_while_the_issuer_is_away_is_not_known_to_be_wrong(issuer, keys, timer):
    keys.key(issuer.url, "first")
    issuer.is_away = True
    issuer.keys.append(listed(rsa_key("second")))
    timer.now += MINUTE

    with pytest.raises(IssuerAwayError) as away:
        keys.key(issuer.url, "second")
    assert away.value.retry_after == 5
    assert keys.key(issuer.url, "first").key_id == "first"

    issuer.is_away = False
    timer.now += away.value.retry_after
    assert keys.key(issuer.url, "second").key_id == "second"


def test_an_issuer_that_is_away_is_asked_less_and_less_often(issuer, keys, timer):
    issuer.is_away = True

    asked = 0
    pauses = []
    for _ in range(600):
        with pytest.raises(IssuerAwayError):
            keys.key(issuer.url, "first")
        if len(issuer.receiver.received) > asked:
            asked = len(issuer.receiver.received)
            pauses.append(timer.now)
        timer.now += 1

    assert [later - before for before, later in pairwise(pauses)][:7] == [
        5, 10, 20, 40, 60, 60, 60,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ({"issuer": "https://other.example.org"}, "that of another issuer"),
        ({"issuer": None}, "that of another issuer"),
        ({"jwks_uri": None}, "has no jwks_uri"),
        ({"jwks_uri": 1}, "has no jwks_uri"),
        ({"jwks_uri": "http://keys.example.org"}, "must begin with https"),
        ({"jwks_uri": "file:///etc/passwd"}, "must be an address"),
        ({"jwks_uri": "https://user:secret@keys.example.org"}, "without user"),
        ({"jwks_uri": "https://169.254.169.254/keys"}, "TALLY_ISSUER_HOST_WHITELIST"),
    ],
)
def test_a_configuration_that_is_wrong_gives_no_keys(issuer, keys, configuration, reason):
    issuer.configuration |= configuration

    with pytest.raises(IssuerAwayError, match=reason):
        keys.key(issuer.url, "first")
    assert issuer.fetches == 0


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (answering(302, b"", Location="http://127.0.0.1:1/"), "answered 302"),
        (answering(200, b"<html>"), "did not answer JSON"),
        (answering(200, b"[]"), "did not answer a JSON object"),
        (answering(200, b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"), "did not answer JSON"),
        (answering(200, b'{"issuer": 1, "issuer": 2}'), "did not answer JSON"),
        (answering(200, b"\xff\xfe"), "did not answer JSON"),
        (answering(200, b" " * 262_145), "more than 256 KiB"),
        (sending_without_end, "more than 256 KiB"),
    ],
)
def test_an_issuer_that_answers_something_else_is_refused(issuer, keys, behaviour, reason):
    issuer.receiver.behaviour = behaviour

    with pytest.raises(IssuerAwayError, match=reason):
        keys.key(issuer.url, "first")


def test_an_issuer_that_never_ends_its_answer_is_cut(issuer):
    issuer.receiver.behaviour = dripping(0.01)
    hasty = SendingRules(("127.0.0.0/8",), "HOSTS", 1, 256, "", (), verifies=True)

    with pytest.raises(IssuerError, match="no complete answer within 1 seconds"):
        fetch_document(f"{issuer.url}/keys", hasty)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://issuer.example.org", "must begin with https"),
        ("ftp://127.0.0.1", "must begin with https"),
        ("HTTP://10.0.0.1", "must begin with https"),
        ("https://", "must be an address"),
        ("https://issuer.example.org:x", "is not an address"),
        ("https://issuer.example.org:99999", "is not an address"),
        ("https://issuer.example.org:0", "must be an address"),
        ("https://[::1", "is not an address"),
        ("https://issuer.example.org/?a=1", "without user, query"),
        ("https://issuer.example.org/#a", "without user, query"),
        ("https://a@issuer.example.org/", "without user, query"),
        ("https://issuer.example.org/ x", "without spaces"),
        ("https://issuer.example.org/\n", "without spaces"),
        ("https://issuer.example.org/" + "x" * 2048, "at most 2048"),
        ("https://127.0.0.1:1", "TALLY_ISSUER_HOST_WHITELIST"),
        ("http://127.0.0.1:1", "TALLY_ISSUER_HOST_WHITELIST"),
        ("http://localhost:1", "TALLY_ISSUER_HOST_WHITELIST"),
        ("https://10.0.0.1", "TALLY_ISSUER_HOST_WHITELIST"),
    ],
)
def test_an_address_that_is_not_https_or_not_public_is_not_asked(url, reason):
    with pytest.raises(IssuerError, match=reason):
        fetch_document(url, issuer_rules(Settings()))


def test_certificates_of_issuers_are_checked_also_where_those_of_webhooks_are_not():
    assert issuer_rules(Settings(disable_ssl_verification=True)).verifies


UNUSABLE = {
    "a number": lambda: 1,
    "nothing": dict,
    "no id": lambda: listed(rsa_key("first"), kid=None),
    "an empty id": lambda: listed(rsa_key("first"), kid=""),
    "an id that is a list": lambda: listed(rsa_key("first"), kid=["first"]),
    "for encryption": lambda: listed(rsa_key("first"), use="enc"),
    "for RS512": lambda: listed(rsa_key("first"), alg="RS512"),
    "for none": lambda: listed(rsa_key("first"), alg="none"),
    "a kind that is a list": lambda: listed(rsa_key("first"), kty=["RSA"]),
    "no base64": lambda: listed(rsa_key("first"), n="!"),
    "a number in place of base64": lambda: listed(rsa_key("first"), n=1),
    "no exponent": lambda: listed(rsa_key("first"), e=None),
    "an empty exponent": lambda: listed(rsa_key("first"), e=""),
    "an even exponent": lambda: listed(rsa_key("first"), e="Ag"),
    "other operations": lambda: listed(rsa_key("first"), key_ops=["encrypt"]),
    "operations that are a number": lambda: listed(rsa_key("first"), key_ops=1),
    "1024 bits": lambda: listed(rsa_key("first"), n=encoded(b"\xff" * 128)),
    "1024 bits, filled up": lambda: listed(rsa_key("first"), n=encoded(bytes(128) + b"\xff" * 128)),
    "8192 bits": lambda: listed(rsa_key("first"), n=encoded(b"\xff" * 1024)),
    "a larger curve": lambda: listed(ec_key("large curve", "P-384")),
    "a point that is too short": lambda: listed(ec_key("curve"), x="AAAA"),
    "a point that is not on the curve": lambda: listed(ec_key("curve"), y=listed(ec_key("other"))["y"]),
    "another curve": lambda: listed(ec_key("curve"), crv="secp256k1"),
    "a secret": lambda: {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
    "Ed25519": lambda: {"kty": "OKP", "crv": "Ed25519", "kid": "okp", "x": "A" * 43},
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_key_that_is_not_for_rs256_or_es256_is_left_out(what):
    keys = [UNUSABLE[what](), listed(ec_key("usable"))]

    assert list(usable_keys({"keys": keys})) == ["usable"]


def test_an_id_that_two_keys_have_is_not_used():
    twice = [listed(rsa_key("first")), listed(rsa_key("second"), kid="first"), listed(ec_key("curve"))]

    assert list(usable_keys({"keys": twice})) == ["curve"]


def test_the_private_half_of_a_key_is_not_kept():
    found = usable_keys({"keys": [rsa_key("first").as_dict(private=True)]})["first"]

    assert not found.key.is_private


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": [{}] * 101}])
def test_a_document_without_a_short_list_of_keys_is_refused(document):
    with pytest.raises(IssuerError):
        usable_keys(document)
