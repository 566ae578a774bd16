"""The settings, read once more while the broker runs: the environment stays, its file may be another."""

import logging
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from broker.databases import open_database
from broker.services.webhooks.secrets import SecretKeys, UnusableKeyError
from broker.settings.file import names_a_file
from broker.settings.settings import InvalidSettingError, Settings
from broker.start_up.protection import with_all_keys
from broker.start_up.start_up import OPEN, is_open, read_settings, refuse_values
from broker.storage.sqlite_files import LostFileError

logger = logging.getLogger("broker")
_NO_FILE = (
    "there is nothing to read anew. The environment of a running process cannot change: put settings into a "
    "file that TALLY_CONF or PACT_BROKER_CONF names."
)


class SettingsAnew:
    """Reads and checks the settings as a command did at its start, which had these *options*."""

    def __init__(self, options: Mapping[str, Any], at_start: Settings, *, may_be_open: bool = True) -> None:
        self._options = options
        self._keys = at_start.secrets_key
        self._may_be_open = may_be_open

    def __call__(self, now: Settings) -> Settings:
        """Return the settings that take the place of those that hold *now*. Raises InvalidSettingError."""
        variable = names_a_file(os.environ)
        if variable is None:
            raise InvalidSettingError(_NO_FILE)
        _refuse_what_is_no_file(variable, Path(os.environ[variable]))
        new = read_settings(self._options, logger.warning)
        refuse_values(new)
        keys = new.secrets_key
        try:
            if keys:
                SecretKeys(keys)
            if not self._may_be_open and is_open(new):
                _refuse_without_accounts(new)
            # The keys that hold now may have one more, of a file beside the database.
            same = replace(new, secrets_key=now.secrets_key)
            new = same if keys == self._keys else with_all_keys(new, logger.warning)
        except UnusableKeyError as error:
            raise InvalidSettingError(str(error)) from error
        except (SQLAlchemyError, LostFileError) as error:
            reason = str(error).partition("\n")[0]
            raise InvalidSettingError(f"they cannot be checked without the database: {reason}") from error
        self._keys = keys
        return new


def _refuse_what_is_no_file(variable: str, path: Path) -> None:
    """Refuse a pipe, for example: nobody may write to it ever again, and it would be waited for."""
    with suppress(OSError):  # whoever reads it says what is wrong
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidSettingError(f"{variable} names {path}, which is no file")


def _refuse_without_accounts(settings: Settings) -> None:
    database = open_database(settings)
    try:
        with database.reading() as storage:
            has_accounts = storage.access.any_accounts()
    finally:
        database.close()
    if not has_accounts:
        raise InvalidSettingError(OPEN.format(settings.host))
