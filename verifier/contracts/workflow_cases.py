"""Cases of the workflows of an Arazzo document about one service contract."""

from collections.abc import Iterator
from pathlib import Path

from tally.service_contract.model import ServiceContract
from tally.workflows.sources import load_bound
from verifier.contracts.cases import ArazzoCase


def arazzo_cases(path: Path, contract: ServiceContract) -> Iterator[ArazzoCase]:
    """Yield a case for each workflow in *path*; every source of it is the service contract itself.

    Raises InvalidContractError, which names the file and the place, also for an operation that the contract
    does not have.
    """
    bound = load_bound(path, lambda _source, _path: contract)
    for workflow in bound.document.workflows:
        yield ArazzoCase(
            description=f"{bound.document.title}: {workflow.id}",
            bound=bound,
            workflow=workflow,
            id=f"{path.name}/{workflow.id}",
        )
