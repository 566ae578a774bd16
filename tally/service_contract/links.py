"""What a link of OpenAPI leads to."""

from collections.abc import Iterator
from dataclasses import replace

from tally.errors import InvalidContractError
from tally.json_schema.resources import Resources
from tally.service_contract.model import HttpOperation, Link, ServiceContract


def with_links(operations: tuple[HttpOperation, ...], resources: Resources) -> tuple[HttpOperation, ...]:
    """Return the operations; a link that refers to one ("#/paths/~1orders/get") names it by its id."""
    if not any(_refers(link) for operation in operations for link in _links(operation)):
        return operations
    by_pointer = {operation.pointer: operation.id for operation in operations}

    def followed(link: Link) -> Link:
        if not _refers(link):
            return link
        try:
            address = resources.address(link.operation, resources.root, link.pointer)
        except InvalidContractError:
            return link
        return replace(link, operation=by_pointer.get(address, link.operation))

    return tuple(
        replace(
            operation,
            responses=tuple(
                replace(response, links=tuple(map(followed, response.links)))
                for response in operation.responses
            ),
        )
        for operation in operations
    )


def link_warnings(contract: ServiceContract) -> Iterator[str]:
    """Yield a sentence about each link that leads to no operation of *contract*."""
    known = {operation.id for operation in contract.operations}
    for operation in contract.http_operations:
        for link in _links(operation):
            if link.operation not in known:
                yield f"{link.pointer}: the link {link.name!r} leads to no operation ({link.operation!r})"


def _links(operation: HttpOperation) -> Iterator[Link]:
    for response in operation.responses:
        yield from response.links


def _refers(link: Link) -> bool:
    return link.operation.startswith("#")
