"""Files that arguments may name: those of the project, and those that the user named."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tally.assistants.answers import ToolError, quoted
from tally.assistants.sources.files import folders_of
from tally.assistants.sources.sources import Sources


def readable_folders(sources: Sources) -> list[Path]:
    """Return the folders that documents may refer to files in, symbolic links resolved."""
    return folders_of(_readable(sources))


def readable(sources: Sources, parameter: str, value: str, *, otherwise: str | None = None) -> Path:
    """Return where a path of a file or folder leads, symbolic links resolved.

    Only what lies in the folder that the assistant works in, or what --pacts and --contract name, may be
    read: an argument may come from a text that somebody else wrote. Raises ToolError, which names the
    *parameter*, and what may be given *otherwise*.
    """
    path = _path(sources, parameter, value, otherwise)
    folders = _readable(sources)
    # Whether a file that may not be read is there is not said.
    if not any(map(path.is_relative_to, folders)):
        may = " or ".join(quoted(folder) for folder in folders[:5]) or "no file at all"
        give = f"Give {otherwise}, or start" if otherwise else "Start"
        raise ToolError(
            f"{parameter}: {quoted(value)} may not be read: `tally mcp` reads what is in {may}. {give} "
            "`tally mcp` in the folder of the project, or with --pacts or --contract."
        )
    if not path.exists():
        raise _missing(sources, parameter, value, otherwise)
    return path


def readable_file(sources: Sources, parameter: str, value: str, *, otherwise: str | None = None) -> Path:
    """Return where the path of a file leads, as `readable` does."""
    path = readable(sources, parameter, value, otherwise=otherwise)
    if not path.is_file():
        raise _missing(sources, parameter, value, otherwise)
    return path


def _readable(sources: Sources) -> Sequence[Path]:
    """Return the folders and files that arguments may name, symbolic links resolved."""
    named = [*sources.files.pact_paths, *sources.files.contract_paths]
    working = folders_of([sources.folder] if sources.folder else [])
    return [*working, *(path.resolve() for path in named)]


def _path(sources: Sources, parameter: str, value: str, otherwise: str | None) -> Path:
    """Return where a path leads, symbolic links resolved."""
    if not value.strip():  # it would be the folder itself
        raise ToolError(f"{parameter} has an empty path: name a file. (A variable of a command?)")
    try:
        is_address = bool(urlsplit(value).netloc) or value.lower().startswith("file:")
        path = ((sources.folder or Path("/")) / value).resolve()
        path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise ToolError(f"{parameter}: {quoted(value)} is no path of a file.") from error
    if is_address:
        raise ToolError(
            f"{parameter}: {quoted(value)} is an address, and nothing is fetched: give the path of a file"
            f"{f', or {otherwise}' if otherwise else ''}."
        )
    return path


def _missing(sources: Sources, parameter: str, value: str, otherwise: str | None) -> ToolError:
    return ToolError(
        f"{parameter}: there is no file {quoted(value)} in {quoted(sources.folder or 'any folder')}. "
        f"Give the path of one{f', or {otherwise}' if otherwise else ''}."
    )
