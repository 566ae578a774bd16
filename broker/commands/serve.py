"""`tally serve` and `tally worker`: what has to be right first, then the processes."""

from typing import Any

import click

from broker.commands.options import database_url_option
from broker.logs import configure_logging, tell
from broker.processes.reloading import HangUps, Reloading
from broker.settings.names import as_help
from broker.start_up.protection import protect_webhooks
from broker.start_up.settings_anew import SettingsAnew
from broker.start_up.start_up import (
    ServerCommand,
    check_access,
    check_address,
    check_health_port,
    check_standby,
    check_values,
    prepare_database,
    settings_of,
    warn_of_the_database,
)
from tally.loading import loading
from tally.option_values import WholeNumber


@click.command(cls=ServerCommand, epilog=as_help())
@click.option("-p", "--port", metavar="PORT", type=WholeNumber(0, 65535), help="Port to listen on (9292).")
@click.option("--host", metavar="ADDRESS", help="Address to listen on (127.0.0.1: this machine alone).")
@database_url_option
@click.option(
    "--base-url", metavar="URL", help="Address that links start with, if there is a proxy in front."
)
@click.option("--workers", metavar="N", type=WholeNumber(1), help="Processes (1); more need PostgreSQL.")
@click.option("--insecure", is_flag=True, help="Allow another --host although anyone could write.")
def serve(*, insecure: bool, **options: Any) -> None:
    """Run the broker: its API and its pages.

    Without options it listens on http://127.0.0.1:9292 and keeps its data in ./tallystick.sqlite3.
    Every setting can be given as an environment variable, such as TALLY_PORT or, as for the Pact
    Broker, PACT_BROKER_PORT. All settings are listed below, with their defaults.

    \b
    Example:
      tally serve --database-url postgresql://tally:secret@db/tally --host 0.0.0.0
    """
    hang_ups = HangUps()
    settings = settings_of(options)
    anew = SettingsAnew(options, settings, may_be_open=insecure)
    check_values(settings)
    check_address(settings)
    prepare_database(settings)
    check_standby(settings)
    configure_logging(settings)
    check_access(settings, insecure=insecure)
    warn_of_the_database(settings)
    settings = protect_webhooks(settings)
    with loading():
        from broker.processes.processes import run  # noqa: PLC0415 - the web server, only once all else is in order

    tell(f"The broker is at http://{settings.host}:{settings.port}   (Ctrl-C stops it)", err=False)
    run(Reloading(hang_ups, anew, settings))


@click.command(cls=ServerCommand)
@database_url_option
def worker(**options: Any) -> None:
    """Send webhooks when they are due, and compare contracts, until it is stopped.

    `tally serve` does the same, unless TALLY_WEBHOOK_WORKER is false. On PostgreSQL, any number of workers
    share the deliveries.

    \b
    Example:
      tally worker --database-url postgresql://tally:secret@db/tally
    """
    hang_ups = HangUps()
    settings = settings_of(options)
    anew = SettingsAnew(options, settings)
    check_values(settings)
    check_health_port(settings)
    prepare_database(settings)
    warn_of_the_database(settings)
    settings = protect_webhooks(settings)
    with loading():
        from broker.processes.worker_process import run  # noqa: PLC0415 - the network, only once all else is in order

    configure_logging(settings)
    tell("Sending webhooks   (Ctrl-C stops it)", err=False)
    run(Reloading(hang_ups, anew, settings))
