"""Id tokens of a real issuer: what is accepted, and each way in which one can be wrong."""

import time
from datetime import UTC, datetime

import pytest
from support.issuers import AUDIENCE, ec_key, issuing, rsa_key
from support.odd_id_tokens import odd_tokens

from broker.domain.accounts.id_token import (
    IdTokenError,
    check_audience,
    read_id_token,
    single_use_id,
)
from broker.services.accounts.id_tokens import verified_claims
from broker.services.accounts.issuer_documents import fetcher
from broker.services.accounts.signing_keys import SigningKeys
from broker.services.outgoing.rules import issuer_rules
from broker.settings.settings import Settings

RULES = issuer_rules(Settings(issuer_host_whitelist=("127.0.0.0/8",)))


@pytest.fixture(scope="module")
def issuer():
    with issuing(rsa_key("first"), ec_key("curve")) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def keys():
    return SigningKeys(fetcher(RULES))


@pytest.fixture(scope="module")
def odd(issuer):
    return odd_tokens(issuer)


def accepted(text, keys):
    """Return the claims of an id token that passes all checks."""
    claims = verified_claims(read_id_token(text), keys, datetime.now(UTC))
    check_audience(claims, AUDIENCE)
    single_use_id(claims)
    return claims


def refusal_of(text, keys):
    """Return why an id token is not accepted, or None."""
    try:
        accepted(text, keys)
    except IdTokenError as refusal:
        return refusal
    return None


@pytest.mark.parametrize(("make", "name"), [(rsa_key, "first"), (ec_key, "curve")], ids=["RS256", "ES256"])
def test_a_good_token_is_accepted(issuer, keys, make, name):
    assert accepted(issuer.token(key=make(name), repository_id="1"), keys)["repository_id"] == "1"


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": None},
        {"groups": [f"group-{number:06}" for number in range(2000)]},
        {"name": "Zoë \N{SNOWMAN} \U0001f600"},
    ],
    ids=["no nbf", "2,000 groups", "letters of all scripts"],
)
def test_an_unusual_token_is_accepted(issuer, keys, claims):
    assert accepted(issuer.token(**claims), keys)


def test_a_token_that_ends_at_a_fraction_of_a_second_is_accepted(issuer, keys):
    assert accepted(issuer.token(exp=time.time() + 299.5), keys)


@pytest.mark.parametrize(
    "offsets",
    [{"iat": -60, "exp": -25}, {"iat": 25}, {"nbf": 25}],
    ids=["just expired", "issued soon", "valid soon"],
)
def test_clocks_may_differ_by_30_seconds(issuer, keys, offsets):
    now = int(time.time())

    assert accepted(issuer.token(**{name: now + offset for name, offset in offsets.items()}), keys)


def test_each_odd_or_forged_token_is_refused_by_the_check_that_is_for_it(issuer, keys):
    odd = odd_tokens(issuer)

    refusals = {name: refusal_of(text, keys) for name, (text, _) in odd.items()}

    assert {name: refusal and refusal.check for name, refusal in refusals.items()} == {
        name: check for name, (_, check) in odd.items()
    }
    for name, (text, _) in odd.items():
        assert len(str(refusals[name])) < 400, name
        assert text[-20:] not in str(refusals[name]) or len(text) < 20, name
    assert len(odd) >= 90


def test_a_token_may_live_longer_where_the_caller_says_so(issuer, keys):
    token = read_id_token(issuer.token(exp=int(time.time()) + 36_000))

    assert verified_claims(token, keys, datetime.now(UTC), longest=None)


def test_neither_token_nor_key_is_in_a_repr(issuer, keys):
    text = issuer.token()

    assert text not in repr(read_id_token(text))
    assert "RSAKey" not in repr(keys.key(issuer.url, "first"))
