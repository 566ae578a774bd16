"""`tally service-contract-policy`: how the contracts of a service are judged."""

from collections.abc import Mapping
from typing import Any

import click

from tally.broker_client import BrokerClient, Resource
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.options import broker_options, output_option
from tally.compatibility.model import Mode
from tally.errors import BrokerError, UsageError

RELATION = "tally:service-contract-policy"
MODES = (*(mode.value for mode in Mode), "none")
_KEYS = ("mode", "lenient", "incompatible", "evidence", "guaranteed", "documents")


@click.command()
@click.option("-a", "--service", required=True, metavar="NAME", help="The service.")
@click.option("--mode", type=click.Choice(MODES), help="How a version is compared with those before it.")
@click.option("--lenient/--no-lenient", default=None, help="Whether readers ignore unknown properties.")
@click.option(
    "--document", metavar="NAME", help="Set the mode, and whether it is lenient, for this document only."
)
@click.option(
    "--incompatible",
    type=click.Choice(("warn", "refuse")),
    help="What becomes of a publication that is incompatible.",
)
@click.option(
    "--evidence",
    type=click.Choice(("replay", "compared", "promise")),
    help="What can-i-deploy asks for: a replay; a comparison and a verified document; a comparison alone.",
)
@click.option(
    "--guaranteed/--possible",
    default=None,
    help="Whether what a consumer relies on must be guaranteed, or only possible.",
)
@click.option("--remove", is_flag=True, help="Let the defaults hold again.")
@output_option()
@broker_options
def service_contract_policy(
    *,
    broker: BrokerClient,
    service: str,
    document: str | None,
    remove: bool,
    output: str,
    **options: str | bool | None,
) -> None:
    """Show or change how the contracts of a service are judged.

    What is not given stays as it is. Without options that change something, the policy is shown.

    \b
    Examples:
      tally service-contract-policy --service Orders
      tally service-contract-policy --service Orders --mode full --incompatible refuse
      tally service-contract-policy --service Orders --document events --mode backward
    """
    given = {name: value for name, value in options.items() if value is not None}
    found = _find(broker, service)
    address = found.link("self").expand()
    if remove:
        if given or document:
            raise UsageError("--remove removes the whole policy: give nothing else.")
        if "updatedAt" in found.state:
            broker.delete(address)
        printing.say(f"The defaults hold for {service}.", "success")
        return
    if not given:
        answers.description(found.state, output, _rows(found.state))
        return
    stored = broker.put(address, _changed(found.state, given, document))
    printed = f"Changed how the contracts of {service} are judged."
    answers.outcome(stored.state, output, printed, _rows(stored.state))


def _find(broker: BrokerClient, service: str) -> Resource:
    index = broker.index()
    if not any(index.links(RELATION)):
        raise BrokerError(
            f"The broker at {broker.base_url} knows no policies for service contracts (its index has no "
            f"{RELATION}): this needs a Tallystick broker of a recent release."
        )
    with answers.known_pacticipant(broker, service, f"The broker knows no application {service!r}."):
        return broker.follow(index, RELATION, pacticipant=service)


def _changed(
    state: Mapping[str, Any], given: Mapping[str, str | bool], document: str | None
) -> dict[str, Any]:
    """Return the policy of *state* with what is given, for a document or for the whole service."""
    policy = {key: state[key] for key in _KEYS if key in state}
    if document is None:
        return {**policy, **given}
    if wrong := given.keys() - {"mode", "lenient"}:
        raise UsageError(f"--{min(wrong)} is for all documents of the service: leave --document out.")
    rules = {item["name"]: item for item in policy.get("documents", ())}
    before = rules.get(document, {"mode": policy["mode"], "lenient": policy["lenient"]})
    rules[document] = {**before, **given, "name": document}
    return {**policy, "documents": list(rules.values())}


def _rows(state: Mapping[str, Any]) -> dict[str, str]:
    rules = {"MODE": _rule(state)}
    rules |= {f"MODE OF {item['name']}": _rule(item) for item in state.get("documents", ())}
    return {
        **rules,
        "INCOMPATIBLE": state["incompatible"],
        "EVIDENCE": state["evidence"],
        "GUARANTEED": "yes" if state["guaranteed"] else "no",
        "CHANGED": printing.moment(state.get("updatedAt") or ""),
    }


def _rule(item: Mapping[str, Any]) -> str:
    return f"{item['mode']}, lenient" if item["lenient"] else item["mode"]
