"""Whether examples need the provider states that their contract describes."""

import difflib
from collections.abc import Iterator

from tally.errors import InvalidContractError
from tally.service_contract.model import Example, MessageExample, ServiceContract
from tally.service_contract.validators import Validators


def state_warnings(contract: ServiceContract, validators: Validators) -> Iterator[str]:
    """Yield what is doubtful about the states of examples, if the contract describes any states.

    Raises InvalidContractError for an example written to be replayed whose parameters contradict the schema
    of its state.
    """
    known = {state.name: state for state in contract.states}
    for example in _examples(contract) if known else ():
        for state in example.states:
            place = f"{example.pointer or '/'}: example {example.name!r}, state {state.name!r}"
            if state.name not in known:
                close = difflib.get_close_matches(state.name, known, n=1)
                meant = f"; did you mean {close[0]!r}?" if close else ""
                yield f"{place}: the contract describes other states, and not this one{meant}"
                continue
            problems = list(
                validators.problems(known[state.name].parameters, state.params, f"{place}, params")
            )
            if problems and example.strict:
                raise InvalidContractError(problems[0])
            yield from problems


def _examples(contract: ServiceContract) -> Iterator[Example | MessageExample]:
    for operation in contract.operations:
        yield from operation.examples
