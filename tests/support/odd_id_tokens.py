"""Odd and forged id tokens, each wrong in one way, and the check that must refuse it."""

import hmac
import json
import time
from base64 import urlsafe_b64decode

from support.issuers import (
    AUDIENCE,
    Issuer,
    ec_key,
    encoded,
    rsa_key,
    signed,
    signed_parts,
)

NOW = time.time


def odd_tokens(issuer: Issuer) -> dict[str, tuple[str, str]]:
    """Return tokens by what is wrong with them, each with the check that must fail.

    *issuer* must have the keys "first" of RSA, "curve" of P-256.
    """
    return (
        _of_wrong_form(issuer)
        | _of_wrong_headers(issuer)
        | _of_wrong_signatures(issuer)
        | _of_wrong_times(issuer)
        | _of_wrong_claims(issuer)
    )


def _parts(issuer: Issuer) -> list[str]:
    return issuer.token().split(".")


def _with_payload(payload: str) -> str:
    return signed(payload, key=rsa_key("first"))


def _claims(issuer: Issuer, **changes: object) -> str:
    """Return the claims of a good token as JSON, without the closing brace."""
    payload = json.loads(urlsafe_b64decode(issuer.token().split(".")[1] + "=="))
    return json.dumps({key: value for key, value in {**payload, **changes}.items() if value is not None})[:-1]


def _of_wrong_form(issuer: Issuer) -> dict[str, tuple[str, str]]:
    header, claims, signature = _parts(issuer)
    deep = _claims(issuer) + ', "deep": ' + "[" * 20_000 + "]" * 20_000 + "}"
    return {
        "empty": ("", "form"),
        "a word": ("token", "form"),
        "65,537 bytes": (issuer.token(padding="x" * 49_000), "size"),
        "a megabyte": ("a." * 524_288, "size"),
        "two parts": (f"{header}.{claims}", "form"),
        "five parts, as an encrypted one": (f"{header}.{claims}.{signature}.{claims}.{signature}", "form"),
        "no claims": (f"{header}..{signature}", "form"),
        "no signature": (f"{header}.{claims}.", "form"),
        "a padded signature": (f"{header}.{claims}.{signature}==", "form"),
        "padded claims": (
            signed_parts(header, claims + "=" * (-len(claims) % 4 or 4), rsa_key("first")),
            "form",
        ),
        "a line break inside": (f"{header}.{claims[:9]}\n{claims[9:]}.{signature}", "form"),
        "letters of the other base64": (f"{header}.{claims}.{'+/' + signature[2:]}", "form"),
        "letters of another script": (f"{header}.{claims}.é{signature[1:]}", "form"),
        "another spelling of the same signature": (_respelt(f"{header}.{claims}.{signature}"), "form"),
        "claims that are no JSON": (_with_payload("{"), "form"),
        "claims that are a list": (_with_payload("[]"), "form"),
        "claims in UTF-16": (signed_parts(header, encoded("{}".encode("utf-16")), rsa_key("first")), "form"),
        "a claim twice": (_with_payload(_claims(issuer) + ', "sub": "repo:other/shop"}'), "form"),
        "the issuer twice": (_with_payload(_claims(issuer) + ', "iss": "https://other"}'), "form"),
        "a claim twice, deeper": (
            _with_payload(_claims(issuer) + ', "a": {"b": 1, "b": 2}}'),
            "form",
        ),
        "half of a surrogate pair": (_with_payload(_claims(issuer) + r', "a": "\ud800"}'), "form"),
        "exp is NaN": (_with_payload(_claims(issuer, exp=None) + ', "exp": NaN}'), "form"),
        "exp is infinite": (_with_payload(_claims(issuer, exp=None) + ', "exp": Infinity}'), "form"),
        "exp is 1e400": (_with_payload(_claims(issuer, exp=None) + ', "exp": 1e400}'), "form"),
        "exp has 5,000 digits": (
            _with_payload(_claims(issuer, exp=None) + f', "exp": {"9" * 5000}}}'),
            "form",
        ),
        "deep JSON": (_with_payload(deep), "form"),
    }


