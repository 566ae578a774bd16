"""The OpenAPI document of a Flask app: of an extension that the app has, or of a route that answers it."""

import json
from collections.abc import Iterator
from typing import Any

from tally.errors import InvalidContractError
from tally.service_contract.json_yaml import parse_yaml

_LIKELY = ("openapi", "swagger", "apispec", "api-docs", "api_docs", "schema")
_MOST_ROUTES = 10


def document_of(app: Any) -> dict[str, Any] | None:
    """Return the document that an extension made, or else a route of the app answers; None for neither."""
    with app.app_context():
        for spec in _specifications(app):
            document = spec if isinstance(spec, dict) else spec.to_dict()
            if _describes_something(document):
                return document
    return _answered(app)


def _specifications(app: Any) -> Iterator[Any]:
    """Yield what APIFlask, flask-smorest, flask-apispec, apispec, and flask-openapi3 keep with the app."""
    if "apiflask" in {each.__module__.partition(".")[0] for each in type(app).__mro__}:
        yield app.spec
    if isinstance(getattr(app, "api_doc", None), dict):  # flask-openapi3
        yield app.api_doc
    smorest = app.extensions.get("flask-smorest", {})
    for entry in smorest.get("apis", {}).values() if isinstance(smorest, dict) else ():
        yield entry["ext_obj"].spec
    kept = [app.config.get("APISPEC_SPEC"), *app.extensions.values(), getattr(app, "spec", None)]
    for extension in kept:
        for candidate in (extension, getattr(extension, "spec", None)):
            if any(each.__module__.partition(".")[0] == "apispec" for each in type(candidate).__mro__):
                yield candidate


def _describes_something(document: object) -> bool:
    return isinstance(document, dict) and bool({"openapi", "swagger"} & document.keys())


def _answered(app: Any) -> dict[str, Any] | None:
    """Ask the routes that are called like a document, without a server."""
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static"
    ]
    likely = [path for path in rules if any(word in path.lower() for word in _LIKELY)]
    likely.sort(key=lambda path: (not path.endswith((".json", ".yaml", ".yml")), path))
    for path in likely[:_MOST_ROUTES]:
        answer = app.test_client().get(path, headers={"Accept": "application/json"})
        document = _parsed(answer.get_data()) if answer.status_code == _OK else None
        if _describes_something(document):
            return document
    return None


_OK = 200


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return parse_yaml(text)
    except InvalidContractError:
        return None
