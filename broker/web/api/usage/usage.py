"""Who uses what of a service: its operations, parameters, statuses and properties."""

from collections.abc import Sequence

from flask import request

from broker.domain import limits
from broker.domain.errors import ValidationError
from broker.domain.usage.users import User
from broker.services.usage import ask
from broker.services.usage.ask import Question
from broker.web.context import links, reading
from broker.web.description.notation import TEXT, many
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import ENVIRONMENT, VERSION
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.resource import ApiResource

_PLACE = QueryParameter(
    "place",
    "A place of the service's documents, such as `GET /orders/{id} 200 $.customer.email`; may be repeated",
    many({**TEXT, "maxLength": limits.LINE}, maxItems=limits.PLACES),
)
api = ApiResource("usage", __name__)
api.relation(
    "tally:usage",
    "Who uses a `place` of a service's documents: which consumers, in which environments, since when, and "
    "with which interactions. What cannot be resolved is a possible use, with its `doubt`.",
    "usage",
    title="Who uses what of a service",
)
api.relation(
    "tally:unused-places",
    "The operations, parameters, statuses and properties of a service's documents that nobody uses.",
    "unused-places",
    title="What nobody uses of a service",
)


@api.get("usage", answers="Usage", query=(_PLACE, ENVIRONMENT, VERSION), refuses=(404,))
def users(pacticipant: str) -> Hal:
    """Show who uses places of a service's documents."""
    question = _question(pacticipant, _places())
    with reading() as storage:
        answer = ask.who_uses(storage, question)
    places = [
        {
            "place": str(each.place),
            "users": [_user(user, pacticipant, links()) for user in each.users],
        }
        for each in answer.places
    ]
    return resource(
        _about(pacticipant, answer.version, question)
        | {"consumers": list(answer.consumers), "places": places},
        links={"self": links().to("usage", pacticipant=pacticipant), **_links(pacticipant, links())},
    )


@api.get("unused-places", answers="UnusedPlaces", query=(ENVIRONMENT, VERSION), refuses=(404,))
def unused(pacticipant: str) -> Hal:
    """List the places of a service's documents that nobody uses."""
    question = _question(pacticipant, ())
    with reading() as storage:
        answer = ask.unused(storage, question)
    return resource(
        _about(pacticipant, answer.version, question)
        | {"consumers": list(answer.consumers), "places": [str(place) for place in answer.places]},
        links={"self": links().to("unused-places", pacticipant=pacticipant), **_links(pacticipant, links())},
    )


def _question(pacticipant: str, places: Sequence[str]) -> Question:
    environment, version = request.args.get("environment"), request.args.get("version")
    return Question(pacticipant, places, environment or None, version or None)


def _places() -> list[str]:
    places = [place for place in request.args.getlist("place") if place.strip()]
    if not places:
        raise ValidationError(
            {"place": ["is missing: say which place, such as GET /orders/{id} 200 $.total"]}
        )
    if len(places) > limits.PLACES:
        raise ValidationError({"place": [f"cannot be given more than {limits.PLACES} times"]})
    if any(len(place) > limits.LINE for place in places):
        raise ValidationError({"place": [f"cannot be longer than {limits.LINE} characters"]})
    return places


def _about(pacticipant: str, version: str, question: Question) -> Hal:
    environment = {"environment": question.environment} if question.environment else {}
    return {"pacticipantName": pacticipant, "version": version, **environment}


def _user(user: User, provider: str, links: Links) -> Hal:
    contract = (
        links.to("pact-version", "Pact", provider=provider, consumer=user.consumer, sha=user.sha)
        if user.sha
        else links.to(
            "service-contract", "Service contract", pacticipant=user.consumer, version=user.versions[0].number
        )
    )
    return resource(
        {
            "consumer": user.consumer,
            "certain": user.is_certain,
            **({"since": timestamp(user.since)} if user.since else {}),
            "versions": [
                {"number": version.number, "environments": list(version.environments)}
                for version in user.versions
            ],
            "interactions": [
                {"description": use.interaction, **({"doubt": use.doubt} if use.doubt else {})}
                for use in user.uses
            ],
        },
        links={"tally:contract": contract},
    )


def _links(pacticipant: str, links: Links) -> Hal:
    return {
        "pb:pacticipant": links.to("pacticipant", "Pacticipant", pacticipant, pacticipant=pacticipant),
        "curies": links.curies("usage"),
    }
