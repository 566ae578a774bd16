"""Options of `pact verifier` that have another form here, and options that are refused."""

import os
from collections.abc import Callable
from typing import Any

import click

from tally.option_values import WholeNumber

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _without_colour(_context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - as click calls it
    if wanted:
        os.environ["NO_COLOR"] = "1"


ALIASES = (
    click.option(
        "-h", "--hostname", envvar="PACT_PROVIDER_HOSTNAME", metavar="HOST",
        help="With --port and --transport another form of --provider-url; by default localhost.",
    ),
    click.option(
        "-p", "--port", type=WholeNumber(1, 65_535), envvar="PACT_PROVIDER_PORT", metavar="PORT",
        help="Port of the provider.",
    ),
    click.option(
        "--transport", envvar="PACT_PROVIDER_TRANSPORT", metavar="NAME",
        help="http, https, or that of a plugin, such as grpc.",
    ),
    click.option(
        "--transports", multiple=True, metavar="NAME:PORT",
        help="Port of a further transport of the provider, such as grpc:5555; may be repeated.",
    ),
    click.option(
        "--request-timeout", type=WholeNumber(min=1), envvar="PACT_PROVIDER_REQUEST_TIMEOUT", metavar="MS",
        help="The same as --timeout, in milliseconds.",
    ),
    click.option(
        "--webhook-callback-url", envvar="PACT_WEBHOOK_CALLBACK_URL", metavar="URL",
        help="The pact at the broker that a webhook wants verified; the same as --pact-url.",
    ),
    click.option(
        "--no-colour", "--no-color", is_flag=True, expose_value=False, callback=_without_colour,
        help="No colours, not even on a terminal.",
    ),
    click.version_option(None, "-v", "--version", package_name="tallystick"),
)  # fmt: skip
"""Other forms of options, as `pact verifier` has them."""

_TRACES = "this verifier sends no traces; --json FILE has the duration of every interaction"
_FORM = "the log of this verifier (--log-level) has one format"


def _refused(reason: str, *names: str, is_flag: bool = False) -> Option:
    """Return an option that is refused with *reason* when it is given."""

    def refuse(_context: click.Context, parameter: click.Parameter, value: object) -> None:
        if value:
            raise click.UsageError(f"{parameter.opts[-1]} is not supported: {reason}.")

    return click.option(*names, is_flag=is_flag, hidden=True, expose_value=False, callback=refuse)


REFUSED = (
    _refused("--html FILE writes a page of its own, which needs no style sheet", "--xslt"),
    _refused(_TRACES, "--enable-otel", is_flag=True),
    _refused(_TRACES, "--enable-otel-logs", is_flag=True),
    _refused(_TRACES, "--enable-otel-traces", is_flag=True),
    _refused(_TRACES, "--otel-exporter"),
    _refused(_TRACES, "--otel-exporter-endpoint"),
    _refused(_TRACES, "--otel-exporter-protocol"),
    _refused(_FORM, "--pretty-log", is_flag=True),
    _refused(_FORM, "--full-log", is_flag=True),
    _refused(_FORM, "--compact-log", is_flag=True),
)
"""Options that would have no effect here; they are refused, so that nobody relies on them."""
