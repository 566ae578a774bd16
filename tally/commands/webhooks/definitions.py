"""The options that say what a webhook does, and the document that they make."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from tally import json_text
from tally.errors import UsageError
from tally.json_text import UnacceptableError
from tally.option_values import SeveralValues

Function = Callable[..., Any]
EVENTS = {
    "contract_content_changed": "the content of a pact changes",
    "contract_published": "a pact is published, changed or not",
    "provider_verification_published": "a provider publishes the result of a verification",
    "provider_verification_failed": "such a result is a failure",
    "provider_verification_succeeded": "such a result is a success",
    "contract_requiring_verification_published": "a pact is published that a provider has not verified yet",
    "service_contract_published": "a service publishes documents of its contract",
    "comparison_succeeded": "a pact was compared with a service contract, and fits",
    "comparison_failed": "a pact was compared with a service contract, and does not fit",
    "quality_gate_failed": "a service does not keep a quality gate any more",
    "quality_gate_recovered": "a service keeps a quality gate again",
}
_HEADER = re.compile(r"([^\s:]+): ?(?!//)(.*)", re.DOTALL)


def _refuse_team(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:  # noqa: ARG001 - click's signature
    if value is not None:
        raise UsageError("--team-uuid is not supported: name the team, with --team.")


_OPTIONS = (
    click.option("-X", "--request", metavar="METHOD", help="The HTTP method; the broker's default is POST."),
    click.option(
        "-H",
        "--header",
        cls=SeveralValues,
        continues=lambda word: _HEADER.fullmatch(word) is not None,
        metavar="'NAME: VALUE'",
        help="A header to send; may be repeated.",
    ),
    click.option("-d", "--data", metavar="BODY", help="The body: JSON, any text, or @FILE to read it."),
    click.option("--user", metavar="NAME:PASSWORD", help="User name and password for basic authentication."),
    click.option("--consumer", metavar="NAME", help="Only for pacts of this consumer."),
    click.option("--consumer-label", metavar="LABEL", help="Only for pacts of consumers with this label."),
    click.option("--provider", metavar="NAME", help="Only for pacts with this provider."),
    click.option("--provider-label", metavar="LABEL", help="Only for pacts with providers of this label."),
    click.option("--description", metavar="TEXT", help="What it is for, as people read it."),
    click.option("--team", metavar="TEAM", help="The team whose administrators may change it."),
    *(
        click.option(f"--{name.replace('_', '-')}", is_flag=True, help=f"Send it when {when}.")
        for name, when in EVENTS.items()
    ),
    click.option(
        "--team-uuid",
        metavar="UUID",
        hidden=True,
        expose_value=False,
        callback=_refuse_team,
    ),
)


def definition_options(command: Function) -> Function:
    """Add them; the command receives each under its own name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def definition(url: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a webhook's document that *url* and the options say.

    Raises UsageError for what contradicts itself or cannot be read.
    """
    if given["team"] == "":
        raise UsageError("--team is empty: name one, or leave the option out.")
    events = [{"name": name} for name in EVENTS if given[name]]
    roles = {role: _criterion(role, given) for role in ("consumer", "provider")}
    document = {
        "description": given["description"],
        "team": given["team"],
        "events": events,
        **roles,
        "request": _request(url, given),
    }
    return {key: value for key, value in document.items() if value}


def check_events(document: Mapping[str, Any]) -> None:
    """Raise UsageError when no event would trigger the webhook."""
    if not document.get("events"):
        options = ", ".join(f"--{name.replace('_', '-')}" for name in EVENTS)
        raise UsageError(f"Which events trigger it? Give one or more of {options}.")


def _request(url: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    request = {"url": url, "method": given["request"], "headers": _headers(given["header"])}
    request |= _body(given["data"]) | _user(given["user"])
    return {key: value for key, value in request.items() if value is not None}


def _criterion(role: str, given: Mapping[str, Any]) -> dict[str, str] | None:
    name, label = given[role], given[f"{role}_label"]
    if "" in {name, label}:
        # Left out, it would mean every application, which an empty variable does not.
        raise UsageError(f"--{role} or --{role}-label is empty: name one, or leave the option out.")
    if name and label:
        raise UsageError(f"--{role} and --{role}-label exclude each other: give one of them.")
    return {"name": name} if name else {"label": label} if label else None


def _headers(written: tuple[str, ...]) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for text in written:
        found = _HEADER.fullmatch(text)
        if not found:
            raise UsageError(f"--header {text!r} has no name: write it as 'Name: value'.")
        if found[1].lower() in map(str.lower, headers):
            raise UsageError(f"--header gives {found[1]} twice.")
        headers[found[1]] = found[2].strip()
    return headers or None


def _body(data: str | None) -> dict[str, Any]:
    """Return the body as JSON where it is JSON, digit for digit, otherwise as the text that it is."""
    if data is None:
        return {}
    text = _file(data[1:]) if data.startswith("@") else data
    try:
        json_text.read(text)
    except UnacceptableError as error:
        raise UsageError(f"--data: {error}.") from error
    except (ValueError, RecursionError):
        return {"body": text}
    return {"body": orjson.Fragment(text)}


def _file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--data @{name}: the file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--data @{name}: the file is not UTF-8.") from error


def _user(text: str | None) -> dict[str, str]:
    name, colon, password = (text or "").partition(":")
    return {"username": name, **({"password": password} if colon else {})} if text else {}
