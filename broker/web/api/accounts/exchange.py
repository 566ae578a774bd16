"""The exchange of id tokens: a pipeline gets a token of the broker for that of its provider."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, jsonify, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import RequestEntityTooLarge

from broker.domain import limits
from broker.domain.accounts.actor import Actor, ActorKind
from broker.domain.accounts.id_token import IdTokenError, read_id_token, shown
from broker.domain.errors import ForbiddenError, Refusal, ValidationError
from broker.services.accounts import exchange
from broker.services.accounts.exchange import GivenToken, TooManyExchangesError
from broker.services.accounts.id_tokens import verified_claims
from broker.services.accounts.signing_keys import IssuerAwayError
from broker.web import idempotency, parsing, problems
from broker.web.api.accounts.id_tokens import MOST_BODY_BYTES, keys_for, token_in_body
from broker.web.content_types import FORM, HAL, JSON
from broker.web.context import audit_log, now, reading, settings, transaction
from broker.web.description.needs import READS
from broker.web.hal import timestamp
from broker.web.resource import ApiResource

api = ApiResource("exchange", __name__)
api.relation(
    "tally:exchange-token",
    "POST the id token of a pipeline as `token`: the answer has a token for `Authorization: Bearer`, which "
    "lives 15 minutes at most. Where trusts of several accounts fit, `account` names one. The form of RFC "
    "8693 is understood as well. It needs no credentials.",
    "exchange-token",
    title="Exchange the id token of a pipeline for a token",
    with_accounts=True,
)
_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind
_TYPES = ("urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:jwt")
_PARAMETERS = ("grant_type", "subject_token", "subject_token_type", "requested_token_type", "account")
_MOST_PARAMETERS = 20
_TOO_MANY = f"A repository may exchange {exchange.MOST_PER_SECOND} id tokens in a second. Try again in 1 s."


@api.post(
    "exchange-token",
    answers="ExchangedToken",
    takes="IdToken",
    takes_types=(JSON, FORM),
    most_bytes=MOST_BODY_BYTES,
    refuses=(401, 403, 429),
    needs=READS,  # nothing, in truth: who asks is known by the id token
    public_if=lambda _settings: True,
)
def exchange_token() -> Response:
    """Exchange the id token of a pipeline for a token of a service account."""
    is_form = request.mimetype == FORM
    try:
        _check_request()
        given = _exchanged(*(_token_in_form() if is_form else token_in_body()))
    except (Refusal, IssuerAwayError, TooManyExchangesError) as error:
        answer = _refused(error, is_form=is_form)
    else:
        answer = jsonify(_as_form_answer(given) if is_form else _as_answer(given))
        if is_form:
            answer.content_type = JSON
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check_request() -> None:
    if request.query_string:
        raise ValidationError({"token": ["must be in the body: addresses are written to logs"]})
    if idempotency.is_given():
        raise ValidationError(
            {idempotency.HEADER: ["cannot be used here: answers with a token are not kept"]}
        )
    if (request.content_length or 0) > MOST_BODY_BYTES:
        raise RequestEntityTooLarge


def _exchanged(text: str, account: str | None) -> GivenToken:
    issuer = ""
    try:
        token = read_id_token(text)
        issuer = token.issuer
        with reading() as storage:
            exchange.check_issuer(storage, token)
        claims = verified_claims(token, keys_for(token), now())
        with transaction() as storage:
            exchange.count(storage, claims, now())
        with transaction() as storage:
            given = exchange.give_token(storage, claims, settings(), now(), account=account)
            entry = audit_log().entry_of_request(exchange.actor_of(given))
            storage.entry = entry and replace(entry, action="exchange")
            by = [trust.uuid for trust in given.by.trusts]
            what = {"trusts": by, "origin": given.origin, "scopes": sorted(given.scopes)}
            storage.note("token", given.prefix, team=given.by.account.team, after=what)
    except (IdTokenError, ForbiddenError):
        audit_log().failed("exchange", Actor(shown(issuer) or "nobody", ActorKind.NOBODY, "id token"))
        raise
    return given


def _token_in_form() -> tuple[str, str | None]:
    """Return the subject_token of RFC 8693, and our `account`. Raises ValidationError."""
    try:
        given = parse_qsl(
            parsing.body().decode(),
            keep_blank_values=True,
            max_num_fields=_MOST_PARAMETERS,
            strict_parsing=True,
        )
    except ValueError as error:
        raise ValidationError({"subject_token": ["cannot be read: the form is malformed"]}) from error
    found = dict(given)
    if errors := _wrong_parameters(given, found):
        raise ValidationError(errors)
    return found["subject_token"], found.get("account") or None


def _wrong_parameters(given: Sequence[tuple[str, str]], found: Mapping[str, str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name in found:
        if name not in _PARAMETERS:
            errors[name[:100]] = ["is no parameter that is understood here"]
        elif len([key for key, _ in given if key == name]) > 1:
            errors[name] = ["is given more than once"]
    if found.get("grant_type") != _GRANT:
        errors["grant_type"] = [f"must be {_GRANT}"]
    if found.get("subject_token_type") not in _TYPES:
        errors["subject_token_type"] = [f"must be {' or '.join(_TYPES)}"]
    if found.get("requested_token_type", _ACCESS_TOKEN) != _ACCESS_TOKEN:
        errors["requested_token_type"] = [f"must be {_ACCESS_TOKEN}"]
    if len(found.get("account", "")) > limits.NAME:
        errors["account"] = [f"must have at most {limits.NAME} characters"]
    if not found.get("subject_token"):
        errors["subject_token"] = ["is missing"]
    return errors


def _as_answer(given: GivenToken) -> dict[str, Any]:
    return {
        "token": given.text,
        "expiresAt": timestamp(given.expires_at),
        "scopes": sorted(given.scopes),
    }


def _as_form_answer(given: GivenToken) -> dict[str, Any]:
    """Return the answer of RFC 8693."""
    return {
        "access_token": given.text,
        "issued_token_type": _ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": max(0, int((given.expires_at - now()).total_seconds())),
        "scope": " ".join(sorted(given.scopes)),
    }


def _refused(error: Exception, *, is_form: bool) -> Response:
    """Return the answer to whoever gets no token."""
    status, seconds, text = _reason(error)
    if is_form and status in {400, 401, 403}:
        # RFC 8693 §2.2.2: one status and one code for whatever is wrong with the token.
        answer = jsonify({"error": "invalid_request", "error_description": text})
        answer.status_code = 400
        answer.content_type = JSON
        return answer
    if isinstance(error, Refusal):
        answer = problems.refused(error)
    else:
        answer = jsonify({"error": text})
        answer.status_code = status
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    if status == 401:  # noqa: PLR2004 - as the status says
        if answer.mimetype == HAL:  # as every 401 of the broker
            answer.content_type = f"{JSON};charset=utf-8"
        answer.headers["WWW-Authenticate"] = WWWAuthenticate("bearer", {"error": "invalid_token"}).to_header()
    return answer


def _reason(error: Exception) -> tuple[int, int, str]:
    """Return the status, after how many seconds to try again, and the text."""
    if isinstance(error, IssuerAwayError):
        return (
            503,
            error.retry_after,
            f"The keys of {error.issuer} cannot be fetched at the moment. Try again",
        )
    if isinstance(error, TooManyExchangesError):
        return 429, 1, _TOO_MANY
    assert isinstance(error, Refusal)  # noqa: S101 - as it was caught
    return problems.status_of(error), 0, str(error)
