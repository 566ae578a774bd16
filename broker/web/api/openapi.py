"""The API's own description (OpenAPI 3.1)."""

from importlib.metadata import version

import orjson
from flask import Blueprint, Response, current_app

from broker.web.context import links, settings
from broker.web.description import openapi
from broker.web.routes import rule

blueprint = Blueprint("openapi", __name__)
_RELEASE = version("tallystick")


@blueprint.get(rule("openapi"))
def show() -> Response:
    """Describe this API."""
    described = openapi.document(
        current_app.url_map, current_app.view_functions, settings(), address=links().base, release=_RELEASE
    )
    return Response(orjson.dumps(described), content_type="application/json;charset=utf-8")
