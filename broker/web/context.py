"""What views need of the application: transactions, links, settings, the time, and the other views."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from http import HTTPStatus

from flask import Response, abort, current_app, g, request

from broker.domain.accounts.actor import Actor, ActorKind, Grant
from broker.domain.accounts.asking import Asking
from broker.domain.accounts.permissions import Action, Role
from broker.services.accounts.known import KnownAccounts
from broker.services.accounts.signing_keys import SigningKeys
from broker.services.circumstances import Circumstances
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.failures import failure_of, may_be_run_again
from broker.storage.readiness import Readiness
from broker.storage.storage import Storage
from broker.storage.turns import in_turn
from broker.storage.write_probe import WriteProbe
from broker.web import (
    auditing,
    base_url,
    conditions,
    idempotency,
    import_requests,
    lagging,
    permitted,
    rehearsals,
)
from broker.web.asked_by_gateway import SENDS_LATER
from broker.web.auditing import AuditLog
from broker.web.cached_counts import Counting
from broker.web.description.needs import ASKS_WHO, PUBLIC, READS, Needs
from broker.web.description.operation import ApiOperation, Relation
from broker.web.hal import Links
from broker.web.measurements import Measurements
from broker.web.permitted import Refusals
from broker.web.request_ids import ASKER
from broker.web.request_ids import trace as trace_of_request
from tally.values import dataclass

_KEY = "tallystick"
_UNKNOWN = "unknown_accounts"
_READING = {"GET", "HEAD", "OPTIONS"}
NOBODY = Actor("nobody", ActorKind.NOBODY, "", grants=frozenset({Grant(Role.READER)}))
"""Who asks without credentials where everybody may read."""


@dataclass(frozen=True)
class BrokerContext:
    """What `create_app` wires into an application."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    measurements: Measurements
    counting: Counting
    write_probe: WriteProbe
    readiness: Readiness
    operations: Mapping[str, ApiOperation]
    relations: Sequence[Relation]
    render_error: Callable[..., Response]
    identify: Callable[[], Actor | Response]
    has_credentials_of_settings: Callable[[], bool]
    known_accounts: KnownAccounts
    needs: Mapping[str, Needs]
    audit_log: AuditLog
    signing_keys: SigningKeys


def install(extensions: dict[str, object], context: BrokerContext) -> None:
    """Keep *context* among the application's extensions."""
    extensions[_KEY] = context


def _context() -> BrokerContext:
    context = current_app.extensions[_KEY]
    assert isinstance(context, BrokerContext)  # noqa: S101 - only `install` writes it
    return context


def transaction(*about: Hashable) -> AbstractContextManager[Storage]:
    """Yield a Storage to write to; the changes are committed at the end of the block.

    It begins when no other request to this process is *about* any of the same: for what many do at once.
    Those of a request with an Idempotency-Key are committed together with its answer. Raises
    PreconditionFailed when the request has a condition that does not hold, and PermissionDeniedError.
    """
    check_accounts_are_known()
    return _permitted(_transaction(about))


def _transaction(about: Collection[Hashable]) -> AbstractContextManager[Storage]:
    database = _context().database
    if rehearsals.asked_for():
        return rehearsals.transaction(database, now())
    opened = conditions.transaction(database) if conditions.apply_to_change() else database.transaction()
    if about:
        opened = in_turn(database.turn(about), opened)
    run = idempotency.current_run()
    return run.transaction(opened) if run else opened


@contextmanager
def _permitted(opened: AbstractContextManager[Storage], *, is_stored: bool = True) -> Iterator[Storage]:
    """Yield the Storage of a transaction that works for whoever asks (`broker/web/permitted.py`)."""
    needed, found, noted = needs(), actor(), refusals()
    asking = Asking(found, now(), noted.is_enforced, is_asked=needed.action is Action.READ)
    has_entry = is_stored and (needed.action is not Action.READ or needed is PUBLIC)
    entry = audit_log().entry_of_request(found) if has_entry else None
    try:
        with permitted.transaction(opened, asking, entry, needed) as storage:
            asking, storage.trace = storage.asking, trace_of_request
            yield storage
    finally:
        for refused in asking.refused:
            noted.note(asking.actor, refused)
    if storage.entry is not None:
        auditing.note_written()
    if asking.access_changed_at is not None:
        known_accounts().forget()


def store_if_possible(change: Callable[[Storage], None]) -> None:
    """Store what the answer can do without: it is the same while the database takes no changes."""
    try:
        with transaction() as storage:
            change(storage)
    except Exception as error:
        if failure_of(error) is None and not may_be_run_again(error):
            raise


def reading() -> AbstractContextManager[Storage]:
    """Yield a Storage to read from; that of the standby, where the view says that it may be (`may_lag`)."""
    check_accounts_are_known()
    return _shared() or lagging.reading(_context().database)


def reading_newest() -> AbstractContextManager[Storage]:
    """Yield a Storage to read from, of the primary also where the view may be answered from the standby."""
    check_accounts_are_known()
    return _shared() or _context().database.reading()


def _shared() -> AbstractContextManager[Storage] | None:
    run = idempotency.current_run()
    shared = conditions.storage_of_condition() or (run.storage if run else None)
    return nullcontext(shared) if shared else None


@contextmanager
def reading_as_asker() -> Iterator[Storage]:
    """Yield a Storage to read from, for what only some may see: the services ask it who asks."""
    with reading() as storage:
        storage.asking = Asking(actor(), now(), is_asked=True)
        yield storage


