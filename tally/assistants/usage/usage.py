"""Tools about usage: who relies on a part of a service, and whether it may go."""

from typing import Annotated

from tally.assistants.answers import Answer, ToolError, listed, page_of, quoted
from tally.assistants.judging.process import UndecidedError
from tally.assistants.sources.sources import Sources
from tally.assistants.usage.removals import removal
from tally.assistants.usage.unused_places import Unused, unused_places
from tally.assistants.usage.usage_answers import Question, Usage, ask

Service = Annotated[str, "The provider, as the broker or the pacts call it."]
_PLACES = (
    "An operation, property, parameter, header, status or message: `GET /orders/{id}`, "
    "`GET /orders/{id} 200 $.customer.email`, `POST /orders request $.items[*].sku`, "
    "`GET /orders query page`, `GET /orders/{id} 200 header ETag`, `GET /orders/{id} 404`, "
    "`sends orders.paid $.total`, or an operation id."
)
Environment = Annotated[str | None, "Only what is in this environment counts, such as production."]
Version = Annotated[str | None, "Version of the service whose contract describes the place; the newest."]
_MOST_USERS = 50


def who_uses(  # noqa: PLR0913 - what may be asked, all named at the call
    sources: Sources,
    *,
    service: Service,
    place: Annotated[str | None, f"{_PLACES} Leave it out to list what nobody uses."] = None,
    environment: Environment = None,
    version: Version = None,
    page: Annotated[int, "Page of the consumers, or of what nobody uses, from 1 on."] = 1,
) -> Answer:
    """Say who uses an operation or a property of a service: consumers, versions, environments, interactions.

    What cannot be resolved is a possible use, with its `doubt`. Without an environment, what is in any of
    them counts, and the newest pact of each consumer.
    """
    if place is None:
        return _unused(unused_places(sources, Question(service, "", environment, version)), service, page)
    question = Question(service, place, environment, version)
    try:
        found = ask(sources, question)
    except UndecidedError as error:
        return Answer(f"It is not known who uses {quoted(place)} of {quoted(service)}: {error.reason}.")
    if found.near:
        raise ToolError(
            f"place: no pact has a request for {quoted(found.place)} of {quoted(service)}, and no contract "
            f"describes it. Pacts have {listed(found.near)}."
        )
    return Answer(
        _summary(found, question),
        {
            "place": found.place,
            "users": page_of(found.users, page),
            "consumers_looked_at": list(found.consumers),
            "not_compared": list(found.not_compared),
        },
        next=[] if found.contract else _next(question),
        links=found.links,
    )


def may_i_remove(
    sources: Sources,
    *,
    service: Service,
    place: Annotated[str, _PLACES],
    environment: Environment = None,
    version: Version = None,
) -> Answer:
    """Say whether an operation, property, parameter, status or message of a service may be removed.

    `may_remove` is true only where it is known that nobody uses it, false where somebody does, and null where
    that is not known, which is not a yes. It says who uses it, and what to do next.
    """
    found = removal(sources, Question(service, place, environment, version))
    return Answer(
        found.summary,
        {
            "may_remove": found.may_remove,
            "place": found.place,
            "users": page_of(found.users, 1, _MOST_USERS)["items"],
            "users_elsewhere": page_of(found.elsewhere, 1, _MOST_USERS)["items"],
            "consumers_looked_at": list(found.consumers),
            "not_compared": list(found.not_compared),
        },
        next=found.next,
        links=found.links,
    )


def _summary(found: Usage, question: Question) -> str:
    what = f"{quoted(found.place)} of {quoted(question.service)}"
    where = f" in {quoted(question.environment)}" if question.environment else ""
    described = (
        f", by {found.contract}" if found.contract else ", by the pacts alone: no contract describes it"
    )
    if not found.users and not found.consumers:
        return f"No consumer{where} is known to have a contract with {quoted(question.service)}."
    if not found.users:
        number = len(found.consumers)
        return f"Of {number} consumer{'s' * (number != 1)}{where}, none uses {what}{described}."
    sure = sorted({user["consumer"] for user in found.certain})
    unsure = sorted({user["consumer"] for user in found.users} - set(sure))
    parts = [f"{listed(sure)} use{'s' * (len(sure) == 1)} {what}"] if sure else []
    parts += [f"{listed(unsure)} may use {'it' if sure else what}"] if unsure else []
    return f"{', and '.join(parts)}{where}{described}."


def _unused(found: Unused, service: str, page: int) -> Answer:
    number = len(found.places)
    nobody = "Nobody uses" if found.knows_all and found.consumers else "No pact that was looked at uses"
    return Answer(
        f"{nobody} {number} place{'s' * (number != 1)} of {quoted(service)}, by {found.contract} "
        f"(looked at: {listed(found.consumers) or 'no consumer'}).",
        {
            "unused": page_of(found.places, page),
            "consumers_looked_at": list(found.consumers),
            "not_compared": list(found.not_compared),
        },
        next=["Ask may_i_remove about a place before it is removed."] if number else [],
        links=found.links,
    )


def _next(question: Question) -> list[str]:
    service = quoted(question.service)
    advice = f"Publish the service contract of {service} with `tally publish-service-contract`: it says which"
    return [f"{advice} places there are, and to which of them requests go."]
