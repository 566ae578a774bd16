"""Commands about accounts that work in the database itself: whoever has the machine's shell may use them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import click

from broker.commands.options import database_url_option
from broker.databases import open_database
from broker.domain.access import Access
from broker.domain.accounts.account import LOG_IN_LINK_MINUTES, NewAccount
from broker.domain.accounts.actor import ActorKind
from broker.domain.audit.entry import NewEntry
from broker.domain.errors import Refusal, ValidationError
from broker.services.accounts import accounts, on_machine, passwords
from broker.services.accounts.accounts import FoundAccount
from broker.services.accounts.on_machine import Adopted, Credential
from broker.services.audit.on_machine import OnMachine
from broker.settings.settings import Settings
from broker.start_up.start_up import (
    check_values,
    give_up,
    prepare_database,
    settings_of,
    telling_of_the_database,
)
from broker.storage.database import Database
from broker.storage.storage import Storage

Result = TypeVar("Result")
_NOTHING_CHANGED = "Nothing was changed: run the command again."
_ask_password = click.option(
    "--ask-password",
    is_flag=True,
    help="Ask for a password, twice, instead of printing a link; without a terminal, read one line.",
)
_token = click.option(
    "--token",
    "with_token",
    is_flag=True,
    help=f"Print a token that lives {on_machine.FIRST_TOKEN_DAYS} days instead of a link: for scripts.",
)


@click.command("create")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Create an administrator, in the database itself.")
@click.option("--display-name", metavar="TEXT", help="The name for people.")
@click.option("--email", metavar="ADDRESS", help="The e-mail address.")
@click.option("--another", is_flag=True, help="Do it although there are accounts already.")
@_ask_password
@_token
@database_url_option
def create_admin(  # noqa: PLR0913 - one for each option
    *,
    name: str,
    admin: bool,  # noqa: ARG001 - without it, another command is run
    display_name: str | None,
    email: str | None,
    another: bool,
    ask_password: bool,
    with_token: bool,
    **options: Any,
) -> None:
    """Create the first administrator, on the broker's machine.

    It prints a link by which NAME logs in once, within 15 minutes. From then on, whoever asks the broker
    needs a token or a session.

    \b
    Example:
      tally users create --admin ann --database-url postgresql://tally:secret@db/tally
    """
    settings = _prepared(options)
    hashed = _password(name) if ask_password else None
    new = NewAccount(name, ActorKind.PERSON, display_name or name, email, password_hash=hashed)

    def create(storage: Storage, now: datetime) -> tuple[FoundAccount, str | None, str | None]:
        found = on_machine.create_administrator(storage, new, now, is_another=another)
        token = on_machine.make_token(storage, found, now) if with_token else None
        code = None if ask_password or with_token else accounts.make_log_in_link(storage, name, now)[0]
        return found, token, code

    with _database(settings) as database, _refusals():
        found, token, code = _change(database, settings, name, create)
    click.echo(f"Created the administrator {found.account.name}.", err=True)
    _show(settings, token=token, code=code)


@click.command("reset")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Make NAME an administrator as well.")
@_ask_password
@database_url_option
def reset(*, name: str, admin: bool, ask_password: bool, **options: Any) -> None:
    """Let somebody in again, on the broker's machine.

    The account is enabled, its password and its sessions end, and it prints a link by which NAME logs in
    once, within 15 minutes. Tokens go on. There is no default password.

    \b
    Example:
      tally users reset ann --admin
    """
    settings = _prepared(options)
    hashed = _password(name) if ask_password else None
    with _database(settings) as database, _refusals():
        found, code = _change(
            database,
            settings,
            name,
            lambda storage, now: on_machine.reset(storage, name, hashed, now, is_administrator=admin),
        )
    click.echo(f"{found.account.name} can log in again.", err=True)
    _show(settings, token=None, code=code)


@click.command("adopt")
@database_url_option
def adopt(**options: Any) -> None:
    """Turn the users and tokens of the settings into service accounts, on the broker's machine.

    Each keeps its token, or its name and password: no pipeline changes. It reads the same settings as
    `tally serve`. Afterwards the settings that it names can be removed.

    \b
    Example:
      tally tokens adopt
    """
    settings = _prepared(options)
    check_values(settings)
    known = on_machine.credentials(settings.users, settings.tokens)
    if not known:
        click.echo("The settings have neither users nor tokens.", err=True)
        return
    with _database(settings) as database, _refusals():
        with database.reading() as storage:
            if not storage.access.any_accounts():
                give_up("create the first administrator before: tally users create --admin NAME")
        for credential in known:
            _tell(_change(database, settings, credential.name, partial(_adopt, credential)))
    named = {credential.setting for credential in known}
    # A broker with a password and no user does not start.
    named |= {name.replace("_USERNAME", "_PASSWORD") for name in named}
    click.echo(f"Remove from the settings: {', '.join(sorted(named))}. Then restart the broker.")


def _adopt(credential: Credential, storage: Storage, now: datetime) -> Adopted:
    return on_machine.adopt(storage, credential, now)


def _tell(adopted: Adopted) -> None:
    credential, account = adopted.credential, adopted.account
    if account is None:
        click.echo(f"{credential.setting}: {credential.name} was adopted before.")
        return
    click.echo(f"{credential.setting}: {credential.name} is the service account {account} now.")
    if credential.access is Access.WRITE:
        click.echo(
            f"  It may change all but accounts and teams. To narrow it: tally users roles {account} "
            "publisher@TEAM"
        )


def _prepared(options: dict[str, Any]) -> Settings:
    settings = settings_of(options)
    prepare_database(settings)
    return settings


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    try:
        with telling_of_the_database(_NOTHING_CHANGED):
            yield database
    finally:
        database.close()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        give_up(f"{error}.")
    except Refusal as error:
        give_up(str(error))


def _change(
    database: Database, settings: Settings, name: str, change: Callable[[Storage, datetime], Result]
) -> Result:
    """Return what *change* returns, which gets a Storage and the time. It has an entry in the audit log."""
    now = database.now()
    by = OnMachine.by_command(settings)

    def once(storage: Storage) -> Result:
        storage.asking.actor = by.actor
        storage.entry = NewEntry(
            at=now, actor=by.actor, action="accounts", subject_kind="account", subject_name=name
        )
        return change(storage, now)

    return database.write(once)


def _password(name: str) -> str:
    if sys.stdin.isatty():
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    try:
        passwords.check(given, account=name)
    except ValidationError as error:
        give_up(f"{error}.")
    return passwords.hash_of(given)


def _show(settings: Settings, *, token: str | None, code: str | None) -> None:
    if token is not None:
        click.echo(token)
    if code is not None:
        click.echo(f"{_address(settings)}/log-in/link?code={code}")
        click.echo(f"The link works once, within {LOG_IN_LINK_MINUTES} minutes.", err=True)


def _address(settings: Settings) -> str:
    known = [settings.base_url, *settings.base_urls, f"http://{settings.host}:{settings.port}"]
    return next(each for each in known if each).rstrip("/")
