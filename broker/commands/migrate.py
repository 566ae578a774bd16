"""`tally migrate`: the schema of the database."""

import sys
from dataclasses import replace
from typing import Any

import click

from broker.commands.options import database_url_option
from broker.logs import tell
from broker.start_up.protection import protect_webhooks
from broker.start_up.start_up import (
    ServerCommand,
    database_of,
    give_up,
    prepare_database,
    settings_of,
    telling_of_the_database,
)
from broker.storage.migrations import NewerDatabaseError, Schema, refuse_unusable, schema_of, titles
from tally.commands.options import output_option
from tally.commands.output import document, table

_NOTHING_CHANGED = "Nothing was changed."


@click.command(cls=ServerCommand)
@database_url_option
@click.option(
    "--check",
    is_flag=True,
    help="Change nothing; list the steps that are missing, and end with code 1 if there are any.",
)
@output_option()
def migrate(*, check: bool, output: str, **options: Any) -> None:
    """Bring the schema of the database up to date.

    `tally serve` does the same when it starts. Brokers of the release before can go on meanwhile, unless
    --check says otherwise. --check ends with code 0 when nothing is to be done, 1 when there are steps, and
    2 when that cannot be told.

    \b
    Example:
      tally migrate --check --database-url postgresql://tally:secret@db/tally
    """
    settings = replace(settings_of(options), auto_migrate_db=True)
    if not check:
        prepare_database(settings)
        protect_webhooks(settings)
    database = database_of(settings)
    try:
        with telling_of_the_database(_NOTHING_CHANGED):
            found = schema_of(database)
        refuse_unusable(found)
    except NewerDatabaseError as error:
        give_up(str(error))
    finally:
        database.close()
    _show(found, output)
    sys.exit(1 if found.pending else 0)


def _show(found: Schema, output: str) -> None:
    missing = titles(found.pending)
    if output in {"json", "pretty"}:
        steps = [{"revision": step, "title": title} for step, title in missing.items()]
        can_go_on = found.is_usable_meanwhile if found.revision else None
        document({"schema": found.revision or None, "steps": steps, "brokersCanGoOn": can_go_on}, output)
        return
    if not missing:
        tell("The database is up to date.", err=False)
        return
    table(["Step", "What it does"], [[step, title] for step, title in missing.items()])
    if not found.revision:
        return
    click.echo(
        "Brokers that run on this schema can go on meanwhile."
        if found.is_usable_meanwhile
        else "Stop the brokers that run on this schema first: they cannot use the new one.",
        err=output == "table",
    )
