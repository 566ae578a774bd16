"""One entry of a HAR file as an interaction: the text of the entry, or a file that the user named."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tally import json_text
from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.from_operations import OperationExchange
from tally.assistants.files import Files
from tally.drafts.draft import draft
from tally.drafts.har import har_document, read_archive

_SHOWN = 20


def exchange_of_har(given: str, files: Files) -> OperationExchange:
    """Return the interaction of the only entry in *given*: JSON, or "FILE" or "FILE#2" for the second one.

    Raises ToolError for what is no entry, for several, and for a file that is not below what the user named;
    UsageError, which names the place, for what is no archive.
    """
    is_text = given.lstrip().startswith(("{", "["))
    name, archive = ("har", _read_text(given)) if is_text else _read_file(given, files)
    folding = read_archive(archive, name)
    folded = folding.folded()
    if not folded:
        why = "; ".join(folding.left_out) or "it has no entries"
        raise ToolError(f"har: nothing in it can be drafted: {why}.")
    if len(folded) > 1:
        shown = ", ".join(quoted(each.identity.description) for each in folded[:_SHOWN])
        raise ToolError(
            f"har: it has {len(folded)} different requests ({shown}): give the JSON of one entry, or the "
            "file with the number of one, such as recorded.har#2."
        )
    found = draft(folded, consumer="consumer", provider="provider")
    [interaction] = found.interactions
    notes = [note for note in (*interaction.redacted, *interaction.questions) if "REDACTED" not in note]
    document = {key: value for key, value in interaction.document.items() if key != "comments"}
    document = json.loads(json_text.compact(document))
    return OperationExchange(document, tuple(f"as recorded: {note}" for note in notes))


def _read_text(given: str) -> dict[str, Any]:
    try:
        found = json.loads(given)
        json_text.refuse_halves(found)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"har: it is no JSON that can be read ({str(error)[:200]}).") from error
    return _archive(found)


def _archive(found: Any) -> dict[str, Any]:
    """Return the archive of one entry, of a list of them, or the archive itself."""
    if isinstance(found, dict) and "log" in found:
        return _checked(found)
    return {"log": {"entries": found if isinstance(found, list) else [found]}}


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(found["log"], dict):
        raise ToolError("har: log: expected an object, as browsers save it.")
    return found


def _read_file(given: str, files: Files) -> tuple[str, dict[str, Any]]:
    name, _, number = given.rpartition("#") if given.rpartition("#")[2].isdigit() else (given, "", "")
    path = _below([*files.pact_paths, *files.contract_paths], name)
    archive = har_document(path)
    entries = archive["log"].get("entries")
    if number and isinstance(entries, list):
        if not 1 <= int(number[:9]) <= len(entries):
            raise ToolError(f"har: {quoted(name)} has entries 1 to {len(entries)}, not {number[:9]}.")
        return name, {"log": {"entries": [entries[int(number) - 1]]}}
    return name, archive


def _below(named: Sequence[Path], given: str) -> Path:
    """Return the file, which must be in a folder that the user named, or beside a file that he named."""
    folders = [(path if path.is_dir() else path.parent).resolve() for path in named]
    if not folders:
        raise ToolError(
            "har: no file can be read, as `tally mcp` was started without --pacts and --contract: give the "
            "JSON of the entry."
        )
    for folder in folders:
        try:
            path = (folder / given).resolve()
            if path.is_relative_to(folder) and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    raise ToolError(
        f"har: there is no file {quoted(given)} in the folders that `tally mcp` was started with (--pacts, "
        "--contract). Give the JSON of the entry, or a path below one of them."
    )
