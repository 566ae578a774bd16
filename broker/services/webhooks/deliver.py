"""Deliver what is due: claim, send, record; the network is asked between two transactions."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

import orjson

from broker.domain.webhooks import templates
from broker.domain.webhooks.concurrency import Lanes
from broker.domain.webhooks.delivery import Status, next_attempt
from broker.domain.webhooks.delivery_log import HIDDEN, DeliveryLog
from broker.domain.webhooks.templates import BodyKind, UnknownSecretError
from broker.domain.webhooks.webhook import Webhook, WebhookDescription
from broker.services.webhooks import secrets
from broker.services.webhooks.connection import Answer, Outgoing, SendingError
from broker.services.webhooks.secrets import UnusableKeyError
from broker.services.webhooks.send import send
from broker.settings import Settings
from broker.storage.storage import Storage
from broker.storage.webhooks.outbox import Claimed, Result

RECORDING = timedelta(seconds=5)
"""How much longer than an attempt a lease is, to record what came of it."""


@dataclass(frozen=True)
class Job:
    """A claimed delivery with all that it takes to attempt it; *webhook* is None when it was deleted."""

    claimed: Claimed
    webhook: Webhook | None
    tokens: Mapping[str, bytes]

    @property
    def webhook_id(self) -> int:
        """The storage's number of the webhook, 0 when it was deleted."""
        return self.webhook.id if self.webhook else 0


@dataclass(frozen=True)
class Attempt:
    """What came of sending a request; *error* is None when there was an answer."""

    success: bool
    log: DeliveryLog
    outgoing: Outgoing | None = None
    answer: Answer | None = None
    error: str | None = None


def claim(storage: Storage, room: Lanes, settings: Settings, now: datetime) -> list[Job]:
    """Take deliveries that are due, for as long as an attempt may last."""
    until = now + timedelta(seconds=settings.webhook_timeout) + RECORDING
    closed = room.full | room.slow
    claimed = storage.outbox.claim(now, until, most=room.free, receivers=closed) if room.free else []
    if room.free and room.slow:
        claimed += storage.outbox.claim(now, until, most=1, receivers=room.slow, only=True)
    webhooks = storage.webhooks.find_by_ids({item.webhook_id for item in claimed if item.webhook_id})
    names = {name for webhook in webhooks.values() for name in secrets_of(webhook.what)}
    tokens = storage.secrets.tokens(names)
    return [Job(item, webhooks.get(item.webhook_id or 0), tokens) for item in claimed]


def attempt(job: Job, settings: Settings, clock: Callable[[], datetime]) -> Attempt:
    """Send the delivery once. Never raises for what is wrong with the webhook or its receiver."""
    if job.webhook is None:
        log = DeliveryLog()
        log.add(clock(), "The webhook was deleted", "ERROR")
        return Attempt(success=False, log=log, error="the webhook was deleted")
    parameters = orjson.loads(job.claimed.parameters)
    return execute(job.webhook.what, parameters, job.tokens, settings, clock, delivery=job.claimed.uuid)


def execute(  # noqa: PLR0913 - what to send, with what, and the circumstances
    what: WebhookDescription,
    parameters: Mapping[str, str],
    tokens: Mapping[str, bytes],
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    delivery: str,
) -> Attempt:
    """Send the webhook's request once, with these parameters."""
    made = rehearse(what, parameters, tokens, settings, clock, delivery=delivery)
    if made.outgoing is None:
        return made
    try:
        answer = send(made.outgoing, settings)
    except SendingError as error:
        text = made.log.without_secrets(str(error))
        made.log.add(clock(), text, "ERROR")
        return replace(made, success=False, error=text)
    _log_answer(made.log, answer, settings, clock())
    return replace(made, success=answer.status in settings.webhook_http_code_success, answer=answer)


def rehearse(  # noqa: PLR0913 - what to send, with what, and the circumstances
    what: WebhookDescription,
    parameters: Mapping[str, str],
    tokens: Mapping[str, bytes],
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    delivery: str,
) -> Attempt:
    """Compose and log the request as `execute` does, but send nothing."""
    try:
        values = secrets.values(tokens, settings)
    except UnusableKeyError as error:
        return _not_sent(DeliveryLog(), str(error), clock())
    log = DeliveryLog(form for value in values.values() for form in templates.forms_of(value))
    log.add(clock(), f"context {orjson.dumps(parameters).decode()}", "DEBUG")
    try:
        outgoing = compose(what, parameters, values, settings, now=clock(), delivery=delivery)
    except UnknownSecretError as error:
        return _not_sent(log, f"There is no secret '{error}'", clock())
    # Credentials that were made of a secret would not be found in the log by its value.
    redact = settings.webhook_redact_sensitive_data or bool(values)
    _log_request(log, outgoing, clock(), redact=redact)
    return Attempt(success=True, log=log, outgoing=outgoing)


