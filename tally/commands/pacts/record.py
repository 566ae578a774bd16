"""`tally record`: a draft of a pact, from requests that are passed on or from an archive of a browser."""

import os
import signal
import ssl
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from requests.adapters import DEFAULT_CA_BUNDLE_PATH

from tally.commands import output as printing
from tally.commands.pacts import draft_report
from tally.drafts import files
from tally.drafts.draft import SPECIFICATIONS, draft
from tally.drafts.folding import Folding, printable
from tally.drafts.har import read_har
from tally.drafts.proxy import RecordingProxy, Upstream, recording
from tally.errors import TallyError, UsageError
from tally.option_values import WholeNumber
from tally.values import dataclass

URL_VARIABLE = "TALLY_RECORD_URL"
_PATIENCE = 10
"""Seconds for the command to end after Ctrl-C."""
_FAILED, _INTERRUPTED = 1, 130


@dataclass(frozen=True)
class _Consumer:
    """How the consumer comes to the proxy: by itself, or as a *command* that is told the address."""

    command: tuple[str, ...]
    port: int
    url_variable: str | None


@click.command()
@click.argument("command", nargs=-1, metavar="[-- COMMAND...]")
@click.option("--upstream", metavar="URL", help="Pass requests on to this provider, and record them.")
@click.option(
    "--har",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the requests from an HTTP archive that a browser or a proxy saved.",
)
@click.option("--consumer", required=True, metavar="NAME", help="Who sends the requests.")
@click.option("--provider", required=True, metavar="NAME", help="Who answers them.")
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    default=0,
    metavar="PORT",
    help="Port of 127.0.0.1 to listen on; any free one when it is not given.",
)
@click.option(
    "--url-variable",
    metavar="NAME",
    help=f"Give COMMAND the address under this variable too, besides {URL_VARIABLE}.",
)
@click.option(
    "--only-host",
    multiple=True,
    metavar="HOST",
    help="Take only requests to this host from the archive; may be repeated.",
)
@click.option(
    "-o",
    "--pact-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("drafts"),
    show_default=True,
    metavar="DIR",
    help="Write the draft to this folder.",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there already.")
@click.option(
    "--specification",
    type=click.Choice(tuple(SPECIFICATIONS)),
    default="V4",
    show_default=True,
    help="Version of the Pact specification of the file.",
)
@click.option(
    "-c",
    "--ssl-certificate",
    envvar="SSL_CERT_FILE",
    show_envvar=True,
    metavar="FILE",
    help="Certificates to trust, as a PEM file.",
)
@click.option(
    "--skip-ssl-verification",
    is_flag=True,
    envvar="SSL_SKIP_VERIFICATION",
    show_envvar=True,
    help="Trust any certificate of the provider.",
)
def record(  # noqa: PLR0913 - one for each option
    *,
    command: tuple[str, ...],
    upstream: str | None,
    har: Path | None,
    consumer: str,
    provider: str,
    port: int,
    url_variable: str | None,
    only_host: tuple[str, ...],
    pact_dir: Path,
    overwrite: bool,
    specification: str,
    ssl_certificate: str | None,
    skip_ssl_verification: bool,
) -> None:
    """Record a draft of a pact from requests that work already.

    With --upstream, requests to an address of this machine are passed on to a running provider until Ctrl-C,
    or until COMMAND ends. With --har, they come from an archive of a browser. Matchers are inferred, secrets
    taken out; what a person has to decide is printed. Exits with 1 when COMMAND failed, and with 2 when
    nothing could be recorded.

    \b
    Examples:
      tally record --upstream http://localhost:8000 --consumer Shop --provider Orders -- pytest tests/live
      tally record --har shop.har --only-host api.example.org --consumer Shop --provider Orders
    """
    who = _Consumer(command, port, url_variable)
    _check(upstream, har, only_host, who)
    path = files.target(pact_dir, consumer, provider, overwrite=overwrite)
    code = 0
    if har is not None:
        folding = read_har(har, only_host)
    else:
        context = _context(ssl_certificate, verify=not skip_ssl_verification)
        folding = Folding()
        code = _run(Upstream(upstream or "", context), folding, who)
    if not folding.count:
        _refuse_nothing(folding, code, har)
    made = draft(folding.folded(), consumer=consumer, provider=provider, specification=specification)
    files.write(path, made)
    draft_report.show(made, folding, path)
    raise click.exceptions.Exit(code)


def _check(upstream: str | None, har: Path | None, hosts: Sequence[str], who: _Consumer) -> None:
    if (upstream is None) == (har is None):
        raise UsageError("Where from? Give either --upstream, a running provider, or --har, an archive.")
    if hosts and har is None:
        raise UsageError("--only-host is for --har: with --upstream there is one host.")
    if har is not None and (who.command or who.port or who.url_variable):
        raise UsageError("--port, --url-variable and a COMMAND are for --upstream: an archive is only read.")
    if who.url_variable is not None and not who.command:
        raise UsageError("--url-variable needs a COMMAND, behind --.")
    if who.url_variable is not None and (not who.url_variable or set(who.url_variable) & {"=", "\0"}):
        raise UsageError(f"--url-variable {who.url_variable!r} is no name of a variable.")


def _context(certificate: str | None, *, verify: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=certificate or DEFAULT_CA_BUNDLE_PATH)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"--ssl-certificate {certificate}: cannot be read ({error}).") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _run(upstream: Upstream, folding: Folding, who: _Consumer) -> int:
    """Record until Ctrl-C, or until the command ends; return the exit code."""
    with recording(upstream, folding, _say, who.port) as proxy:
        until = f"until {who.command[0]} ends" if who.command else "until Ctrl-C"
        _say(f"Recording {upstream.url} at {proxy.url} {until}.", "info")
        return _run_command(proxy, who) if who.command else _wait()


def _say(text: str, kind: str) -> None:
    printing.say(printable(text), kind, error=True)


def _wait() -> int:
    try:
        # Also where Ctrl-C does not arrive: a shell starts what is in the background without it.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            threading.Event().wait()
        finally:
            signal.signal(signal.SIGTERM, before)
    except KeyboardInterrupt:
        _say("", "info")
    return 0


def _run_command(proxy: RecordingProxy, who: _Consumer) -> int:
    variables = {URL_VARIABLE: proxy.url, **({who.url_variable: proxy.url} if who.url_variable else {})}
    try:
        process = subprocess.Popen(who.command, env={**os.environ, **variables})  # noqa: S603 - what the user asks for
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{who.command[0]} cannot be started: {reason}.") from error
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # It was interrupted as well; what was recorded until then is kept.
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return _INTERRUPTED
    if code:
        _say(f"{who.command[0]} ended with {code}.", "warning")
    return _FAILED if code else 0


def _refuse_nothing(folding: Folding, code: int, har: Path | None) -> NoReturn:
    where_from = f"{har} has nothing" if har else "Nothing was recorded"
    why = "; ".join(f"{reason} ({count})" for reason, count in folding.left_out.items())
    problem = f"{where_from} that a draft could be made of"
    if har:
        hint = f"It has only: {why}." if why else "It has no requests: was the network recorded?"
    elif why:
        hint = f"There were only: {why}."
    else:
        hint = "No request came to the address: does the consumer use it?"
    failed = " The command failed as well." if code == _FAILED else ""
    raise TallyError(f"{problem}, so no file is written. {hint}{failed}")
