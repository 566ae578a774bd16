"""The probes of platforms: whether the process lives, and whether it can be given requests."""

from flask import Response, request

from broker.domain.accounts.actor import ActorKind
from broker.web.asked_by_gateway import STOPS
from broker.web.context import actor_or_refusal, has_credentials_of_settings, links, readiness
from broker.web.description.needs import PROBES
from broker.web.hal import Hal
from broker.web.kept_answers import may_be_kept
from broker.web.resource import ApiResource

api = ApiResource("health", __name__)
_STOPS = "The broker was told to stop."
_UNKNOWN = "Nobody knows while the database gives no answer."


@api.get("health-live", answers="Heartbeat", needs=PROBES)
def live() -> Hal:
    """Tell that the process answers. It never asks the database."""
    may_be_kept()
    return {"ok": True, "_links": {"self": links().to("health-live")}}


@api.get("health-ready", answers="Readiness", also=((503, "Readiness"),), needs=PROBES)
def ready() -> tuple[Hal, int]:
    """Tell whether the broker can be given requests, and to who is known what is in the way."""
    found = readiness().finding()
    problems = {
        "database": found.database,
        "schema": found.schema,
        "serving": _STOPS if STOPS in request.environ else None,
    }
    is_ready = not any(problems.values())
    answer: Hal = {"ok": is_ready}
    if _is_known(may_ask_database=found.database is None):
        answer["checks"] = {
            check: {"ok": True} if problem is None else {"ok": False, "message": problem}
            for check, problem in problems.items()
        }
        if found.database is not None:
            answer["checks"]["schema"] = {"ok": None, "message": _UNKNOWN}
    return {**answer, "_links": {"self": links().to("health-ready")}}, 200 if is_ready else 503


def _is_known(*, may_ask_database: bool) -> bool:
    """Return whether the broker knows who asks; without the database it knows the settings alone."""
    if not ("Authorization" in request.headers or "Cookie" in request.headers):
        return False
    if not may_ask_database:
        return has_credentials_of_settings()
    asker = actor_or_refusal()
    return not isinstance(asker, Response) and asker.kind is not ActorKind.NOBODY