def record(storage: Storage, job: Job, made: Attempt, settings: Settings, now: datetime) -> None:
    """Store what came of an attempt: it is finished, or due again by the schedule."""
    attempts = job.claimed.attempts + 1
    due = None
    if not made.success and job.webhook is not None:
        due = next_attempt(attempts, settings.webhook_retry_schedule, now)
    result = Result(_status(made, due), _finished_log(made, due, attempts, now), due)
    if not storage.outbox.record(job.claimed, result, now) or job.webhook is None:
        return
    if result.success:
        storage.triggers.succeeded(job.webhook.id)
    elif due is None:
        storage.triggers.failed(job.webhook.id, now, most=settings.webhook_disable_after)


def _status(made: Attempt, due: datetime | None) -> Status:
    if made.success:
        return Status.SUCCESS
    return Status.FAILURE if due is None else Status.RETRYING


def _finished_log(made: Attempt, due: datetime | None, attempts: int, now: datetime) -> str:
    if made.success:
        return made.log.ending(now, "The webhook was delivered")
    if due is None:
        return made.log.ending(now, f"The delivery failed after {attempts} attempts", "ERROR")
    return made.log.ending(now, f"Retrying in {round((due - now).total_seconds())} seconds", "WARN")


def unexpected(now: datetime) -> Attempt:
    """Return what is recorded of an attempt that broke off; the broker's own log tells more."""
    return _not_sent(DeliveryLog(), "An unexpected error occurred; the broker's log tells more", now)


def compose(  # noqa: PLR0913 - what to send, with what, and the circumstances
    what: WebhookDescription,
    parameters: Mapping[str, str],
    secret_values: Mapping[str, str],
    settings: Settings,
    *,
    now: datetime,
    delivery: str,
) -> Outgoing:
    """Return the request as it goes over the wire. Raises UnknownSecretError."""
    request = what.request
    values = {f"pactbroker.{name}": value for name, value in parameters.items()}
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
    if request.body is not None and request.body_kind is BodyKind.JSON:
        headers["content-type"] = "application/json"
    if request.username is not None:
        name = templates.fill(request.username, values)
        password = templates.fill(request.password or "", values)
        headers["authorization"] = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    headers |= {name: templates.fill_header(value, values) for name, value in request.headers.items()}
    headers["x-tally-delivery"] = delivery
    headers["content-length"] = str(len(body))
    if what.signing_secret is not None:
        headers["x-tally-signature"] = _signature(what.signing_secret, secret_values, body, now)
    return Outgoing(request.method, url, headers, body)


def _signature(name: str, secret_values: Mapping[str, str], body: bytes, now: datetime) -> str:
    if name not in secret_values:
        raise UnknownSecretError(name)
    stamp = str(int(now.timestamp()))
    signed = hmac.new(secret_values[name].encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hexdigest()}"


def secrets_of(what: WebhookDescription) -> set[str]:
    """Return the names of the secrets that the webhook uses."""
    signing = {what.signing_secret} if what.signing_secret else set()
    return what.request.secrets | signing


def tokens_for(storage: Storage, what: WebhookDescription) -> Mapping[str, bytes]:
    """Return the encrypted secrets that the webhook uses, as far as they exist."""
    return storage.secrets.tokens(secrets_of(what))


def _not_sent(log: DeliveryLog, reason: str, now: datetime) -> Attempt:
    log.add(now, reason, "ERROR")
    return Attempt(success=False, log=log, error=reason)


def _log_request(log: DeliveryLog, outgoing: Outgoing, now: datetime, *, redact: bool) -> None:
    log.add(now, f"HTTP/1.1 request {outgoing.method} {outgoing.url}")
    log.add_headers(now, outgoing.headers, redact=redact)
    log.add(now, outgoing.body.decode("utf-8", "replace"))


def _log_answer(log: DeliveryLog, answer: Answer, settings: Settings, now: datetime) -> None:
    if 300 <= answer.status < 400:  # noqa: PLR2004 - the redirects
        log.add(now, "The receiver redirects, which is not followed: give the final URL", "WARN")
    log.add(now, f"HTTP/1.1 response {answer.status}")
    if not settings.webhook_host_whitelist:
        log.add(now, HIDDEN)
        return
    log.add_headers(now, answer.headers, redact=settings.webhook_redact_sensitive_data)
    cut = " … (cut)" if answer.is_cut else ""
    log.add(now, answer.body.decode("utf-8", "ignore").replace("\0", "") + cut)
