"""Checks before a run begins, and warnings about it. Pure."""

from collections.abc import Iterable, Sequence

from tally.errors import UsageError
from verifier.contracts.cases import AnyCase, MessageCase
from verifier.contracts.contract import Contract
from verifier.options import Options
from verifier.runs.measuring import not_measured
from verifier.runs.publication import published_resource, takes_parts

_SHOWN = 3


def check_possible(contracts: Sequence[Contract], options: Options) -> None:
    """Raise UsageError when messages or states have no source, or results cannot be published; name them."""
    cases = [case for contract in contracts for case in contract.cases]
    _check_messages([case for case in cases if isinstance(case, MessageCase)], options)
    _check_states(cases, options)
    for contract in contracts if options.publish else ():
        _check_publishing(contract, in_parts=options.shard is not None)


def check_case(case: AnyCase, options: Options) -> None:
    """Raise UsageError when the message or a state of one case has no source."""
    if isinstance(case, MessageCase):
        _check_messages([case], options)
    _check_states([case], options)


def _check_publishing(contract: Contract, *, in_parts: bool) -> None:
    resource = published_resource(contract)
    if in_parts and not takes_parts(resource):
        raise UsageError(
            f"The broker does not join the parts of {contract.name}: leave out --publish or --shard."
        )


def warnings_of(contracts: Sequence[Contract], options: Options) -> tuple[str, ...]:
    """Return the warnings to show before the run."""
    warnings = [warning for contract in contracts for warning in contract.warnings]
    for contract in contracts:
        if contract.service_contract is not None:
            warnings += not_measured(contract.service_contract, options.generation)
    if options.shard and not any(contract.cases for contract in contracts):
        warnings.append(f"No interaction belongs to the part {options.shard} (--shard).")
    elif not contracts:
        warnings.append("There is no pact to verify, and nothing was verified (--ignore-no-pacts-error).")
    stateful = sum(bool(case.states) for contract in contracts for case in contract.cases)
    if stateful and not (options.state_change_url or options.state_functions):
        interactions = "1 interaction needs" if stateful == 1 else f"{stateful} interactions need"
        warnings.append(f"{interactions} provider states, but nothing sets them up: give --state-change-url.")
    return tuple(warnings)


def _check_messages(messages: Sequence[MessageCase], options: Options) -> None:
    descriptions = dict.fromkeys(case.description for case in messages)
    if options.message_functions:
        missing = [name for name in descriptions if name not in options.message_functions.functions]
        if missing:
            raise UsageError(
                f"No function returns the message {_some(missing)}: add one with "
                ".message(description, function)."
            )
    elif messages and not options.message_url:
        raise UsageError(f"There are messages to verify ({_some(descriptions)}): {options.message_hint}")


def _check_states(cases: Iterable[AnyCase], options: Options) -> None:
    if not options.state_functions:
        return
    names = dict.fromkeys(state.name for case in cases for state in case.states)
    missing = [name for name in names if name not in options.state_functions.setups]
    if missing:
        raise UsageError(
            f"No function sets up the state {_some(missing)}: add one with .state(name, function)."
        )


def _some(names: Iterable[str]) -> str:
    shown = [repr(name) for name in names]
    return ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")
