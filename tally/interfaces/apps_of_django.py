"""The OpenAPI document of a Django app: of drf-spectacular, or of Django REST framework itself."""

import importlib
import importlib.util
from typing import Any

from tally.errors import UsageError


def document_of(app: Any) -> Any:  # noqa: ARG001 - Django keeps its routes in settings, not in the app
    """Return the document of the routes that the settings of the running Django name.

    Raises UsageError when neither generator is installed, or when what they need is missing.
    """
    settings = _imported("django.conf").settings
    installed = set(settings.INSTALLED_APPS)
    if "drf_spectacular" in installed:
        spectacular = _imported("drf_spectacular.settings").spectacular_settings
        return spectacular.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)
    if "rest_framework" not in installed:
        raise UsageError(
            "the Django app has neither drf_spectacular nor rest_framework in INSTALLED_APPS, so it "
            "describes no OpenAPI document. Add one, or write the document to a file, and publish that."
        )
    return _of_rest_framework()


def _of_rest_framework() -> Any:
    for needed in ("uritemplate", "yaml"):
        if importlib.util.find_spec(needed) is None:
            raise UsageError(
                f"Django REST framework needs {needed!r} to describe its routes, which is not installed. "
                "Install it, or use drf-spectacular."
            )
    title = _imported("django.conf").settings.ROOT_URLCONF.partition(".")[0]
    generator = _imported("rest_framework.schemas.openapi").SchemaGenerator(title=title, version="1")
    try:
        return generator.get_schema(request=None, public=True)
    except AttributeError as error:
        raise UsageError(
            f"Django REST framework could not describe its routes ({error}). Set DEFAULT_SCHEMA_CLASS of "
            "REST_FRAMEWORK to 'rest_framework.schemas.openapi.AutoSchema', or use drf-spectacular."
        ) from error


def _imported(name: str) -> Any:
    return importlib.import_module(name)
