"""Transactions that work for whoever asks, and what is noted of those that they may not make."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import g, request
from werkzeug.exceptions import ServiceUnavailable

from broker.domain.accounts.actor import Actor
from broker.domain.accounts.asking import Asking, RefusedAction
from broker.domain.accounts.permissions import ALWAYS_ENFORCED, EVERYWHERE_ACTIONS, Action
from broker.domain.audit.entry import NewEntry
from broker.services import permission
from broker.storage.storage import Storage
from broker.web.description.needs import Needs
from tally.values import dataclass

logger = logging.getLogger("broker")
_NOTED = "refused_actions"


class UnaskedPermissionError(Exception):
    """A view was about to store something without asking whether it may: an error of ours."""


class AccountsFoundError(ServiceUnavailable):
    """The database is there again, and has accounts: who asks must be judged anew."""

    description = "The database has just come back. Try again in a moment"


@dataclass(frozen=True)
class Refusals:
    """Notes what somebody may not do, each once for a request, and says whether it is refused."""

    is_enforced: bool
    count: Callable[[str], None]

    def note(self, actor: Actor, refused: RefusedAction) -> bool:
        """Log and count what was refused, or would be; return whether it is."""
        is_refused = self.is_enforced or refused.action in ALWAYS_ENFORCED
        noted: set[Action] = g.setdefault(_NOTED, set())
        if refused.action not in noted:
            noted.add(refused.action)
            self.count(refused.action)
            level, outcome = (logging.INFO, "Refused") if is_refused else (logging.WARNING, "Would refuse")
            about = f" for {refused.what}" if refused.what else ""
            logger.log(level, "%s: %s lacks the permission %s%s", outcome, actor.name, refused.action, about)
        return is_refused


def may_try(actor: Actor, action: Action) -> bool:
    """Return whether there is anything at all to which they may do this."""
    return actor.may_everywhere(action) if action in EVERYWHERE_ACTIONS else actor.may_somewhere(action)


@contextmanager
def transaction(
    opened: AbstractContextManager[Storage], asking: Asking, entry: NewEntry | None, needed: Needs
) -> Iterator[Storage]:
    """Yield the Storage of a transaction that works for whoever asks, with its *entry* in the audit log.

    What is named in the path is theirs, or PermissionDeniedError is raised. What is named elsewhere, the
    service asks for: a transaction in which nobody has asked is not committed (UnaskedPermissionError).
    """
    with opened as storage:
        if storage.asking.at is None:  # otherwise the request uses one transaction twice
            storage.asking, storage.entry = asking, entry
        if needed.pacticipants:
            named = request.view_args or {}
            permission.require(storage, needed.action, *(named[key] for key in needed.pacticipants))
        elif needed.action in EVERYWHERE_ACTIONS:
            permission.require_everywhere(storage, needed.action)
        yield storage
        if not (storage.asking.is_asked or asking.actor.may_everywhere(needed.action)):
            raise UnaskedPermissionError(needed.action)
