"""`tally move-contents`: contents of pacts go to the object store, or back into the database."""

from typing import Any

import click

from broker.background.content_mover import BusyError, ContentMover, Moved, Rules, check
from broker.commands.options import database_url_option
from broker.databases import open_database
from broker.settings.settings import InvalidSettingError
from broker.start_up.start_up import (
    ServerCommand,
    give_up,
    prepare_database,
    settings_of,
    telling_of_the_database,
)
from broker.storage.database import Database
from broker.storage.elsewhere import ContentStoreError
from tally.commands.options import output_option
from tally.commands.output import document, say, table


@click.command("move-contents", cls=ServerCommand)
@database_url_option
@click.option("--back", is_flag=True, help="Bring all contents back into the database.")
@output_option()
def move_contents(*, back: bool, output: str, **options: Any) -> None:
    """Move the contents of large pacts that are not current to the object store, or --back.

    The broker does so by itself, once an hour, while TALLY_CONTENT_STORE names an object store. This can
    run meanwhile, and can be interrupted: each content is always either here or there. Objects that nothing
    needs any more are removed after TALLY_CONTENT_STORE_KEEP_DAYS.

    \b
    Example:
      TALLY_CONTENT_STORE=s3://contracts/tally tally move-contents --back
    """
    settings = settings_of(options)
    if not settings.content_store:
        give_up("there is no object store: set TALLY_CONTENT_STORE, such as s3://BUCKET/PREFIX.")
    try:
        check(settings)
    except InvalidSettingError as error:
        give_up(str(error))
    prepare_database(settings)
    database = open_database(settings)
    try:
        with telling_of_the_database("Some contents may have been moved."):
            moved = _move(database, Rules.of(settings), back=back)
    except (BusyError, ContentStoreError) as error:
        give_up(f"{error} What was moved before stays so.")
    finally:
        database.close()
    _show(moved, output)


def _move(database: Database, rules: Rules, *, back: bool) -> Moved:
    assert database.contents is not None, "the settings name a store"  # noqa: S101 - for mypy
    mover, now = ContentMover(database, database.contents), database.now()
    return mover.to_database(now) if back else mover.to_store(rules, now)


def _show(moved: Moved, output: str) -> None:
    facts = {"contents": moved.contents, "bytes": moved.size, "objectsRemoved": moved.removed}
    if output in {"json", "pretty"}:
        document(facts, output)
    elif output == "table":
        table(("WHAT", "COUNT"), [(name, str(count)) for name, count in facts.items()])
    else:
        say(
            f"Moved {moved.contents} contents, {moved.size} bytes. Removed {moved.removed} objects.",
            "success",
        )
