"""Objects by their name: "package.module:attribute", imported from the current directory."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tally.errors import UsageError


def loaded(name: str, *, option: str) -> Any:
    """Return what *name* names. *option* is the one that the user gave, for messages.

    The current directory is importable, as for `python -m`. What the module prints goes to standard error.
    Raises UsageError when there is no such module or attribute, or when importing it fails.
    """
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name.strip() or not attribute.strip():
        raise UsageError(f'{option} {name}: expected "package.module:name", such as "shop.web:app".')
    found: Any = _module(module_name, f"{option} {name}")
    for step in attribute.removesuffix("()").split("."):
        try:
            is_there = hasattr(found, step)
        except Exception as error:
            raise UsageError(
                f"{option} {name}: reading {step!r} failed: {type(error).__name__}: {error}"
            ) from error
        if not is_there:
            known = ", ".join(each for each in dir(found) if not each.startswith("_")) or "nothing"
            raise UsageError(f"{option} {name}: {module_name} has no {attribute!r}. It has: {_some(known)}.")
        found = getattr(found, step)
    return found


def _module(name: str, place: str) -> Any:
    try:
        with importable_here(), contextlib.redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            raise UsageError(
                f"{place}: there is no module {missing!r}, neither in {Path.cwd()} nor installed. "
                "Run the command where the code is, in the environment that the app runs in."
            ) from error
        raise UsageError(
            f"{place}: the module imports {missing!r}, which is not installed here. "
            "Run the command in the environment that the app runs in."
        ) from error
    except (Exception, SystemExit) as error:
        raise UsageError(f"{place}: importing the module failed: {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def importable_here() -> Iterator[None]:
    """Put the current directory first among the places that modules are imported from."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the module may have changed the list
            sys.path.remove(here)


_LONGEST = 200


def _some(names: str) -> str:
    return names if len(names) <= _LONGEST else f"{names[:_LONGEST].rpartition(',')[0]}, …"
