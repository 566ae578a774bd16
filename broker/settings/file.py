"""The file of settings, as for the Pact Broker (reference §12). Environment variables override it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from broker.settings.settings import PREFIXES
from tally.loading import Later

if TYPE_CHECKING:
    from broker.settings import yaml_file
else:
    yaml_file = Later("broker.settings.yaml_file")  # PyYAML takes long to load, and most brokers have no file
NAME = "CONF"


def with_file(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables, and those for the settings in the file that TALLY_CONF names.

    Raises InvalidSettingError when the file does not exist, or is not names with values.
    """
    variable = names_a_file(environment)
    if variable is None:
        return environment
    given = {name for name in environment for prefix in PREFIXES if name.startswith(prefix)}
    read = yaml_file.read(Path(environment[variable]), variable)
    # As in the environment, what is unknown to us may be a setting of the Pact Broker.
    prefix = variable.removesuffix(NAME)
    found = {
        f"{prefix}{name}": text
        for name, text in read.items()
        if not given & {f"{prefix}{name}" for prefix in PREFIXES}
    }
    return {**environment, **found}


def names_a_file(environment: Mapping[str, str]) -> str | None:
    """Return the variable that names a file of settings, if there is one."""
    return next((prefix + NAME for prefix in PREFIXES if environment.get(prefix + NAME)), None)
