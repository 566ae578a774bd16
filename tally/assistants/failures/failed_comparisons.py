"""A pact that does not fit a service contract, as an answer."""

from typing import Any
from urllib.parse import unquote, urlsplit

from tally.amounts import counted
from tally.assistants.answers import Answer, page_of, quoted
from tally.broker_client import BrokerClient, Resource

Json = dict[str, Any]
_INTERACTIONS, _FINDINGS = 10, 5


def explained_comparison(broker: BrokerClient, comparison: Resource, page: int) -> Answer:
    """Return what does not fit, and a version of the provider whose service contract it fits."""
    state = comparison.state
    segments = list(map(unquote, urlsplit(comparison.url).path.split("/")))
    provider, consumer = (segments[segments.index(role) + 1] for role in ("provider", "consumer"))
    links = {"comparison": comparison.url, "pact": comparison.link("pb:pact-version").expand()}
    if state["verdict"] != "incompatible":
        said = "fits" if state["verdict"] == "compatible" else "may or may not fit"
        return Answer(
            f"It did not fail: the pact of {quoted(consumer)} {said} the service contract of "
            f"{quoted(provider)}.",
            {"reason": state.get("reason")} if state.get("reason") else None,
            links=links,
        )
    wrong = [item for item in state["interactions"] if item["verdict"] == "error"]
    sentence, passed = _origin(broker, comparison)
    return Answer(
        f"The pact of {quoted(consumer)} does not fit the service contract of {quoted(provider)}: "
        f"{counted(len(wrong), 'interaction')} of {len(state['interactions'])}. It was compared, not "
        f"replayed. {sentence}",
        {
            "compared_at": state["comparedAt"],
            "interactions": page_of([_interaction(item) for item in wrong], page, _INTERACTIONS),
            **({"fitted": passed} if passed else {}),
        },
        links=links,
    )


def _origin(broker: BrokerClient, comparison: Resource) -> tuple[str, Json | None]:
    """Return which other version of the provider the same pact fits, if any is known."""
    pact = broker.get(comparison.link("pb:pact-version").expand())
    link = next(pact.links("tally:comparisons"), None)
    listed = broker.get(link.expand()).embedded("comparisons") if link else []
    for item in listed:
        if item["verdict"] == "compatible" and item["providerVersionNumber"]:
            number = item["providerVersionNumber"]
            said = f"The same pact fits the service contract of version {quoted(number)}: the two differ."
            return said, {"provider_version": number, "compared_at": item["comparedAt"]}
    return "Which change brought it is not known: no comparison is kept in which this pact fits.", None


def _interaction(item: Json) -> Json:
    findings = [each for each in item["findings"] if each["severity"] == "error"] or item["findings"]
    return {
        "description": item["description"],
        "findings": [
            {name: each[name] for name in ("text", "pact", "document") if each.get(name)}
            for each in findings[:_FINDINGS]
        ],
        **({"more_findings": len(findings) - _FINDINGS} if len(findings) > _FINDINGS else {}),
    }
