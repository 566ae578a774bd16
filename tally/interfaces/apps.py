"""The OpenAPI document of an application: what Flask, FastAPI, Django and Litestar apps say of themselves."""

import contextlib
import inspect
import json
import re
import sys
from collections.abc import Callable
from typing import Any

from tally.errors import InvalidContractError, UsageError
from tally.interfaces import apps_of_django, apps_of_flask
from tally.interfaces.loading import importable_here, loaded

_OPTION = "--app"
_NO_OPENAPI = (
    "describes no OpenAPI document. FastAPI and Litestar apps do; a Flask app does with APIFlask, "
    "flask-smorest, apispec, or a route such as /openapi.json; a Django app with drf-spectacular or Django "
    "REST framework. Otherwise write the document to a file, and publish that."
)


def document_of_app(name: str) -> dict[str, Any]:
    """Return the OpenAPI document of the application that *name* names: "package.module:app".

    A function that makes an app is called without arguments; nothing is served, and no request leaves the
    process. Raises UsageError when there is no such app, or when it describes no document.
    """
    place = f"{_OPTION} {name}"
    app = _built(loaded(name, option=_OPTION), place)
    with importable_here(), contextlib.redirect_stdout(sys.stderr):
        try:
            document = _document(app)
        except UsageError as error:
            raise UsageError(f"{place}: {error}") from error
        except Exception as error:
            raise UsageError(
                f"{place}: the app could not describe itself: {type(error).__name__}: {error}"
            ) from error
    if document is None:
        raise UsageError(f"{place}: {_kind(app)} {_NO_OPENAPI}")
    return _plain(document, place)


def _built(found: Any, place: str) -> Any:
    """Return the app itself when *found* is a function, or a class, that makes it."""
    if not (inspect.isroutine(found) or inspect.isclass(found)):
        return found
    try:
        inspect.signature(found).bind()
    except TypeError as error:
        raise UsageError(
            f"{place}: {found.__name__} makes the app, but it cannot be called without arguments ({error}). "
            "Name the app itself, or a function that needs nothing."
        ) from error
    if inspect.iscoroutinefunction(found):
        raise UsageError(f"{place}: {found.__name__} is a coroutine function; name the app itself.")
    try:
        with importable_here(), contextlib.redirect_stdout(sys.stderr):
            return found()
    except (Exception, SystemExit) as error:
        raise UsageError(f"{place}: {found.__name__}() failed: {type(error).__name__}: {error}") from error


def _document(app: Any) -> Any:
    """Return the document of *app*, or of the app that a middleware wraps; None when there is none."""
    for _ in range(_MOST_MIDDLEWARES):
        document = _own_document(app)
        inner = next((getattr(app, name) for name in _WRAPPED if hasattr(app, name)), None)
        if document is not None or inner is None:
            return document
        app = inner
    return None


def _own_document(app: Any) -> Any:
    if is_document(app):
        return app
    packages = {each.__module__.partition(".")[0] for each in type(app).__mro__}
    for package, mark, document_of in _FRAMEWORKS:
        if package in packages and hasattr(app, mark):
            return document_of(app)
    return _self_described(app)


def is_document(value: Any) -> bool:
    """Whether *value* is an OpenAPI document already."""
    return isinstance(value, dict) and bool({"openapi", "swagger", "asyncapi"} & value.keys())


def _litestar(app: Any) -> Any:
    try:
        return app.openapi_schema.to_schema()
    except ValueError as error:  # ImproperlyConfiguredException
        raise UsageError(f"the Litestar app has no OpenAPI document: {error}") from error


def _self_described(app: Any) -> Any:
    """Return what an app of FastAPI, of Django Ninja or of another framework answers when it is asked."""
    for name in ("openapi", "get_openapi_schema", "to_dict"):
        ask = getattr(app, name, None)
        if callable(ask):
            answer = ask()
            return answer if is_document(answer) else None
    return None


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_WRAPPED = ("app", "application", "wrapped_app", "asgi_app")
_MOST_MIDDLEWARES = 10
_FRAMEWORKS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("litestar", "asgi_handler", _litestar),
    ("flask", "test_client", apps_of_flask.document_of),
    ("django", "resolve_request", apps_of_django.document_of),
)


def _text(value: Any) -> str:
    """Return the text of a date, a number or a text of a framework; not one that is another in every run."""
    text = str(value)
    if _ADDRESS.search(text):
        raise TypeError(f"an object of {type(value).__name__} has no form in it")
    return text


def _plain(document: Any, place: str) -> dict[str, Any]:
    """Return *document* as JSON alone: frameworks put their own texts, numbers and dates into it."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(document, default=_text, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidContractError(f"{place}: the app's document is not JSON: {error}") from error
    return plain


def _kind(app: Any) -> str:
    kind = f"{type(app).__module__}.{type(app).__qualname__}".removeprefix("builtins.")
    return f"an object of {kind}"
