"""Asking a broker who uses places of a service's contract, for commands that judge changes."""

from collections.abc import Callable
from functools import cache
from http import HTTPStatus

from tally.broker_client import BrokerClient, Link
from tally.errors import BrokerError, BrokerRefusedError
from tally.usage.places import Place


def link_to(broker: BrokerClient, relation: str) -> Link:
    """Return the link of this relation. Raises BrokerError for a broker that keeps nothing of usage."""
    link = next(broker.index().links(relation), None)
    if link is None:
        raise BrokerError(
            f"The broker at {broker.base_url} does not know who uses what (its index has no {relation}): "
            "this needs a Tallystick broker of a recent release."
        )
    return link


def is_used_at(broker: BrokerClient, service: str, environment: str | None) -> Callable[[Place], bool]:
    """Return a function that asks the broker whether anybody may use a place.

    A place that the documents at the broker do not describe counts as used: nothing is known of it.
    """
    address = link_to(broker, "tally:usage").expand(pacticipant=service)
    about = [("environment", environment)] if environment else []

    @cache
    def is_used(place: Place) -> bool:
        try:
            answer = broker.get(address, params=[("place", str(place)), *about])
        except BrokerRefusedError as error:
            if error.status == HTTPStatus.BAD_REQUEST:
                return True
            raise
        return any(found["users"] for found in answer.state["places"])

    return is_used
