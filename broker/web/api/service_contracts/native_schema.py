"""The JSON Schema of native documents, for editors and for who checks a document before it is published."""

import orjson
from flask import Response

from broker.web.content_types import JSON_SCHEMA
from broker.web.resource import ApiResource
from tally.service_contract.structure import published_schema

api = ApiResource("native_schema", __name__)
api.relation(
    "tally:service-contract-schema",
    "The JSON Schema of native documents (service-contract/1). It refers to nothing but JSON Schema itself.",
    "service-contract-schema",
    title="The JSON Schema of service contracts in the native format",
)


@api.get("service-contract-schema", answers="JsonSchema", types=(JSON_SCHEMA,))
def show() -> Response:
    """Show the JSON Schema of native documents."""
    return Response(orjson.dumps(published_schema()), content_type=JSON_SCHEMA)
