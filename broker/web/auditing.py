"""What the audit log is told of requests: each write, in its transaction, and what was refused.

Nothing of a body is in an entry but what a service notes of it (`Storage.note`).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from flask import g, request

from broker.domain.accounts.actor import Actor
from broker.domain.accounts.log_in_tries import counted_address
from broker.domain.accounts.tokens import has_token
from broker.domain.audit.entry import NewEntry, Outcome
from broker.services.accounts.known import KnownAccounts
from broker.services.webhooks.deliver import RequestToSend
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.storage import Storage
from broker.web.client_address import client_address
from broker.web.failed_logins import FailedLogins
from broker.web.form_actions import ACTIONS
from broker.web.request_ids import request_id

SECONDS_APART = 60.0
"""Refusals of the same kind have one entry in this time, so that nobody can fill the log."""
MOST_FAILED = 60
"""Entries of failed log-ins, and of failed exchanges, from one address in a minute, whatever the names."""
MOST_REMEMBERED = 10_000
_WRITTEN = "audited"
_FORMS = "forms.change-"
_OF_PACTICIPANTS = ("pacticipant", "consumer", "provider")


class AuditLog:
    """Makes entries of requests. There are some once there are accounts; always, if a setting says so."""

    def __init__(
        self,
        database: Database,
        known: KnownAccounts,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._known = known
        self._settings = settings
        self._clock = clock
        self._timer = timer
        self._refused: dict[tuple[str, ...], float] = {}
        self._failed = FailedLogins(MOST_FAILED, timer=timer)
        self._lock = Lock()

    def is_kept(self) -> bool:
        """Return whether writes have entries."""
        return self._settings.audit == "always" or self._known.any()

    def entry_of_request(self, asker: Actor) -> NewEntry | None:
        """Return the entry of a change by *asker*; None when this request has one already."""
        return self._entry(asker, Outcome.DONE) if _WRITTEN not in g and self.is_kept() else None

    def refused(self, asker: Actor) -> None:
        """Store that *asker* may not do what this request asks, once in a minute."""
        if self.is_kept() and self._is_first(asker.name, request.endpoint or "", request.path):
            self._add(self._entry(asker, Outcome.REFUSED), pacticipants_in_path())

    def sent(self, asker: Actor, request: RequestToSend, uuid: str | None) -> None:
        """Store that *asker* is about to send a webhook at once, which changes nothing here."""
        if self.is_kept() and _WRITTEN not in g:
            action = "webhooks.execute" if uuid else "webhooks.execute_unsaved"
            entry = self._entry(asker, Outcome.DONE, action=action)
            what = request.webhook
            told = {"description": what.title, "receiver": what.request.name}
            entry = replace(entry, subject_kind="webhook", subject_name=uuid or what.title, after=told)
            self._add(entry, pacticipants_in_path(), team_id=request.team_id)
            note_written()

    def failed(self, action: str, asker: Actor) -> None:
        """Store that a log-in or an exchange has failed, once in a minute for each name and address.

        Nobody must be known for that, so one address cannot fill the log with names that it makes up.
        """
        address = counted_address(client_address(self._settings))
        if self._failed.seconds_to_wait((address, action)):
            return
        if self.is_kept() and self._is_first(action, asker.name, address):
            self._failed.failed((address, action))
            if has_token(asker.name):  # somebody took it for a name
                asker = replace(asker, name="")
            entry = self._entry(asker, Outcome.FAILED, action=action)
            self._add(replace(entry, subject_kind="account", subject_name=asker.name))

    def _add(self, entry: NewEntry, pacticipants: Sequence[str] = (), *, team_id: int | None = None) -> None:
        def add(storage: Storage) -> None:
            told = entry
            if team_id is not None:
                told = replace(entry, team=storage.teams.names([team_id]).get(team_id))
            storage.audit_entries.add(told, pacticipants)

        self._database.write(add)

    def _entry(self, asker: Actor, outcome: Outcome, *, action: str = "") -> NewEntry:
        names = request.view_args or {}
        return NewEntry(
            at=self._clock(),
            actor=asker,
            action=action or _action(),
            subject_kind=_kind(),
            subject_name=" / ".join(str(name) for name in names.values() if name is not None),
            outcome=outcome,
            address=client_address(self._settings) or None,
            request_id=request_id(),
        )

    def _is_first(self, *key: str) -> bool:
        now = self._timer()
        with self._lock:
            if now - self._refused.get(key, -SECONDS_APART) < SECONDS_APART:
                return False
            if len(self._refused) >= MOST_REMEMBERED:
                self._refused.clear()
            self._refused[key] = now
            return True


def pacticipants_in_path() -> list[str]:
    """Return the names in the path that are of pacticipants."""
    names = request.view_args or {}
    return [str(names[key]) for key in _OF_PACTICIPANTS if names.get(key)]


def begin() -> None:
    """Let the next transaction of this request write an entry: it is carried out, perhaps once more."""
    g.pop(_WRITTEN, None)


def note_written() -> None:
    """Note that this request has its entry: another transaction of it writes none."""
    setattr(g, _WRITTEN, True)


def _action() -> str:
    """Return what was asked: the name of the view, such as "pacts.publish", also for a form that does it."""
    name = (request.endpoint or request.method).removeprefix(_FORMS)
    return ACTIONS.get(name, name)


def _kind() -> str:
    """Return what kind of thing the path names: the resource of the view, or "page"."""
    if (request.endpoint or "").startswith(_FORMS):
        return _action().rpartition(".")[0] or "page"
    return request.blueprint or "nothing"
