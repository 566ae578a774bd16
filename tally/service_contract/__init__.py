"""Service contracts: OpenAPI, AsyncAPI, JSON Schema and native documents, as operations with JSON Schemas.

What makes contracts of Python classes, and checks them, is imported when it is used:
`from tally.service_contract import contract_of, verify_implementation, verify_pair`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tally.interfaces.contracts import contract_of
    from tally.interfaces.declarations import depends_on, example, raises
    from tally.interfaces.pairs import assert_pair, verify_pair
    from tally.interfaces.verification import assert_implements, verify_implementation

_HOMES = {
    "assert_implements": "verification",
    "assert_pair": "pairs",
    "contract_of": "contracts",
    "depends_on": "declarations",
    "example": "declarations",
    "raises": "declarations",
    "verify_implementation": "verification",
    "verify_pair": "pairs",
}
__all__ = [
    "assert_implements",
    "assert_pair",
    "contract_of",
    "depends_on",
    "example",
    "raises",
    "verify_implementation",
    "verify_pair",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"tally.interfaces.{_HOMES[name]}"), name)
