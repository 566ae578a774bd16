"""Deliver what is due: claim in a transaction, send outside of any, record in the next transaction."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from secrets import token_hex
from urllib.parse import urlsplit

import orjson

from broker.domain import trace_parent
from broker.domain.trace_parent import TraceParent
from broker.domain.webhooks import templates
from broker.domain.webhooks.concurrency import SendingCapacity
from broker.domain.webhooks.delivery import Status, seconds_until_next
from broker.domain.webhooks.delivery_log import HIDDEN, RESPONSE, DeliveryLog
from broker.domain.webhooks.secret import SealedSecret
from broker.domain.webhooks.secret_texts import starred
from broker.domain.webhooks.secret_use import SecretNotAllowedError, broken_rule, hosts_of
from broker.domain.webhooks.templates import BodyKind, UnknownSecretError
from broker.domain.webhooks.webhook import Webhook, WebhookDescription
from broker.services.outgoing.connection import OutgoingRequest, ReceiverResponse, SendingError
from broker.services.webhooks import attempt_logs, credentials, secrets
from broker.services.webhooks.secrets import UnusableKeyError
from broker.services.webhooks.send import send
from broker.settings.settings import Settings
from broker.storage.storage import Storage
from broker.storage.webhooks.credentials import SealedRequest
from broker.storage.webhooks.outbox import AttemptRecord, ClaimedDelivery
from tally.values import dataclass

SECONDS_TO_RECORD = 5
"""How much longer a lease is than an attempt, so that the attempt can be recorded before another worker
claims the delivery."""

LONGEST_ANSWER = 200
"""Characters of what is kept of an answer beside the log."""

SLACK = 60
"""Seconds by which a delivery may be due later than its wait, before the clock is blamed."""


@dataclass(frozen=True)
class DeliveryToSend:
    """A claimed delivery with its webhook, None when that was deleted; *secrets* are encrypted."""

    claimed: ClaimedDelivery
    webhook: Webhook | None
    secrets: Mapping[str, SealedSecret]

    @property
    def webhook_id(self) -> int:
        """The id of the webhook in the storage, 0 when it was deleted."""
        return self.webhook.id if self.webhook else 0


@dataclass(frozen=True)
class RequestToSend:
    """The request of a webhook with what fills its template; *secrets* are encrypted, by name.

    *team_id* is that of the webhook, or of the one that it would be. *delivery* is what the receiver can tell
    deliveries apart by: the header X-Tally-Delivery. *sealed* are the headers and the password of the
    request, encrypted; None when it has them.
    """

    webhook: WebhookDescription
    parameters: Mapping[str, str]
    secrets: Mapping[str, SealedSecret]
    delivery: str
    sealed: bytes | None = None
    team_id: int | None = None
    span: TraceParent | None = None
    """Its place in the trace of what caused it."""


@dataclass(frozen=True)
class Attempt:
    """What came of sending a request once; *error* is None when there was a response."""

    success: bool
    log: DeliveryLog
    request: OutgoingRequest | None = None
    response: ReceiverResponse | None = None
    error: str | None = None


def claim(storage: Storage, capacity: SendingCapacity, settings: Settings) -> list[DeliveryToSend]:
    """Claim deliveries that are due, with a lease that is longer than an attempt may take."""
    lease = settings.webhook_timeout + SECONDS_TO_RECORD
    if not capacity.free:
        return []
    claim = partial(storage.outbox.claim, lease, under_way=capacity.under_way)
    claimed = claim(most=capacity.free, receivers=capacity.full | capacity.slow)
    if capacity.slow:
        claimed += claim(most=1, receivers=capacity.slow, only=True)
    webhooks = storage.webhooks.find_by_ids({item.webhook_id for item in claimed if item.webhook_id})
    names = {name for webhook in webhooks.values() for name in webhook.what.secrets}
    sealed = storage.secrets.sealed(names)
    return [DeliveryToSend(item, webhooks.get(item.webhook_id or 0), sealed) for item in claimed]


def any_due_too_late(storage: Storage, settings: Settings) -> bool:
    """Return whether a delivery is due later than any can be, because the clock was set back meanwhile."""
    return storage.outbox.any_due_after(_longest_wait(settings))


def bring_forward(storage: Storage, settings: Settings) -> int:
    """Let the deliveries that are due later than any can be, be due now; return how many they are."""
    return storage.outbox.bring_forward(_longest_wait(settings))


def _longest_wait(settings: Settings) -> float:
    lease = settings.webhook_timeout + SECONDS_TO_RECORD
    return float(max(lease, *settings.webhook_retry_schedule, 0) + SLACK)


def caused_by(delivery: DeliveryToSend) -> TraceParent:
    """Return the trace that the delivery belongs to, the same at each attempt."""
    claimed = delivery.claimed
    stored = trace_parent.parse(claimed.traceparent) if claimed.traceparent else None
    return stored or trace_parent.begun_by(claimed.uuid)


def new_span(trace: TraceParent) -> TraceParent:
    """Return a new span of the trace, for one request."""
    return trace.with_span(token_hex(8))


def attempt_once(
    delivery: DeliveryToSend,
    settings: Settings,
    clock: Callable[[], datetime],
    span: TraceParent | None = None,
) -> Attempt:
    """Send the delivery once; *span* is that of this attempt, if somebody watches it.

    Never raises for what is wrong with the webhook or its receiver.
    """
    if delivery.webhook is None:
        log = DeliveryLog()
        log.add(clock(), "The webhook was deleted", "ERROR")
        return Attempt(success=False, log=log, error="the webhook was deleted")
    parameters = orjson.loads(delivery.claimed.parameters)
    request = RequestToSend(
        delivery.webhook.what,
        parameters,
        delivery.secrets,
        delivery=delivery.claimed.uuid,
        sealed=delivery.webhook.sealed,
        team_id=delivery.webhook.team_id,
        span=span or new_span(caused_by(delivery)),
    )
    return send_request(request, settings, clock)


def send_request(request: RequestToSend, settings: Settings, clock: Callable[[], datetime]) -> Attempt:
    """Fill in the template, and send the request once."""
    composed = compose(request, settings, clock)
    if composed.request is None:
        return composed
    try:
        response = send(composed.request, settings)
    except SendingError as error:
        text = composed.log.without_secrets(str(error))
        composed.log.add(clock(), text, "ERROR")
        return replace(composed, success=False, error=text)
    _log_response(composed.log, response, settings, clock())
    success = response.status in settings.webhook_http_code_success
    return replace(composed, success=success, response=response)


def compose(request: RequestToSend, settings: Settings, clock: Callable[[], datetime]) -> Attempt:
    """Fill in the template, and log the request as `send_request` does, but send nothing."""
    try:
        secret_values = secrets.values(request.secrets, settings)
        template = credentials.opened(SealedRequest(request.webhook.request, request.sealed), settings)
    except UnusableKeyError as error:
        return _not_sent(DeliveryLog(), str(error), clock())
    # Credentials that were made of a secret would not be found in the log by its value.
    redact = settings.webhook_redact_sensitive_data or bool(secret_values)
    forms = (form for value in secret_values.values() for form in templates.forms_of(value))
    log = DeliveryLog(forms, redact=redact)
    log.add(clock(), f"context {orjson.dumps(request.parameters).decode()}", "DEBUG")
    try:
        readable = replace(request, webhook=replace(request.webhook, request=template))
        composed = _fill_in(readable, secret_values, settings, clock())
        _check_secrets(readable, composed)
    except UnknownSecretError as error:
        return _not_sent(log, f"There is no secret '{error}'", clock())
    except SecretNotAllowedError as error:
        return _not_sent(log, str(error), clock())
    _log_request(log, composed, clock())
    return Attempt(success=True, log=log, request=composed)


def record(
    storage: Storage, delivery: DeliveryToSend, attempt: Attempt, *, settings: Settings, now: datetime
) -> None:
    """Store an attempt: the delivery is finished, or due again by the schedule."""
    attempts = delivery.claimed.attempts + 1
    wait = None
    if not attempt.success and delivery.webhook is not None:
        wait = seconds_until_next(attempts, settings.webhook_retry_schedule)
    log = attempt_logs.as_stored(_finished_log(attempt, wait, attempts, now), settings)
    made = AttemptRecord(_status(attempt, wait), log, wait, _answer(attempt))
    if not storage.outbox.record(delivery.claimed, made, now) or delivery.webhook is None:
        return
    if made.success:
        storage.triggers.succeeded(delivery.webhook.id)
    elif wait is None:
        storage.triggers.failed(delivery.webhook.id, now, most=settings.webhook_disable_after)


def _answer(attempt: Attempt) -> str:
    """Return what the attempt brought, in a few words without secrets."""
    if attempt.response is not None:
        return str(attempt.response.status)
    return starred(attempt.error or "")[:LONGEST_ANSWER]


def _status(attempt: Attempt, wait: int | None) -> Status:
    if attempt.success:
        return Status.SUCCESS
    return Status.FAILURE if wait is None else Status.RETRYING


def _finished_log(attempt: Attempt, wait: int | None, attempts: int, now: datetime) -> str:
    if attempt.success:
        return attempt.log.ending(now, "The webhook was delivered")
    if wait is None:
        return attempt.log.ending(now, f"The delivery failed after {attempts} attempts", "ERROR")
    return attempt.log.ending(now, f"Retrying in {wait} seconds", "WARN")


def failed_unexpectedly(now: datetime) -> Attempt:
    """Return what is recorded of an attempt that an error of ours ended; the broker's own log tells more."""
    return _not_sent(DeliveryLog(), "An unexpected error occurred: see the broker's log", now)