def _respelt(token: str) -> str:
    """Return a token whose last letter is another one that stands for the same bytes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) + 1]


def _of_wrong_headers(issuer: Issuer) -> dict[str, tuple[str, str]]:
    claims = _parts(issuer)[1]
    twice = encoded('{"alg": "RS256", "kid": "first", "kid": "second"}')
    deep = encoded('{"alg": "RS256", "kid": "first", "x": ' + "[" * 1500 + "]" * 1500 + "}")
    return {
        "no kid": (issuer.token(header={"kid": None}), "kid"),
        "an empty kid": (issuer.token(header={"kid": ""}), "kid"),
        "a kid that is a number": (issuer.token(header={"kid": 1}), "kid"),
        "a kid that is a list": (issuer.token(header={"kid": ["first"]}), "kid"),
        "an unknown kid": (issuer.token(header={"kid": "other"}), "kid"),
        "a kid that is a path": (issuer.token(header={"kid": "../../../etc/passwd"}), "kid"),
        "a kid twice": (signed_parts(twice, claims, rsa_key("first")), "form"),
        "a header of 5 KB": (issuer.token(header={"x5c": ["x" * 5000]}), "form"),
        "a deep header": (signed_parts(deep, claims, rsa_key("first")), "form"),
        "alg none, without a signature": (f"{_none(issuer)}.", "form"),
        "alg none, with a signature": (f"{_none(issuer)}.AAAA", "alg"),
        "alg NONE": (_unsigned(issuer, alg="NONE"), "alg"),
        "no alg": (_unsigned(issuer, alg=None), "alg"),
        "alg is a list": (_unsigned(issuer, alg=["RS256"]), "alg"),
        "RS512 with the right key": (issuer.token(header={"alg": "RS512"}), "alg"),
        "PS256 with the right key": (issuer.token(header={"alg": "PS256"}), "alg"),
        "the public key as that of HS256": (_by_hmac(claims), "alg"),
        "RS256 with the id of a key of ES256": (issuer.token(header={"kid": "curve"}), "alg"),
        "ES256 with the id of a key of RS256": (
            issuer.token(key=ec_key("curve"), header={"kid": "first"}),
            "alg",
        ),
        "an extension that must be known": (issuer.token(header={"crit": ["x"], "x": 1}), "form"),
        "claims that are not encoded": (issuer.token(header={"b64": False, "crit": ["b64"]}), "form"),
    }


def _by_hmac(claims: str) -> str:
    """Return a token that is signed with the text of the public key, as if it were a secret."""
    beginning = encoded('{"alg": "HS256", "kid": "first"}') + "." + claims
    pem = rsa_key("first").as_pem(private=False)
    return f"{beginning}.{encoded(hmac.digest(pem, beginning.encode(), 'sha256'))}"


def _none(issuer: Issuer) -> str:
    return _unsigned(issuer, alg="none").rpartition(".")[0]


def _unsigned(issuer: Issuer, **header: object) -> str:
    named = {name: value for name, value in {"kid": "first", **header}.items() if value is not None}
    return f"{encoded(json.dumps(named))}.{_parts(issuer)[1]}.AAAA"


def _of_wrong_signatures(issuer: Issuer) -> dict[str, tuple[str, str]]:
    header, claims, signature = _parts(issuer)
    other = issuer.token(sub="repo:octo/other").split(".")
    own = rsa_key("attacker").as_dict(private=False)
    kid = {"kid": "first"}
    return {
        "signed by another key": (issuer.token(key=rsa_key("attacker"), header=kid), "signature"),
        "signed by a key in the header": (
            issuer.token(key=rsa_key("attacker"), header={**kid, "jwk": own}),
            "signature",
        ),
        "signed by a key at an address in the header": (
            issuer.token(key=rsa_key("attacker"), header={**kid, "jku": "https://evil.example.org/keys"}),
            "signature",
        ),
        "signed by another curve's key": (
            issuer.token(key=ec_key("attacker"), header={"kid": "curve"}),
            "signature",
        ),
        "the claims of another token": (f"{header}.{other[1]}.{signature}", "signature"),
        "the header of another token": (
            f"{issuer.token(header={'typ': None}).split('.')[0]}.{claims}.{signature}",
            "signature",
        ),
        "one byte changed": (f"{header}.{claims}.{_changed(signature)}", "signature"),
        "a signature of nothing": (f"{header}.{claims}.AAAA", "signature"),
        "a signature of zeros": (f"{header}.{claims}.{encoded(bytes(256))}", "signature"),
        "a curve's signature of zeros": (_curve_with(issuer, bytes(64)), "signature"),
        "a curve's signature in DER": (_curve_with(issuer, b"\x30\x06\x02\x01\x01\x02\x01\x01"), "signature"),
        "a signature of 5 KB": (f"{header}.{claims}.{encoded(bytes(5000))}", "signature"),
    }


def _changed(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]


def _curve_with(issuer: Issuer, signature: bytes) -> str:
    beginning = issuer.token(key=ec_key("curve")).rpartition(".")[0]
    return f"{beginning}.{encoded(signature)}"


def _of_wrong_times(issuer: Issuer) -> dict[str, tuple[str, str]]:
    now = int(NOW())
    return {
        "no exp": (issuer.token(exp=None), "exp"),
        "exp as a text": (issuer.token(exp=str(now + 300)), "exp"),
        "exp is true": (issuer.token(exp=True), "exp"),
        "exp is a list": (issuer.token(exp=[now + 300]), "exp"),
        "exp is negative": (issuer.token(exp=-1), "exp"),
        "exp is 0": (issuer.token(exp=0), "exp"),
        "exp is 1e300": (_with_payload(_claims(issuer, exp=None) + ', "exp": 1e300}'), "exp"),
        "expired a minute ago": (issuer.token(iat=now - 360, exp=now - 60), "exp"),
        "lives longer than an hour": (issuer.token(exp=now + 3700), "exp"),
        "lives for ever": (issuer.token(exp=253_402_300_799), "exp"),
        "expires before it was issued": (issuer.token(iat=now + 20, exp=now + 10), "exp"),
        "no iat": (issuer.token(iat=None), "iat"),
        "iat as a text": (issuer.token(iat=str(now)), "iat"),
        "issued in a minute": (issuer.token(iat=now + 60), "iat"),
        "iat of long ago, for an exp of now": (issuer.token(iat=1), "exp"),
        "valid in a minute": (issuer.token(nbf=now + 60), "nbf"),
        "nbf as a text": (issuer.token(nbf=str(now)), "nbf"),
    }


def _of_wrong_claims(issuer: Issuer) -> dict[str, tuple[str, str]]:
    return {
        "no issuer": (issuer.token(iss=None), "iss"),
        "an issuer that is a list": (issuer.token(iss=[issuer.url]), "iss"),
        "an issuer that is empty": (issuer.token(iss=""), "iss"),
        "no audience": (issuer.token(aud=None), "aud"),
        "another audience": (issuer.token(aud="https://other.example.org"), "aud"),
        "the audience in other case": (issuer.token(aud=AUDIENCE.upper()), "aud"),
        "the audience with a slash": (issuer.token(aud=AUDIENCE + "/"), "aud"),
        "two audiences": (issuer.token(aud=[AUDIENCE, "https://other.example.org"]), "aud"),
        "a list of one audience": (issuer.token(aud=[AUDIENCE]), "aud"),
        "no jti": (issuer.token(jti=None), "jti"),
        "an empty jti": (issuer.token(jti=""), "jti"),
        "a jti that is a number": (issuer.token(jti=1), "jti"),
        "a jti of 256 characters": (issuer.token(jti="x" * 256), "jti"),
        "a jti with a zero byte": (issuer.token(jti="a\0b"), "jti"),
    }
