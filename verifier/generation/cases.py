"""All generated cases of a service contract, in the order in which they are replayed."""

from collections.abc import Iterable, Iterator
from itertools import chain

from tally.service_contract.model import HttpOperation, ServiceContract
from tally.values import dataclass
from verifier.contracts.cases import AnyCase, UnsupportedCase
from verifier.contracts.message_cases import generated_message_cases
from verifier.generation.chains import Chains
from verifier.generation.requests import OperationCases, distinct, operation_cases
from verifier.generation.resources import resources_of
from verifier.generation.settings import INVALID, VALID, WORKFLOWS, Generation

# What reads comes before what changes, and what deletes is last: then there is more to be read.
_ORDER = {"GET": 0, "HEAD": 0, "OPTIONS": 0, "POST": 1, "PUT": 2, "PATCH": 2, "DELETE": 3}


@dataclass(frozen=True)
class GeneratedCases:
    """The generated cases of a service contract, and *warnings* about operations that have none."""

    cases: tuple[AnyCase, ...] = ()
    warnings: tuple[str, ...] = ()


def generated_cases(
    contract: ServiceContract, generation: Generation, *, with_messages: bool
) -> GeneratedCases:
    """Return the cases of each phase that is wanted beside the examples."""
    if not generation.beyond_examples:
        return GeneratedCases()
    ordered = sorted(contract.http_operations, key=lambda each: _ORDER.get(each.method, 2))
    made: dict[str, OperationCases] = {}
    unusable: list[AnyCase] = []
    warnings: list[str] = []
    for operation in ordered:
        cases = operation_cases(operation, generation)
        if isinstance(cases, str):
            unusable.append(_unusable(operation, cases))
        elif cases.problem:
            warnings.append(f"No requests are generated for {operation.title}: {cases.problem}.")
        else:
            made[operation.id] = cases
    phases: dict[str, Iterable[AnyCase]] = {
        VALID: chain(
            (case for each in made.values() for case in each.errors()),
            (case for each in made.values() for case in distinct(each.valid())),
            generated_message_cases(contract, seed=generation.seed, most=generation.most)
            if with_messages
            else (),
        ),
        INVALID: (case for each in made.values() for case in distinct(each.invalid())),
        WORKFLOWS: _chains(tuple(each.operation for each in made.values()), made, generation),
    }
    wanted = (case for phase in generation.beyond_examples for case in phases[phase])
    return GeneratedCases((*unusable, *wanted), tuple(warnings))


def _chains(
    operations: tuple[HttpOperation, ...], made: dict[str, OperationCases], generation: Generation
) -> Iterator[AnyCase]:
    for resource in resources_of(operations):
        yield from Chains(resource, made, generation.seed).all()


def _unusable(operation: HttpOperation, reason: str) -> UnsupportedCase:
    return UnsupportedCase(
        description=f"{operation.title}: generated requests",
        reason=reason,
        id=f"{operation.id}/generated",
    )
