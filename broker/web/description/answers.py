"""The documents that the API answers with.

Clients leave aside the properties that they do not know: more may come.
"""

from broker.web.description import (
    contract_schemas,
    decision_schemas,
    fragments,
    resource_schemas,
    result_schemas,
)
from broker.web.description.notation import Schema

SCHEMAS: dict[str, Schema] = (
    fragments.SCHEMAS
    | resource_schemas.SCHEMAS
    | contract_schemas.SCHEMAS
    | decision_schemas.SCHEMAS
    | result_schemas.SCHEMAS
)
