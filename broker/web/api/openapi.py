"""The API's own description (OpenAPI 3.1)."""

from importlib.metadata import version

import orjson
from flask import Response, current_app

from broker.web.content_types import JSON
from broker.web.context import links, operations, settings
from broker.web.description import openapi
from broker.web.resource import ApiResource

api = ApiResource("openapi", __name__)
_RELEASE = version("tallystick")


@api.get("openapi", answers="OpenAPI", types=(JSON,))
def show() -> Response:
    """Describe this API."""
    described = openapi.document(
        current_app.url_map, operations(), settings(), address=links().base, release=_RELEASE
    )
    return Response(orjson.dumps(described), content_type="application/json;charset=utf-8")
