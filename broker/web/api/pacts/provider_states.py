"""The states that consumers expect a provider to be in (reference §4.10)."""

from collections.abc import Sequence

import orjson

from broker.domain.pacts.provider_states import ExpectedState
from broker.services.pacts import provider_states
from broker.web.context import links, reading
from broker.web.hal import Hal, resource
from broker.web.resource import ApiResource
from tally.hashing import compact_json

api = ApiResource("provider_states", __name__)
api.relation(
    "tally:provider-states",
    "The states that a provider has to set up, in the latest pacts on the consumers' main branches.",
    "provider-states",
    title="Provider states, on the consumers' main branches",
)
api.relation(
    "tally:branch-provider-states",
    "The states that a provider has to set up, in the latest pacts on a branch.",
    "branch-provider-states",
    title="Provider states, on a branch",
)
api.relation(
    "tally:environment-provider-states",
    "The states that a provider has to set up, in the pacts of what is in an environment.",
    "environment-provider-states",
    title="Provider states, in an environment",
)


@api.get("provider-states", answers="ProviderStates")
def on_main_branches(provider: str) -> Hal:
    """List what the heads of the consumers' main branches expect."""
    with reading() as storage:
        found = provider_states.on_main_branches(storage, provider)
    return represent(found, links().to("provider-states", provider=provider))


@api.get("branch-provider-states", answers="ProviderStates")
def on_branch(provider: str, branch: str) -> Hal:
    """List what the heads of the consumers' branches of this name expect."""
    with reading() as storage:
        found = provider_states.on_branch(storage, provider, branch)
    return represent(found, links().to("branch-provider-states", provider=provider, branch=branch))


@api.get("environment-provider-states", answers="ProviderStates")
def in_environment(provider: str, environment: str) -> Hal:
    """List what the consumers in an environment expect."""
    with reading() as storage:
        found = provider_states.in_environment(storage, provider, environment)
    itself = links().to("environment-provider-states", provider=provider, environment=environment)
    return represent(found, itself)


def represent(found: Sequence[ExpectedState], itself: Hal) -> Hal:
    """Return the states; one without parameters has no `params`."""
    states = [
        {"name": state.name}
        | ({"params": orjson.Fragment(compact_json(state.params))} if state.params else {})
        | {"consumers": list(state.consumers)}
        for state in found
    ]
    return resource({"providerStates": states}, links={"self": itself})
