"""The options of `tally verify`, with the names and environment variables of `pact verifier`."""

from collections.abc import Callable, Sequence
from typing import Any

from tally.commands.options import optional_broker_options, output_option
from verifier.command_line.contracts import CONTRACTS, RUN_LIMITS
from verifier.command_line.generation import GENERATION
from verifier.command_line.pact_verifier import ALIASES, REFUSED
from verifier.command_line.provider import CONNECTION, PROVIDER
from verifier.command_line.results import PUBLISHING, REPORTS

Function = Callable[..., Any]

# `pact verifier` gives other meanings to -u, -p, -c and -k than the commands for brokers do.
BROKER_NAMES = {
    "broker_base_url": ("-b", "--broker-base-url", "--broker-url"),
    "broker_username": ("--broker-username", "--user"),
    "broker_password": ("--broker-password", "--password"),
    "broker_token": ("-t", "--broker-token", "--token"),
    "ssl_certificate": ("--ssl-certificate",),
    "skip_ssl_verification": ("--skip-ssl-verification",),
    "custom_header": ("--custom-header",),
    "log_level": ("-l", "--log-level", "--loglevel"),
}
"""The names of the broker options in this command."""


def verify_options(command: Function) -> Function:
    """Add every option; the command receives them by name, and the broker as `broker`."""
    function = _with((*REPORTS, *ALIASES, *REFUSED), command)
    function = _with((*GENERATION, *RUN_LIMITS, *PUBLISHING), output_option()(function))
    function = _with((*PROVIDER, *CONNECTION, *CONTRACTS), optional_broker_options(function))
    for parameter in getattr(function, "__click_params__", ()):
        parameter.opts = list(BROKER_NAMES.get(parameter.name, parameter.opts))
        parameter.show_envvar = True
    return function


def _with(options: Sequence[Callable[[Function], Function]], command: Function) -> Function:
    for option in reversed(options):
        command = option(command)
    return command
