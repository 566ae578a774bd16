"""The commands for backups, on the broker's machine: options -> run -> what is printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from broker.backups import report, restoring, taking
from broker.backups.restoring import Options, WrongBackupError
from broker.commands.options import database_url_option
from broker.services.webhooks.secrets import UnusableKeyError
from broker.start_up.start_up import give_up, settings_of, telling_of_the_database
from broker.storage.backups.files import BackupError
from broker.storage.backups.manifest import manifest_beside
from broker.storage.migrations import NewerDatabaseError
from broker.storage.sqlite_files import LostFileError
from tally.commands.options import output_option

_WRONG = 1


def _file(_: click.Context, __: click.Parameter, value: Path) -> Path:
    """Refuse what means a stream elsewhere: a backup has notes beside it, and its end is looked for first."""
    if str(value) in {"-", "/dev/stdin", "/dev/stdout"}:
        raise click.BadParameter("a backup is a file, with another one beside it: name it.")
    return value


_backup_file = click.argument("file", type=click.Path(path_type=Path), callback=_file)


@click.command("backup")
@_backup_file
@click.option("--verify", "verified", is_flag=True, help="Look at all that is in it as well.")
@database_url_option
@output_option()
def backup(*, file: Path, verified: bool, output: str, **options: Any) -> None:
    """Write a backup of the broker's database to FILE, while the broker runs.

    FILE gets this name when it is whole, and only its owner can read it. What must be in it is noted in
    FILE.json. Nothing is overwritten. PostgreSQL needs its program pg_dump. The keys of secrets are not in
    it. Exits with 1 when --verify finds something wrong.

    \b
    Example:
      tally backup /var/backups/tally-$(date +%F).backup
    """
    with _refusals("Nothing was written."):
        taken = taking.take(settings_of(options), file, verified=verified)
    report.show_taken(taken, output)
    if taken.problems:
        raise SystemExit(_WRONG)


@click.command("restore")
@_backup_file
@click.option("--verify", "verified", is_flag=True, help="Look at all that is in it before.")
@click.option(
    "--deliver", is_flag=True, help="Send the webhooks that were still to be sent when it was made."
)
@database_url_option
@output_option()
def restore(*, file: Path, verified: bool, deliver: bool, output: str, **options: Any) -> None:
    """Make a database out of the backup in FILE, where none is yet.

    It is brought up to date when an earlier release made the backup. Log-ins that were under way end. What
    webhooks still had to send is not sent, unless --deliver says so: it may have been sent since. Exits
    with 1 when the backup is damaged.

    \b
    Example:
      tally restore tally-2026-11-30.backup --database-url postgresql://tally:secret@db/tally
    """
    with _refusals("The database was not restored."):
        try:
            restored = restoring.restore(settings_of(options), file, Options(verified, deliver))
        except WrongBackupError as error:
            report.show_problems(file, error.problems, output)
            click.echo(f"Error: {error}", err=True)
            raise SystemExit(_WRONG) from error
    report.show_restored(restored, output)


@click.command("verify-backup")
@_backup_file
@click.option(
    "--scratch-url",
    envvar="SCRATCH_DATABASE_URL",
    show_envvar=True,
    metavar="URL",
    help="An empty database of PostgreSQL, to restore a backup of PostgreSQL into.",
)
@output_option()
def verify_backup(*, file: Path, scratch_url: str | None, output: str) -> None:
    """Look at all that is in the backup in FILE: rows, references, hashes of contents, the audit log.

    A backup of PostgreSQL is restored into an empty database for that; without one, only the file is read.
    Exits with 1 when something is wrong.

    \b
    Example:
      tally verify-backup tally-2026-11-30.backup
    """
    with _refusals(""):
        source, problems = restoring.verify(settings_of({}), file, scratch_url)
    only_the_file = source.kind == "postgresql" and scratch_url is None
    report.show_problems(file, problems, output, only_the_file=only_the_file)
    if source.manifest is None:
        click.echo(
            f"Warning: there is no {manifest_beside(file)}: nobody knows how many rows there must be.",
            err=True,
        )
    if problems:
        raise SystemExit(_WRONG)


@contextmanager
def _refusals(remedy: str) -> Iterator[None]:
    try:
        with telling_of_the_database(remedy):
            yield
    except (BackupError, NewerDatabaseError, UnusableKeyError) as error:
        give_up(str(error))
    except LostFileError as error:
        give_up(f"{error}. {remedy}")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{_of_system(error)}. {remedy}".rstrip())


def _of_system(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
