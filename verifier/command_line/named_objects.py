"""Objects of the user that an option names: "module:name"."""

import importlib
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from tally.errors import UsageError

FACTORY = "()"


def named_object(option: str, name: str) -> Any:
    """Return the object that "module:name" names, or that "module:name()" returns.

    Modules are also imported from the working directory. Raises UsageError, naming *option*.
    """
    module_name, colon, path = name.removesuffix(FACTORY).partition(":")
    if not (module_name and colon and path):
        raise UsageError(f"{option} {name!r}: write it as module:name, such as shop.app:app.")
    # As `python -m` does; the script `tally` has its own folder there instead.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        found = attrgetter(path)(importlib.import_module(module_name))
        return found() if name.endswith(FACTORY) else found
    except Exception as error:
        raise UsageError(f"{option} {name!r}: {type(error).__name__}: {error}.") from error
