"""Documents as the arguments of tools: the text itself, or a file that may be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tally.assistants.answers import ToolError, quoted
from tally.assistants.files import folders_of
from tally.assistants.sources import Sources

Given = dict[str, Any]
"""A document for the processes that judge: its `name`, and its `content`, its `text` or its `file`."""


def given(sources: Sources, parameter: str, value: str) -> Given:
    """Return the document that *value* is, or is the path of. Raises ToolError, which names the *parameter*.

    Of files, only those are read that lie in the folder that the assistant works in, or that --pacts and
    --contract name: an argument may come from a text that somebody else wrote.
    """
    if _is_text(value):
        return {"name": f"{parameter} (a text)", "text": value}
    return {
        "name": value,
        "file": str(_checked(sources, parameter, value)),
        "within": list(map(str, folders_of(_readable(sources)))),
    }


def content(name: str, document: Any) -> Given:
    """Return a document that has been read already."""
    return {"name": name, "content": document}


def _readable(sources: Sources) -> Sequence[Path]:
    """Return the folders and files that arguments may name, symbolic links resolved."""
    named = [*sources.files.pact_paths, *sources.files.contract_paths]
    working = folders_of([sources.folder] if sources.folder else [])
    return [*working, *(path.resolve() for path in named)]


def _is_text(value: str) -> bool:
    return "\n" in value.strip() or value.lstrip()[:1] in {"{", "["}


def _checked(sources: Sources, parameter: str, value: str) -> Path:
    from tally.service_contract.files import is_file  # noqa: PLC0415 - slow to load, and not always needed

    path = _path(sources, parameter, value)
    folders = _readable(sources)
    if not any(map(path.is_relative_to, folders)):
        may = " or ".join(quoted(folder) for folder in folders[:5]) or "no file at all"
        raise ToolError(
            f"{parameter}: {quoted(value)} may not be read: `tally mcp` reads what is in {may}. Give the "
            "text itself, or start `tally mcp` in the folder of the project, or with --pacts or --contract."
        )
    if not is_file(path):
        raise ToolError(
            f"{parameter}: there is no file {quoted(value)} in {quoted(sources.folder or 'any folder')}. "
            "Give the path of one, or the text of the document itself."
        )
    return path


def _path(sources: Sources, parameter: str, value: str) -> Path:
    """Return where a path leads, symbolic links resolved."""
    try:
        is_address = bool(urlsplit(value).netloc) or value.lower().startswith("file:")
        path = ((sources.folder or Path("/")) / value).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ToolError(f"{parameter}: {quoted(value)} is no path of a file.") from error
    if is_address:
        raise ToolError(
            f"{parameter}: {quoted(value)} is an address, and nothing is fetched: give the path of a file, "
            "or the text of the document itself."
        )
    return path
