"""Secrets in the body of a webhook, which is a text or JSON: by their names, as in texts."""

from collections.abc import Callable
from typing import Any

from broker.domain.webhooks import secret_texts
from broker.domain.webhooks.secret_texts import STARS, is_secret, is_stars
from broker.domain.webhooks.templates import has_parameter


def starred(body: Any, *, is_named: bool = False) -> Any:
    """Return the body with stars in place of secrets; *is_named* tells that it is one as a whole."""
    if isinstance(body, dict):
        return {name: starred(value, is_named=is_named or is_secret(name)) for name, value in body.items()}
    if isinstance(body, list):
        return [starred(value, is_named=is_named) for value in body]
    if is_named and body is not None and not isinstance(body, bool):
        return body if isinstance(body, str) and (not body or has_parameter(body)) else STARS
    return secret_texts.starred(body) if isinstance(body, str) else body


def restored(body: Any, stored: Any) -> Any:
    """Return the body with the stored values, at the same places, where it has stars."""
    if isinstance(body, dict):
        kept = stored if isinstance(stored, dict) else {}
        return {name: restored(value, kept.get(name)) for name, value in body.items()}
    if isinstance(body, list):
        kept_items = stored if isinstance(stored, list) else []
        items = [*kept_items, *[None] * len(body)]
        return [restored(value, items[index]) for index, value in enumerate(body)]
    if not isinstance(body, str) or stored is None or isinstance(stored, dict | list):
        return body
    if is_stars(body):
        return stored
    return secret_texts.restored(body, stored) if isinstance(stored, str) else body


def blanked(body: Any) -> Any:
    """Return the body with nothing in place of stars."""
    return _mapped(body, lambda text: "" if is_stars(text) else secret_texts.blanked(text))


def _mapped(body: Any, change: Callable[[str], str]) -> Any:
    if isinstance(body, dict):
        return {name: _mapped(value, change) for name, value in body.items()}
    if isinstance(body, list):
        return [_mapped(value, change) for value in body]
    return change(body) if isinstance(body, str) else body
