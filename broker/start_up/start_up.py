"""What every command of the broker does first: read the settings, and prepare the database.

If something is wrong, the command ends with code 2 and one line that says what to do.
"""

import ipaddress
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

import click
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from broker.background import clean_up, content_mover
from broker.databases import open_database, open_with_standby
from broker.logs import begin_logging, is_json, logger, tell
from broker.observability import exporting
from broker.services.outgoing.rules import issuer_rules
from broker.services.outgoing.send import check
from broker.services.webhooks import send
from broker.settings import texts
from broker.settings.file import with_file
from broker.settings.from_environment import from_environment
from broker.settings.names import check_names
from broker.settings.settings import InvalidSettingError, Settings
from broker.storage.database import Database, Limits
from broker.storage.database_url import UnusableParameterError
from broker.storage.migrations import LockedTableError, NewerDatabaseError, is_outdated, schema_of, upgrade
from broker.storage.standby import Reason
from tally.errors import TallyError
from tally.option_values import ChecksItself, refuse_missing_values

UNEXPECTED = 70
"""The exit code of a defect of ours, as everywhere in `tally`."""
LONGEST_WAIT = 30
"""The most seconds between two tries to reach the database at the start."""


def settings_of(options: dict[str, Any]) -> Settings:
    """Return the settings of the environment and its file; options that are not None win."""
    try:
        return read_settings(options, lambda warning: tell(warning, logging.WARNING))
    except InvalidSettingError as error:
        give_up(str(error))


def read_settings(options: Mapping[str, Any], warn: Callable[[str], None]) -> Settings:
    """Return the settings as `settings_of`. Raises InvalidSettingError."""
    environment = with_file(os.environ)
    if _is_of_a_server():  # other commands speak to a person, whatever the log is
        begin_logging(environment)
    for warning in check_names(environment):
        warn(warning)
    given = {name: value for name, value in options.items() if value is not None}
    return replace(from_environment(environment), **given)


def check_values(settings: Settings) -> None:
    """Refuse values that would otherwise fail later, at a log-in, a clean-up or a webhook."""
    try:
        refuse_values(settings)
    except InvalidSettingError as error:
        give_up(str(error))


def refuse_values(settings: Settings) -> None:
    """Raise InvalidSettingError for values as `check_values`."""
    texts.check(settings)
    _check_bodies(settings)
    _ = settings.users, settings.tokens, settings.addresses
    _ = clean_up.policy(settings), clean_up.schedule(settings)
    send.check(settings)
    exporting.check(settings)
    content_mover.check(settings)
    check(issuer_rules(settings))


def _check_bodies(settings: Settings) -> None:
    if settings.max_request_megabytes > settings.max_bodies_megabytes:
        raise InvalidSettingError(
            f"TALLY_MAX_BODIES_MEGABYTES must be {settings.max_request_megabytes} or more: one body may be "
            "as large as TALLY_MAX_REQUEST_MEGABYTES says"
        )


def check_address(settings: Settings) -> None:
    """Refuse an address that is in use."""
    if settings.workers > 1 and settings.database_url.startswith("sqlite"):
        give_up("several workers need PostgreSQL: set --database-url, or --workers 1.")
    _check_port(settings.host, settings.port, "Choose another --port or --host.")


def check_health_port(settings: Settings) -> None:
    """Refuse an address of a worker's health that is in use."""
    if settings.worker_health_port:
        _check_port(
            settings.host,
            settings.worker_health_port,
            "Choose another TALLY_WORKER_HEALTH_PORT or TALLY_HOST.",
        )


def _check_port(host: str, port: int, remedy: str) -> None:
    try:
        socket.create_server((host, port)).close()
    except (OSError, OverflowError) as error:
        where = f"{host}:{port}"
        if isinstance(error, OverflowError):
            give_up(f"cannot listen on {where}: a port is at most 65535. {remedy}")
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        give_up(f"cannot listen on {where}: {reason}. {remedy}")


def check_access(settings: Settings, *, insecure: bool) -> None:
    """Refuse an address from which anyone could write, unless *insecure*; the database is prepared."""
    database = open_database(settings)
    try:
        with database.reading() as storage:
            has_accounts = storage.access.any_accounts()
    except SQLAlchemyError as error:
        give_up(_unusable(error))
    finally:
        database.close()
    if has_accounts and settings.has_credentials:
        logger.warning(
            "The settings have users or tokens beside the accounts: they change everything but accounts, and "
            "nobody sees who used them. To give them accounts, with the same tokens: tally tokens adopt"
        )
    if not has_accounts and not insecure and is_open(settings):
        give_up(OPEN.format(settings.host))


OPEN = (
    "anyone who reaches {} could write to this broker. Create an account first (tally "
    "users create --admin NAME), or set TALLY_BASIC_AUTH_USERNAME and TALLY_BASIC_AUTH_PASSWORD, or "
    "TALLY_API_TOKENS, or add --insecure."
)
"""What is said of an address from which anyone could write."""