def _fill_in(
    to_send: RequestToSend, secret_values: Mapping[str, str], settings: Settings, now: datetime
) -> OutgoingRequest:
    """Return the request as it goes over the wire. Raises UnknownSecretError."""
    request = to_send.webhook.request
    values = {f"pactbroker.{name}": value for name, value in to_send.parameters.items()}
    values |= {f"secret.{name}": value for name, value in secret_values.items()}
    body = templates.fill_body(request.body, values, request.body_kind)
    url = templates.fill_url(request.url, values)
    headers = {
        "host": urlsplit(url).netloc.rpartition("@")[2],
        "user-agent": settings.user_agent or f"Tallystick/{version('tallystick')}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }
    if to_send.span is not None:
        headers["traceparent"] = str(to_send.span)
    if request.body is not None and request.body_kind is BodyKind.JSON:
        headers["content-type"] = "application/json"
    if request.username is not None:
        name = templates.fill(request.username, values)
        password = templates.fill(request.password or "", values)
        headers["authorization"] = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    # The webhook's own headers replace those above; what follows, nobody can replace.
    headers |= {name: templates.fill_header(value, values) for name, value in request.headers.items()}
    headers["x-tally-delivery"] = to_send.delivery
    headers["content-length"] = str(len(body))
    if to_send.webhook.signing_secret is not None:
        headers["x-tally-signature"] = _signature(to_send.webhook.signing_secret, secret_values, body, now)
    return OutgoingRequest(request.method, url, headers, body)


def _signature(name: str, secret_values: Mapping[str, str], body: bytes, now: datetime) -> str:
    if name not in secret_values:
        raise UnknownSecretError(name)
    stamp = str(int(now.timestamp()))
    # The time is signed too, so that a receiver can refuse what somebody recorded and sends again later.
    signed = hmac.new(secret_values[name].encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hexdigest()}"


def _check_secrets(to_send: RequestToSend, composed: OutgoingRequest) -> None:
    """Raise SecretNotAllowedError if the webhook may not use one of its secrets, or not for this receiver.

    It is asked again of what is about to be sent: its parameters are filled in now, and the secret may have
    other hosts, or another team, than when the webhook was stored.
    """
    hosts = hosts_of(composed.url, composed.headers)
    for name in sorted(to_send.webhook.secrets):
        secret = to_send.secrets.get(name)
        rule = broken_rule(name, secret, to_send.team_id, hosts) if secret else None
        if rule is not None:
            raise SecretNotAllowedError(f"It was not sent: {rule}")


def span_in(storage: Storage) -> TraceParent | None:
    """Return a new span of the trace of the request that asks; None when none does."""
    return new_span(storage.trace()) if storage.trace else None


def secrets_for(storage: Storage, what: WebhookDescription) -> Mapping[str, SealedSecret]:
    """Return the encrypted secrets that the webhook uses, as far as they exist."""
    return storage.secrets.sealed(what.secrets)


def _not_sent(log: DeliveryLog, reason: str, now: datetime) -> Attempt:
    log.add(now, reason, "ERROR")
    return Attempt(success=False, log=log, error=reason)


def _log_request(log: DeliveryLog, request: OutgoingRequest, now: datetime) -> None:
    log.add(now, f"HTTP/1.1 request {request.method} {request.url}")
    log.add_headers(now, request.headers)
    log.add(now, request.body.decode("utf-8", "replace"))


def _log_response(log: DeliveryLog, response: ReceiverResponse, settings: Settings, now: datetime) -> None:
    if 300 <= response.status < 400:  # noqa: PLR2004 - the redirects
        log.add(now, "The receiver redirects, and redirects are not followed: give the final URL", "WARN")
    log.add(now, f"{RESPONSE} {response.status}")
    if not settings.webhook_host_whitelist:
        log.add(now, HIDDEN)
        return
    log.add_headers(now, response.headers)
    cut = " … (cut)" if response.is_cut else ""
    log.add(now, response.body.decode("utf-8", "ignore").replace("\0", "") + cut)