def reading_for_change() -> AbstractContextManager[Storage]:
    """Yield a Storage for what stores nothing, as sending a webhook, but needs a permission as if it did."""
    return _permitted(reading(), is_stored=False)


def note_unknown_accounts() -> None:
    """Note that the database was away when the broker looked whether there are accounts."""
    setattr(g, _UNKNOWN, True)


def check_accounts_are_known() -> None:
    """Raise what the database does, or permitted.AccountsFoundError, when who asks was judged without it."""
    if _UNKNOWN in g and _context().known_accounts.any():
        raise permitted.AccountsFoundError


def begin_to_send() -> None:
    """Note that the request sends something from now on: one with the same key will not send it again.

    On a thread that may not wait for a receiver the request ends here. The gateway carries it out on another.
    """
    if SENDS_LATER in request.environ:
        abort(Response(status=HTTPStatus.CONTINUE))
    if run := idempotency.current_run():
        run.begin(_context().database)


def write_probe() -> WriteProbe:
    """Return what finds out whether the database takes changes."""
    return _context().write_probe


def readiness() -> Readiness:
    """Return what finds out, in a bounded time, whether the database can be used."""
    return _context().readiness


def database() -> Database:
    """Return the database itself, for diagnosis and for what is stored of requests."""
    return _context().database


def settings() -> Settings:
    """Return the settings of this application, as they are for this request."""
    chosen = _context().settings
    return chosen if import_requests.date() is None else import_requests.without_implications(chosen)


def actor_or_refusal() -> Actor | Response:
    """Return who asks; an answer that asks to log in, for nobody and for wrong passwords.

    It is judged once: wrong passwords are counted.
    """
    judged: Actor | Response | None = g.get(ASKER)
    if judged is None:
        setattr(g, ASKER, NOBODY)  # for the page that tells the reason of a refusal
        judged = _context().identify()
        setattr(g, ASKER, judged)
    return judged


def has_credentials_of_settings() -> bool:
    """Return whether who asks is a user or a token of the settings, which the database is not asked for."""
    return _context().has_credentials_of_settings()


def ask_no_more() -> None:
    """Let nobody be looked up for the page that says that the database is away."""
    g.setdefault(ASKER, NOBODY)


def actor() -> Actor:
    """Return who asks; nobody in particular where the request needs no credentials, and has no right ones."""
    found = actor_or_refusal()
    return NOBODY if isinstance(found, Response) else found


def asker() -> str:
    """Return by which credentials the request came; "" when the broker asks for none."""
    found = actor()
    if found.kind is ActorKind.SETTINGS:
        return f"{found.via.removeprefix('settings ')} {found.name.removeprefix('settings:')}"
    return f"account {found.uuid}" if found.uuid else ""


def signing_keys() -> SigningKeys:
    """Return the keys of issuers of id tokens, as far as this process knows them."""
    return _context().signing_keys


def audit_log() -> AuditLog:
    """Return what tells the audit log of requests."""
    return _context().audit_log


def is_audited() -> bool:
    """Return whether writes have entries in the audit log; no while the database is away."""
    return _unless_away(audit_log().is_kept)


def known_accounts() -> KnownAccounts:
    """Return what this process knows of accounts and tokens."""
    return _context().known_accounts


def has_accounts() -> bool:
    """Return whether the rules of accounts hold; not while the database is away, and nobody knows."""
    return _unless_away(known_accounts().any)


def _unless_away(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except Exception as error:
        if failure_of(error) is None:
            raise
        return False


def needs() -> Needs:
    """Return what somebody must be allowed to do for this request."""
    found = _context().needs.get(request.endpoint or "")
    return found or (READS if request.method in _READING else ASKS_WHO)


def refusals() -> Refusals:
    """Return what notes the requests that somebody may not make."""
    context = _context()
    return Refusals(context.settings.permissions == "enforce", context.measurements.refused)


def measurements() -> Measurements:
    """Return what this application measures."""
    return _context().measurements


def clock() -> Callable[[], datetime]:
    """Return what tells the time of the broker itself, also while the request copies older data."""
    return _context().clock


def now() -> datetime:
    """Return the time of what is stored: that of the clock, or for copied data its own."""
    time = _context().clock()
    # What stores nothing copies nothing. Log-ins and exchanges are open to all, and go by the broker's clock.
    if not import_requests.has_date() or needs().action is Action.READ:
        return time
    copied = import_requests.date()
    return time if copied is None else min(copied, time)


def counting() -> Counting:
    """Return what counts everything in the broker."""
    return _context().counting


def operations() -> Mapping[str, ApiOperation]:
    """Return the descriptions of the views of the API, by endpoint."""
    return _context().operations


def relations() -> Sequence[Relation]:
    """Return the relations of the API."""
    return _context().relations


def render_error(message: str, status: int) -> Response:
    """Return the page of an error, for a browser."""
    return _context().render_error(message, status)


def told_at() -> Links | None:
    """Return the addresses that webhooks send; None when the request copies data, and triggers no webhook."""
    return links() if import_requests.date() is None else None


def circumstances() -> Circumstances:
    """Return under which circumstances the request is answered."""
    return Circumstances(now(), settings(), told_at())


def links() -> Links:
    """Return what makes links, from the address at which the broker was asked."""
    return Links(base_url.base(_context().settings.addresses, request.environ))
