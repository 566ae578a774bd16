"""Compare a pact with a service contract: every interaction by both questions."""

from collections import OrderedDict

from tally.comparison.findings import ComparedInteraction, Comparison, Policy, under_policy
from tally.comparison.http import compare_http
from tally.comparison.messages import compare_message, compare_synchronous
from tally.comparison.operations import CompiledContract
from tally.comparison.places import PactPlaces
from tally.comparison.recording import PactRecorder
from tally.comparison.unreadable import UnreadableInteraction
from tally.errors import TallyError
from tally.pact import (
    HttpInteraction,
    Interaction,
    MessageInteraction,
    Pact,
    SynchronousMessageInteraction,
)
from tally.service_contract.model import ServiceContract

FAILED = "comparison.failed"
"""The code of a finding about what could not be compared: it crashed, or it took too long."""
_MOST_REMEMBERED = 8
_remembered: "OrderedDict[tuple[int, bool], CompiledContract]" = OrderedDict()


def compare(
    pact: Pact,
    contract: ServiceContract,
    policy: Policy = Policy.POSSIBLE,
    *,
    with_servers: bool = False,
) -> Comparison:
    """Return what is found about each interaction; nothing is raised: what crashes is unknown.

    *with_servers* has the paths of the pact begin as those of the document's servers do. The contracts that
    were compared last stay compiled.
    """
    return Comparator(_compiled(contract, with_servers=with_servers)).compare(pact, policy)


def _compiled(contract: ServiceContract, *, with_servers: bool) -> CompiledContract:
    key = (id(contract), with_servers)
    known = _remembered.pop(key, None)
    if known is None or known.contract is not contract:
        known = CompiledContract(contract, with_servers=with_servers)
    _remembered[key] = known
    while len(_remembered) > _MOST_REMEMBERED:
        _remembered.popitem(last=False)
    return known


class Comparator:
    """Compares many pacts with one contract, whose schemas are compiled once."""

    def __init__(self, contract: CompiledContract) -> None:
        self._contract = contract

    def compare(self, pact: Pact, policy: Policy = Policy.POSSIBLE) -> Comparison:
        """Return what is found about each interaction of *pact*."""
        places = PactPlaces(pact)
        interactions = tuple(
            self._compared(index, interaction, places, policy)
            for index, interaction in enumerate(pact.interactions)
        )
        return Comparison(interactions, policy)

    def _compared(
        self, index: int, interaction: Interaction, places: PactPlaces, policy: Policy
    ) -> ComparedInteraction:
        place = places.interaction(index)
        recorder = PactRecorder(places, place)
        try:
            self._compare(interaction, recorder)
        except TallyError as error:
            recorder.unknown(FAILED, f"It could not be compared: {error}.")
        except Exception as error:  # noqa: BLE001 - what crashes is unknown, and never compatible
            recorder.unknown(FAILED, f"It could not be compared: {type(error).__name__}: {error}")
        return ComparedInteraction(
            index,
            interaction.description,
            under_policy(recorder.findings, policy),
            policy,
            places.pointer(place),
        )

    def _compare(self, interaction: Interaction, recorder: PactRecorder) -> None:
        if isinstance(interaction, UnreadableInteraction):
            recorder.unknown("interaction.unreadable", f"It cannot be read: {interaction.problem}.")
        elif interaction.plugin is not None:
            text = f'It needs the plugin "{interaction.plugin}", whose content nothing here understands.'
            recorder.unknown("interaction.plugin", text)
        elif isinstance(interaction, HttpInteraction):
            if self._contract.contract.http_operations:
                compare_http(self._contract, interaction, recorder)
            else:
                recorder.unknown("request.spec.missing", "No document describes operations over HTTP.")
        elif not self._contract.contract.message_operations:
            recorder.unknown("message.spec.missing", "No document describes messages.")
        elif isinstance(interaction, MessageInteraction):
            compare_message(self._contract, interaction, recorder)
        elif isinstance(interaction, SynchronousMessageInteraction):
            compare_synchronous(self._contract, interaction, recorder)
