"""The index, from which clients find everything, and the broker's diagnosis (reference §4.1, §2.9)."""

from collections.abc import Iterable
from functools import lru_cache

from flask import Response, current_app

from broker.web import problems
from broker.web.content_types import HAL
from broker.web.context import (
    database,
    is_audited,
    known_accounts,
    links,
    relations,
    settings,
    write_probe,
)
from broker.web.description.operation import Relation
from broker.web.hal import Hal, Links
from broker.web.kept_answers import may_be_kept
from broker.web.resource import ApiResource

api = ApiResource("index", __name__)
api.relation(
    "tally:import",
    "Copy data from another broker, as `tally import` does: send requests to any route that stores "
    "something, with a header Tally-Import-Date such as 2026-10-01T00:00:00+00:00. What they store gets "
    "this date. They trigger no webhook, and branches, tags and names have no side effects.",
    "index",
    title="Copy from another broker, with the original date in a header",
)
api.relation(
    "tally:import-rehearsal",
    "Ask whether the broker would take a copy, as `tally import --dry-run` does: send the request with a "
    'second header, Tally-Import-Rehearsal, such as {"pacticipants": ["Shop"], "versions": [["Shop", "1"]]}. '
    "It is answered as if these existed, but nothing is kept. It may also have `environments`, each with "
    "its uuid and its name, and `pacts`, each with consumer, version, provider and hash.",
    "index",
    title="Rehearse a copy: the answer of a request that stores nothing",
)
api.relation(
    "tally:idempotency-key",
    "Send a request that stores something with a header Idempotency-Key, a text of your own that no other "
    "request has. When the same request arrives again with this key, within a day, it is answered as the "
    "first time, with a header Idempotency-Replayed, and nothing is stored twice.",
    "index",
    title="Requests with a header Idempotency-Key may be repeated",
)


@api.get("index", answers="Index")
def show() -> Response:
    """Show the index."""
    with_accounts = is_audited()
    chosen = settings()
    # Without credentials and accounts anybody may see it, and there is an audit log only if there always is.
    if not chosen.has_credentials and with_accounts is (chosen.audit == "always"):
        may_be_kept(known_accounts().has_none)
    return Response(_written(links().base, with_accounts=with_accounts), content_type=f"{HAL};charset=utf-8")


# Clients begin each of their runs here. They know the broker by a few addresses.
@lru_cache(maxsize=16)
def _written(base: str, *, with_accounts: bool) -> str:
    known = [relation for relation in relations() if with_accounts or not relation.with_accounts]
    return current_app.json.dumps(index(known, Links(base)))


def index(relations: Iterable[Relation], links: Links) -> Hal:
    """Return the index: the relations that have a title in it; one whose path has variables is templated.

    Clients take the presence of a relation for a promise: only what exists is here.
    """
    found: Hal = {"self": {"href": links.base, "title": "Index", "templated": False}}
    for relation in relations:
        if relation.title:
            link = links.template(relation.index_route or relation.route, relation.title)
            link["templated"] = "{" in link["href"]
            found[relation.name] = link
    found["beta:provider-pacts-for-verification"]["name"] = "beta"
    pb, tally = links.curies("index")
    return {"_links": {**found, "curies": [pb, {**pb, "name": "beta"}, {**pb, "name": "pf"}, tally]}}


@api.get("heartbeat", answers="Heartbeat", public_if=lambda settings: settings.public_heartbeat)
def heartbeat() -> Hal:
    """Tell that the process answers, without asking the database."""
    if settings().public_heartbeat:
        may_be_kept()
    return {"ok": True, "_links": {"self": links().to("heartbeat")}}


@api.get("dependencies", answers="Dependencies", also=((500, "Dependencies"),))
def dependencies() -> tuple[Hal, int]:
    """Tell whether the database answers and takes changes: that is tried every ten seconds, if asked."""
    problem = database().problem() or _write_problem()
    state: Hal = {"ok": True} if problem is None else {"ok": False, "error": {"message": problem}}
    return {
        "database": state,
        "_links": {"self": links().to("dependencies")},
    }, 200 if problem is None else 500


def _write_problem() -> str | None:
    error = write_probe().problem()
    if error is None:
        return None
    problems.warn(error)
    return f"{type(error).__name__} - {str(error).splitlines()[0]}"
