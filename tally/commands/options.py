"""Options that several commands share; names and environment variables equal those of `pact broker`."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

from tally.commands import output as printing
from tally.errors import UsageError
from tally.option_values import WholeNumber

Function = Callable[..., Any]
LOG_LEVELS = ("off", "none", "error", "warn", "info", "debug", "trace")
FORMATS = ("text", "table", "json", "pretty")
"""What `--output` means in every command: for people, in sentences; what there is, in rows and columns; the
broker's answer, on one line; the same, indented."""

log_level_option = click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    default="off",
    metavar="LEVEL",
    help=f"Log requests to standard error: {', '.join(LOG_LEVELS)}.",
)
_CONNECTION = (
    click.option(
        "-b",
        "--broker-base-url",
        envvar="PACT_BROKER_BASE_URL",
        show_envvar=True,
        metavar="URL",
        help="Address of the broker, such as http://localhost:9292.",
    ),
    click.option(
        "-u",
        "--broker-username",
        envvar="PACT_BROKER_USERNAME",
        show_envvar=True,
        metavar="NAME",
        help="User name for basic authentication.",
    ),
    click.option(
        "-p",
        "--broker-password",
        envvar="PACT_BROKER_PASSWORD",
        show_envvar=True,
        metavar="PASSWORD",
        help="Password for basic authentication.",
    ),
    click.option(
        "-k",
        "--broker-token",
        envvar="PACT_BROKER_TOKEN",
        show_envvar=True,
        metavar="TOKEN",
        help="API token; used instead of a user name when both are given.",
    ),
    click.option(
        "--custom-header",
        multiple=True,
        metavar="'NAME: VALUE'",
        help="A header to send with every request; may be repeated.",
    ),
    click.option(
        "--retries",
        type=WholeNumber(min=0),
        default=2,
        metavar="TIMES",
        envvar="PACT_BROKER_HTTP_RETRIES",
        show_default=True,
        show_envvar=True,
        help="How often to repeat a request after a lost connection, 5xx, 408 or 429, if it may be repeated.",
    ),
    click.option(
        "-c",
        "--ssl-certificate",
        envvar="SSL_CERT_FILE",
        show_envvar=True,
        metavar="FILE",
        help="Certificates to trust, as a PEM file.",
    ),
    click.option(
        "--skip-ssl-verification",
        is_flag=True,
        envvar="SSL_SKIP_VERIFICATION",
        show_envvar=True,
        help="Trust any certificate.",
    ),
    log_level_option,
)


def _remember_verbose(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    ctx.meta[printing.VERBOSE] = value


_verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_remember_verbose,
    help="Print exact times on a terminal, and the whole log of a webhook.",
)


def broker_options(command: Function) -> Function:
    """Add the options that name the broker; the command receives it as `broker`, a BrokerClient."""
    return _verbose_option(_with_broker(command, required=True))


def optional_broker_options(command: Function) -> Function:
    """Add the same options; the command receives None as `broker` when no address is given."""
    return _with_broker(command, required=False)


def output_option(*formats: str, default: str = "text") -> Callable[[Function], Function]:
    """Add `-o/--output` with these *formats*, or all; the command receives the chosen format as `output`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(formats or FORMATS),
        default=default,
        show_default=True,
        help="Text or a table for people; JSON for programs, on one line or pretty.",
    )


def pacticipant_option(help_text: str) -> Callable[[Function], Function]:
    """Add `-a/--pacticipant`, required."""
    return click.option("-a", "--pacticipant", required=True, metavar="NAME", help=help_text)


def version_option(help_text: str) -> Callable[[Function], Function]:
    """Add `-e/--version`, required."""
    return click.option("-e", "--version", required=True, metavar="VERSION", help=help_text)


def environment_option(help_text: str) -> Callable[[Function], Function]:
    """Add `--environment`, required."""
    return click.option("--environment", required=True, metavar="NAME", help=help_text)


def application_instance_option(help_text: str) -> Callable[[Function], Function]:
    """Add `--application-instance`, for applications that run more than once in an environment."""
    return click.option("--application-instance", metavar="NAME", help=help_text)


def override_option(command: Function) -> Function:
    """Add `--override`, for environments that require a yes of can-i-deploy."""
    return click.option(
        "--override",
        metavar="REASON",
        help="Why it is recorded although can-i-deploy does not say yes, where that is required.",
    )(command)


def _with_broker(command: Function, *, required: bool) -> Function:
    @wraps(command)
    def connected(  # noqa: PLR0913 - one for each option
        *,
        broker_base_url: str | None,
        broker_username: str | None,
        broker_password: str | None,
        broker_token: str | None,
        custom_header: Sequence[str],
        retries: int,
        ssl_certificate: str | None,
        skip_ssl_verification: bool,
        log_level: str,
        **others: Any,
    ) -> Any:
        start_logging(log_level)
        if broker_base_url is None:
            if required:
                raise click.UsageError("Which broker? Give --broker-base-url, or set PACT_BROKER_BASE_URL.")
            return command(broker=None, **others)
        if skip_ssl_verification:
            _say_nothing_of_trusting_anybody()
        from tally.broker_client import BrokerClient  # noqa: PLC0415 - slow to load, and not every run has a broker
        from tally.pipeline_tokens import pipeline_of  # noqa: PLC0415 - ditto

        broker = BrokerClient(
            broker_base_url,
            token=broker_token,
            username=broker_username,
            password=broker_password,
            retries=retries,
            verify=not skip_ssl_verification and (ssl_certificate or True),
            headers=dict(map(_header, custom_header)),
            pipeline=pipeline_of(os.environ),
            digits=required,  # the other commands read contracts themselves, and hand none on
        )
        return command(broker=broker, **others)

    function: Function = connected
    for option in reversed(_CONNECTION):
        function = option(function)
    return function


def _say_nothing_of_trusting_anybody() -> None:
    import urllib3  # noqa: PLC0415 - slow to load, and not every run has a broker

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def start_logging(level: str) -> None:
    """Send what the libraries log to standard error; they have no "trace", so it means "debug"."""
    if level not in {"off", "none"}:
        import logging  # noqa: PLC0415 - most runs log nothing

        logging.basicConfig(level={"trace": "DEBUG"}.get(level, level.upper()))


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (colon and name.strip()):
        raise UsageError(f"--custom-header {text!r} has no name: write it as 'Name: value'.")
    return name.strip(), value.strip()
