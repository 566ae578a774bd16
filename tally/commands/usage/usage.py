"""`tally usage`: who uses what of a service, what nobody uses, and what may be removed."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.commands.usage.asking import link_to
from tally.errors import UsageError

HEADINGS = ("PLACE", "CONSUMER", "VERSION", "ENVIRONMENTS", "SINCE", "INTERACTION", "CERTAIN")
USED = 1


@click.command()
@click.option("-a", "--service", required=True, metavar="NAME", help="The service that is used.")
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="PLACE",
    help="Say who uses this place, such as 'GET /orders/{id} 200 $.customer.email'; may be repeated.",
)
@click.option("--unused", is_flag=True, help="List the operations and properties that nobody uses.")
@click.option(
    "--may-i-remove",
    "removals",
    multiple=True,
    metavar="PLACE",
    help="Exit with 1, and the names, when anybody uses this place; may be repeated.",
)
@click.option("--environment", metavar="NAME", help="Only what is in this environment counts.")
@click.option(
    "-e", "--version", metavar="VERSION", help="Version of the service whose documents count; the newest."
)
@output_option()
@broker_options
def usage(  # noqa: PLR0913 - one for each option
    *,
    broker: BrokerClient,
    service: str,
    properties: tuple[str, ...],
    unused: bool,
    removals: tuple[str, ...],
    environment: str | None,
    version: str | None,
    output: str,
) -> None:
    """Say who uses what of a service, as far as the broker knows.

    Consumers use what their pacts name, and the operations that their own documents depend on. Without
    --environment, what is in any environment counts, and the newest pact of each consumer. What cannot be
    resolved counts as a possible use.

    With --may-i-remove, exits with 0 when nobody uses the place, with 1 when somebody may, and with 2 when
    nobody can say: the place is not in the documents, there are none, the broker knows no consumer of the
    service, or cannot be asked.

    \b
    Examples:
      tally usage --service Orders --property 'GET /orders/{id} 200 $.customer.email'
      tally usage --service Orders --unused
      tally usage --service Orders --may-i-remove 'GET /orders/{id} 200 $.customer.email'
    """
    if sum((bool(properties), unused, bool(removals))) != 1:
        raise UsageError("What is the question? Give one of --property, --unused and --may-i-remove.")
    about = [(name, value) for name, value in (("environment", environment), ("version", version)) if value]
    if unused:
        answer = _ask(broker, "tally:unused-places", service, about)
        _print_unused(answer, service, output)
        return
    places = [("place", place) for place in properties or removals]
    answer = _ask(broker, "tally:usage", service, [*places, *about])
    if removals and output == "text":
        _print_removals(answer, service)
    elif removals or output != "text":
        answers.listing(answer.state, output, list(_rows(answer)), headings=HEADINGS, nothing="")
    else:
        _print_users(answer, service)
    if removals and any(place["users"] for place in answer.state["places"]):
        raise click.exceptions.Exit(USED)
    if removals and not answer.state["consumers"] and not environment:
        raise UsageError(
            f"Nobody can say: no consumer of {service} has published a pact to this broker, so it is not "
            "known who there is. Their pacts may be elsewhere, or name the service differently."
        )


def _ask(
    broker: BrokerClient, relation: str, service: str, parameters: Sequence[tuple[str, str]]
) -> Resource:
    link = link_to(broker, relation)
    return broker.get(link.expand(pacticipant=service), params=parameters)


def _rows(answer: Resource) -> Iterator[answers.Row]:
    for place in answer.state["places"]:
        for user in place["users"]:
            for interaction in user["interactions"]:
                for version in user["versions"]:
                    yield {
                        "PLACE": place["place"],
                        "CONSUMER": user["consumer"],
                        "VERSION": version["number"],
                        "ENVIRONMENTS": ", ".join(version["environments"]),
                        "SINCE": printing.moment(user["since"]) if user.get("since") else "",
                        "INTERACTION": interaction["description"],
                        "CERTAIN": "no" if interaction.get("doubt") else "yes",
                    }


def _print_users(answer: Resource, service: str) -> None:
    for place in answer.state["places"]:
        if place["users"]:
            printing.say(f"{place['place']} of {service} is used by")
            _print_each(place["users"])
        else:
            printing.say(f"Nobody uses {place['place']} of {service}{_looked_at(answer)}.")


def _print_removals(answer: Resource, service: str) -> None:
    for place in answer.state["places"]:
        if place["users"]:
            certain = any(user["certain"] for user in place["users"])
            is_used = "is used by" if certain else "may be used by"
            printing.say(f"No: {place['place']} of {service} {is_used}", "error")
            _print_each(place["users"])
        elif answer.state["consumers"] or answer.state.get("environment"):
            printing.say(f"Yes: nobody uses {place['place']} of {service}{_looked_at(answer)}.", "success")


def _print_each(users: Sequence[dict[str, Any]]) -> None:
    for user in users:
        versions = ", ".join(
            version["number"]
            + (f" ({', '.join(version['environments'])})" if version["environments"] else "")
            for version in user["versions"]
        )
        since = f", since {printing.moment(user['since'])}" if user.get("since") else ""
        printing.say(f"  {user['consumer']} {versions}{since}:")
        for interaction in user["interactions"]:
            doubt = f" (possibly: {interaction['doubt']})" if interaction.get("doubt") else ""
            printing.say(f"    {interaction['description']}{doubt}")


def _print_unused(answer: Resource, service: str, output: str) -> None:
    places = answer.state["places"]
    if output in {"json", "pretty"}:
        printing.document(answer.state, output)
    elif output == "table":
        printing.table(("PLACE",), [(place,) for place in places])
    elif places:
        printing.say(f"Nobody uses these places of {service} {answer.state['version']}{_looked_at(answer)}:")
        for place in places:
            printing.say(f"  {place}")
    else:
        printing.say(f"Every place of {service} {answer.state['version']} is used, or may be.")


def _looked_at(answer: Resource) -> str:
    """Return whose contracts were looked at: a "nobody" is worth no more than that."""
    environment = answer.state.get("environment")
    where = f" in {environment}" if environment else ""
    consumers = answer.state["consumers"]
    if not consumers:
        return f"; no consumer{where} has a contract with it"
    return f" (consumers{where} that were looked at: {', '.join(consumers)})"
