"""The application: the only place that wires things together."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from time import monotonic, perf_counter
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import JSONProvider

from broker.services.accounts.issuer_documents import fetcher
from broker.services.accounts.known import KnownAccounts
from broker.services.accounts.known_passwords import KnownPasswords
from broker.services.accounts.signing_keys import SigningKeys
from broker.services.outgoing.rules import issuer_rules
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import failure_of
from broker.storage.readiness import Readiness
from broker.storage.retrying import Retrying
from broker.storage.write_probe import WriteProbe
from broker.web import (
    api,
    auditing,
    authentication,
    compression,
    conditions,
    pages,
    problems,
    session_upkeep,
    standby_answers,
)
from broker.web.asked_by_gateway import NOTE
from broker.web.auditing import AuditLog
from broker.web.cached_counts import Counting
from broker.web.context import BrokerContext, install
from broker.web.cross_site import OwnSite
from broker.web.hal import to_json
from broker.web.judgement import judge
from broker.web.lengths import check_names
from broker.web.measurements import Measurements
from broker.web.pages import explorer, forms, rendering
from broker.web.paths import Identifier, LazyRule, Paths, Segment, shown_route
from broker.web.repeated_requests import answered_once
from broker.web.request_ids import known_asker
from broker.web.wellformed import check_url
from tally import json_text

NEEDS = {endpoint: operation.needs for endpoint, operation in api.OPERATIONS.items()} | forms.NEEDS
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(  # noqa: PLR0913 - what it works with, two clocks, and what outlives it
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    timer: Callable[[], float] = monotonic,
    known: KnownAccounts | None = None,
    measurements: Measurements | None = None,
) -> Flask:
    """Return the broker as a WSGI application; *clock* dates what is stored, *timer* measures waits.

    *known*, what this process knows of accounts, and *measurements* stay when it makes an application anew.
    *database* must have the current schema: see `broker.storage.migrations.upgrade`.
    """
    app = Broker("broker.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request_megabytes * 1024 * 1024
    known = known or KnownAccounts(database, has_providers=bool(settings.oidc_providers))
    _look_ahead(known)
    guard = _guard(settings, database, known, clock=clock, timer=timer)
    measurements = measurements or Measurements(database, settings)
    app.answered = measurements.answered
    app.retrying = database.retrying
    context = BrokerContext(
        settings=settings,
        database=database,
        clock=clock,
        measurements=measurements,
        counting=Counting(database, clock),
        write_probe=WriteProbe(database, timer),
        readiness=Readiness(database, timer),
        operations=api.OPERATIONS,
        relations=api.RELATIONS,
        render_error=rendering.render_error,
        identify=guard.identify,
        has_credentials_of_settings=guard.has_credentials_of_settings,
        known_accounts=known,
        needs=NEEDS,
        signing_keys=SigningKeys(fetcher(issuer_rules(settings)), timer),
        audit_log=AuditLog(database, known, settings, clock=clock, timer=timer),
    )
    install(app.extensions, context)
    problems.install(app)
    app.before_request(check_url)
    app.before_request(guard.check)
    app.before_request(OwnSite(settings.addresses).check)
    if settings.use_hal_browser:
        app.before_request(explorer.to_explorer)
    app.before_request(conditions.check_charset)
    app.after_request(session_upkeep.keep)
    for step in (_add_headers, compression.answer, conditions.answer, compression.announce):
        app.after_request(step)  # the last one comes first
    app.before_request(check_names)
    app.before_request(judge)
    api.register(app)
    pages.register(app)
    standby_answers.install(app, database.standby)
    _check_needs(app)
    app.wsgi_app = Paths(app.wsgi_app, app.url_map)  # type: ignore[method-assign]
    return app


def _guard(
    settings: Settings,
    database: Database,
    known: KnownAccounts,
    *,
    clock: Callable[[], datetime],
    timer: Callable[[], float],
) -> authentication.Guard:
    """Return what finds out who asks, and whether they may."""
    passwords = None
    if settings.basic_auth_for_people:
        limit = settings.failed_logins_per_minute
        passwords = KnownPasswords(database, known, limit=limit, clock=clock, timer=timer)
    return authentication.Guard(
        settings, api.OPERATIONS, known, passwords=passwords, clock=clock, timer=timer
    )


def _look_ahead(known: KnownAccounts) -> None:
    """Ask whether there are accounts, so that no request has to, unless the database is away."""
    try:
        known.any()
    except Exception as error:
        if failure_of(error) is None:
            raise


def _check_needs(app: Flask) -> None:
    """Raise TypeError when a view that may change something does not say what permission it needs."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in NEEDS and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            raise TypeError(f"{rule.endpoint} does not say what permission it needs")


class Broker(Flask):
    """Flask with exact paths, orjson, and a second try for transactions that the database asks to repeat."""

    answered: Callable[[str, str, int, float], None]
    retrying: Retrying
    url_rule_class = LazyRule

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.json = Json(self)
        self.url_map.converters |= {"segment": Segment, "identifier": Identifier}
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself: none of ours is a coroutine, so there is nothing to look for."""
        return func

    def full_dispatch_request(self) -> Response:
        """Answer, and count the answer."""
        started = perf_counter()
        response = super().full_dispatch_request()
        rule = request.url_rule.rule if request.url_rule else ""
        if response.status_code != HTTPStatus.CONTINUE:
            self.answered(request.method, rule, response.status_code, perf_counter() - started)
        if note := request.environ.get(NOTE):
            note(shown_route(rule), *known_asker())
        return response

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS as the Pact Broker does (reference §1.3)."""
        response = super().make_default_options_response()
        methods = ", ".join(sorted(response.allow))
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = methods
        del response.headers["Content-Type"]
        return response

    def dispatch_request(self) -> Any:
        """Run the view; a request is one transaction, so after a deadlock it can simply run again."""
        view = super().dispatch_request

        def once() -> Any:
            auditing.begin()
            return answered_once(view)

        return self.retrying.run(once)


class Json(JSONProvider):
    """JSON by orjson; a view that returns a dict answers HAL."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return JSON text."""
        return to_json(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Parse JSON text."""
        return json_text.read(s if isinstance(s, str) else s.decode())

    def response(self, *args: Any, **_: Any) -> Response:
        """Return a HAL answer."""
        return Response(to_json(args[0]), content_type="application/hal+json;charset=utf-8")


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.add("X-Pact-Broker-Version", VERSION)  # nothing else sets it: `add` does not look for it
    headers.setdefault("Vary", "Accept")
    headers.setdefault("Cache-Control", "no-cache")
    headers.add("X-Content-Type-Options", "nosniff")
    if response.status_code == HTTPStatus.NO_CONTENT:
        headers.remove("Content-Type")  # of nothing
    headers.add("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    return response


VERSION = version("tallystick")