def is_open(settings: Settings) -> bool:
    """Return whether anyone could write who is on another machine, unless there are accounts."""
    return not (settings.has_credentials or settings.oidc_providers or _is_loopback(settings.host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def prepare_database(settings: Settings) -> None:
    """Connect to the database, and bring its schema up to date, or check it, as the settings say."""
    database = database_of(settings)
    failures = 0
    while not _is_migrated(database, settings, last=failures == settings.database_connect_max_retries):
        seconds = min(2**failures, LONGEST_WAIT)
        tell(f"Trying again in {seconds} s.")
        time.sleep(seconds)
        failures += 1
    database.close()


def database_of(settings: Settings) -> Database:
    """Return the database, which is not connected to yet, or give up when its address is none."""
    try:
        return open_database(settings)
    except UnusableParameterError as error:
        give_up(f"--database-url: {error}.")
    except ArgumentError:
        give_up("--database-url is not a database URL, such as sqlite:///tallystick.sqlite3")


def _is_migrated(database: Database, settings: Settings, *, last: bool) -> bool:
    """Try once; return False when the database cannot be reached, or give up if this was the *last* try."""
    try:
        _migrate(database, settings)
    except (NewerDatabaseError, LockedTableError) as error:
        give_up(str(error))
    except SQLAlchemyError as error:
        if last or not isinstance(error, OperationalError):
            give_up(_unusable(error))
        tell(_unusable(error), logging.WARNING, as_it_is=True)
        return False
    return True


def _migrate(database: Database, settings: Settings) -> None:
    if settings.auto_migrate_db:
        upgrade(database)
    elif is_outdated(database):
        give_up(
            "the database has the schema of an earlier release: run `tally migrate`, or set "
            "TALLY_AUTO_MIGRATE_DB."
        )
    found = schema_of(database)
    if found.is_newer:
        logger.warning(
            "The database is from a newer release of Tallystick (its schema is %s), which this release can "
            "still use. Upgrade the rest of the brokers.",
            found.revision,
        )


def check_standby(settings: Settings) -> None:
    """Refuse a standby of another database, and say when it cannot be read from at the moment."""
    if not settings.database_read_url:
        return
    if settings.database_url.startswith("sqlite"):
        give_up("TALLY_DATABASE_READ_URL needs PostgreSQL: SQLite has no standby. Leave it empty.")
    try:
        database = open_with_standby(settings, Limits(connections=1))
    except UnusableParameterError as error:
        give_up(f"TALLY_DATABASE_READ_URL: {error}.")
    except ArgumentError:
        give_up("TALLY_DATABASE_READ_URL is not a URL of PostgreSQL, such as postgresql://USER@HOST/NAME")
    standby = database.standby
    try:
        if standby is not None:
            standby.look()
    except SQLAlchemyError as error:
        give_up(_unusable(error))
    finally:
        database.close()
    if standby is None or not standby.trouble:
        return
    if standby.out_of_use is Reason.OTHER_DATABASE:
        give_up(f"TALLY_DATABASE_READ_URL cannot be used: {standby.trouble}.")
    click.echo(
        f"Warning: nothing is read from TALLY_DATABASE_READ_URL until it can be used: {standby.trouble}",
        err=True,
    )


def warn_of_the_database(settings: Settings) -> None:
    """Say with which settings PostgreSQL may lose what it has committed, or take the old for the new."""
    database = open_database(settings)
    for name in database.not_durable():
        tell(
            f"PostgreSQL runs with {name} = off: what was acknowledged may be lost when its server, its "
            "machine or the power fails.",
            logging.WARNING,
        )
    if found := database.out_of_order():
        tell(
            "The database does not count these one by one, so an older result may be taken for a newer one: "
            f"{', '.join(found)}. For each: ALTER SEQUENCE … CACHE 1 (docs/scaling.md).",
            logging.WARNING,
        )
    database.close()


@contextmanager
def telling_of_the_database(remedy: str) -> Iterator[None]:
    """Give up when the database fails while the block runs; *remedy* says what to do then."""
    try:
        yield
    except SQLAlchemyError as error:
        give_up(f"{_unusable(error)} {remedy}")


def _unusable(error: SQLAlchemyError) -> str:
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return f"cannot use the database: {reason}. Check --database-url (TALLY_DATABASE_URL)."


def give_up(reason: str) -> NoReturn:
    """End the command with an error."""
    tell(reason, logging.ERROR)
    sys.exit(2)


def _is_of_a_server() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, ServerCommand)


class ServerCommand(ChecksItself):
    """A command whose log is JSON, if that is set, also for what is wrong with its options or with itself."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options; an error ends the command with code 2."""
        begin_logging(os.environ)
        try:
            if not extra.get("resilient_parsing"):  # with which a shell completes what is not finished
                refuse_missing_values(self, args)
            return super().make_context(info_name, args, parent, **extra)
        except (click.UsageError, TallyError) as error:
            if not is_json():
                raise
            give_up(error.format_message() if isinstance(error, click.UsageError) else str(error))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if not is_json():
                raise  # `tally` says it
            if isinstance(error, click.ClickException | TallyError):
                give_up(str(error))
            logger.critical("The program ends by an unexpected %s", type(error).__name__, exc_info=error)
            sys.exit(UNEXPECTED)
