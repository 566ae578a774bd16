"""`tally rotate-secrets`: what is encrypted is encrypted again, with the first key."""

from typing import Any

import click

from broker.commands.options import database_url_option
from broker.databases import open_database
from broker.services.audit.on_machine import OnMachine
from broker.services.webhooks import attempt_logs, credentials, secrets
from broker.services.webhooks.secrets import UnusableKeyError
from broker.settings.settings import Settings
from broker.start_up.protection import protect_webhooks
from broker.start_up.start_up import give_up, prepare_database, settings_of, telling_of_the_database
from broker.storage.storage import Storage

_NOTHING_CHANGED = "Nothing was changed: run the command again."


@click.command()
@database_url_option
def rotate_secrets(**options: Any) -> None:
    """Encrypt the secrets, passwords and headers of webhooks again, with the first key of TALLY_SECRETS_KEY.

    TALLY_SECRETS_KEY must also have the old key, after the new one. Afterwards, remove the old key.

    \b
    Example:
      TALLY_SECRETS_KEY="NEW OLD" tally rotate-secrets
    """
    settings = settings_of(options)
    prepare_database(settings)
    settings = protect_webhooks(settings)
    database = open_database(settings)
    try:
        with telling_of_the_database(_NOTHING_CHANGED):
            count, webhooks = database.write(lambda storage: _rotate(storage, settings))
    except UnusableKeyError as error:
        give_up(str(error))
    database.close()
    of_webhooks = f", and the headers and passwords of {webhooks} webhooks," if webhooks else ""
    click.echo(f"Encrypted {count} secrets{of_webhooks} with the first key.")


def _rotate(storage: Storage, settings: Settings) -> tuple[int, int]:
    """Return how many secrets, and the headers and passwords of how many webhooks, were encrypted again."""
    count = secrets.rotate(storage, settings)
    webhooks = credentials.rotate(storage, settings)
    attempt_logs.rotate(storage, settings)
    counts = {"encrypted": count, "webhooks": webhooks}
    OnMachine.by_command(settings).note(
        storage, "rotate-secrets", kind="secrets", name="all", now=storage.leases.now(), after=counts
    )
    return count, webhooks
