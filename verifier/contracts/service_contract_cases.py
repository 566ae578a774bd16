"""Cases of a service contract: the request of each example, with a check of the response by the schemas."""

from collections.abc import Callable, Iterator
from functools import partial

from tally.errors import InvalidContractError
from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import Example, HttpOperation, ServiceContract
from verifier.contracts.cases import AnyCase, Case, UnsupportedCase
from verifier.contracts.requests import request_of
from verifier.contracts.response_check import ResponseCheck
from verifier.contracts.written_bodies import BodyError


def service_contract_cases(contract: ServiceContract) -> tuple[AnyCase, ...]:
    """Return one case for each example of each operation, in the order of the document.

    The response must have the status of the example, and the body and headers must satisfy the schemas for
    that status; the content may differ from the example's. *id* is "operation/example".
    """
    return tuple(case for operation in contract.http_operations for case in _cases(operation))


def operations_without_examples(contract: ServiceContract) -> tuple[HttpOperation, ...]:
    """Return the operations without any example: nothing verifies these."""
    return tuple(operation for operation in contract.http_operations if not operation.examples)


def answer_check(operation: HttpOperation) -> Callable[[Response], tuple[Mismatch, ...]]:
    """Return the check that an answer is documented, and as its schemas say, whatever its status.

    Raises InvalidContractError for an unusable schema.
    """
    check = ResponseCheck(operation)
    return lambda actual: check.mismatches(str(actual.status or 0), actual, {})


def _cases(operation: HttpOperation) -> Iterator[AnyCase]:
    try:
        check = ResponseCheck(operation)
    except InvalidContractError as error:
        for example in operation.examples:
            yield _unsupported(operation, example, str(error))
    else:
        yield from (_case(operation, example, check) for example in operation.examples)


def _case(operation: HttpOperation, example: Example, check: ResponseCheck) -> AnyCase:
    try:
        request = request_of(operation, example.request)
    except KeyError as missing:
        return _unsupported(operation, example, f"the example has no value for the path parameter {missing}")
    except BodyError as error:
        return _unsupported(operation, example, str(error))
    return Case(
        description=_description(operation, example),
        request=request,
        check=partial(check.mismatches, example.response.status),
        states=example.states,
        id=f"{operation.id}/{example.name}",
        operation=operation,
    )


def _unsupported(operation: HttpOperation, example: Example, reason: str) -> UnsupportedCase:
    return UnsupportedCase(
        description=_description(operation, example),
        reason=reason,
        states=example.states,
        id=f"{operation.id}/{example.name}",
    )


def _description(operation: HttpOperation, example: Example) -> str:
    return f"{operation.method} {operation.path}: {example.name}"
