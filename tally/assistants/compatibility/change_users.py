"""Who uses what changed between two versions of a service contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from tally.assistants.answers import ToolError
from tally.assistants.service_contracts.broker_contracts import Service
from tally.assistants.sources.given import Given, content
from tally.assistants.sources.sources import Sources
from tally.assistants.usage.usage_answers import Question, Usage, User, ask
from tally.assistants.verification.broker_pacts import pacts_in_use
from tally.errors import BrokerUnreachableError, TallyError, UnauthorisedError
from tally.values import dataclass

MOST_PLACES = 50
"""Changed places whose users are looked up for one answer."""
_MOST_USERS, _MOST_INTERACTIONS = 10, 3
_WHOEVER_USES_IT = "REQUIRED_OPERATION_REMOVED"
"""The rule whose changes break a promise, used or not."""
Change = Mapping[str, Any]


@dataclass(frozen=True)
class ChangeUsers:
    """The users of changed places. A place is in *unknown*, with the reason, where these are not known."""

    by_place: Mapping[str, Sequence[User]]
    unknown: Mapping[str, str]

    def is_unused(self, change: Change) -> bool:
        """Whether it is known that nobody uses what changed."""
        users = self.by_place.get(change.get("place", ""))
        return change["rule"] != _WHOEVER_USES_IT and users is not None and not users

    def of(self, change: Change) -> dict[str, Any]:
        """Return what is said of a breaking change: who uses it, or why that is not known."""
        place = change.get("place", "")
        if place in self.by_place:
            return {"used_by": [_short(user) for user in self.by_place[place][:_MOST_USERS]]}
        why = self.unknown.get(place, "the change is in no place that could be looked up")
        return {"used_by": None, "why_unknown": why}


@dataclass(frozen=True)
class PactsOfService:
    """The pacts with a service, where no broker answers who uses what: in files, or without a contract there.

    *users* are their consumers and versions. *gap* says why others may use it, too; "" where none can.
    """

    given: Sequence[Given]
    users: Sequence[Mapping[str, Any]]
    gap: str


def pacts_to_read(sources: Sources, service: str, environment: str | None) -> PactsOfService | None:
    """Return the pacts with a service; None where its broker answers who uses what."""
    if sources.asked is None:
        found = [each for each in sources.files.pacts() if each.provider == service]
        return PactsOfService(
            [content(str(each.path), each.document) for each in found],
            [{"consumer": each.consumer, "versions": [{"file": str(each.path)}]} for each in found],
            "no pact in the files uses it, and others are not known without a broker",
        )
    keeps_usage = any(sources.asked.index().links("tally:usage"))
    if keeps_usage and Service(sources.asked, service, ("service", "")).newest_contract():
        return None
    at_broker = pacts_in_use(sources.asked, service, "service", environment=environment)
    gap = "" if at_broker.pacts else "no consumer of the service is known"
    return PactsOfService(
        [content(f"pact of {each.consumer} {each.version}", each.document) for each in at_broker.pacts],
        [
            {
                "consumer": each.consumer,
                "versions": [{"number": each.version, "environments": each.environments}],
            }
            for each in at_broker.pacts
        ],
        "some pacts could not be looked at" if at_broker.left_out else gap,
    )


def users_by_pacts(changes: Sequence[Change], pacts: PactsOfService) -> ChangeUsers:
    """Return the users that the changes name by the index of their pacts."""
    found: dict[str, Sequence[User]] = {}
    unknown = {}
    for change in changes:
        if not change["compatible"] and "users" not in change:
            unknown[change.get("place", "")] = (
                pacts.gap or "the change is in no place that could be looked up"
            )
        elif "users" in change:
            place = change["place"]
            found[place] = [
                {
                    **pacts.users[user["index"]],
                    "certain": any("doubt" not in each for each in user["interactions"]),
                    "interactions": user["interactions"],
                }
                for user in change["users"]
            ]
            if not found[place] and pacts.gap:
                del found[place]
                unknown[place] = pacts.gap
    return ChangeUsers(found, unknown)


def users_at_broker(sources: Sources, changes: Sequence[Change], question: Question) -> ChangeUsers:
    """Ask the broker the *question* about each place of a breaking change."""
    places = dict.fromkeys(
        change["place"] for change in changes if not change["compatible"] and "place" in change
    )
    found: dict[str, Sequence[User]] = {}
    unknown = dict.fromkeys(list(places)[MOST_PLACES:], f"only {MOST_PLACES} places were looked up")
    for place in list(places)[:MOST_PLACES]:
        try:
            usage = ask(sources, Question(question.service, place, question.environment, question.version))
        except (BrokerUnreachableError, UnauthorisedError):
            raise
        except (ToolError, TallyError) as error:
            unknown[place] = str(error)
            continue
        if reason := _doubt(usage):
            unknown[place] = reason
        else:
            found[place] = usage.users
    return ChangeUsers(found, unknown)


def _doubt(usage: Usage) -> str:
    """Return why it is not known that nobody uses the place."""
    if usage.users or usage.consumers:
        return ""
    return "no consumer of the service is known"


def _short(user: User) -> dict[str, Any]:
    """Return a user without all of its interactions."""
    kept = user["interactions"][:_MOST_INTERACTIONS]
    more = len(user["interactions"]) - len(kept) + user.get("more_interactions", 0)
    short = {key: user[key] for key in ("consumer", "certain", "versions")} | {"interactions": kept}
    return short | ({"more_interactions": more} if more else {})
