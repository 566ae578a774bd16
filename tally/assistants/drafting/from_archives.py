"""One entry of a HAR file as an interaction: the text of the entry, or a file that the user named."""

import json
import re
from typing import Any

from tally import json_text
from tally.assistants.answers import ToolError, quoted
from tally.assistants.drafting.from_operations import OperationExchange
from tally.assistants.sources.paths import readable_file
from tally.assistants.sources.sources import Sources
from tally.drafts.draft import draft
from tally.drafts.har import har_document, read_archive

MOST_BYTES = 64 * 2**20
"""Of a file: browsers save all that a page loaded."""
_SHOWN = 20
_OTHERWISE = "the JSON of one entry"
_NUMBERED = re.compile(r"#[0-9]{1,6}$")


def exchange_of_har(entry: str, sources: Sources) -> OperationExchange:
    """Return the interaction of the only entry in *entry*: JSON, or "FILE" or "FILE#2" for the second one.

    Raises ToolError for what is no entry, for several, and for a file that may not be read;
    UsageError, which names the place, for what is no archive.
    """
    is_text = entry.lstrip().startswith(("{", "["))
    name, archive = ("har", _read_text(entry)) if is_text else _read_file(entry, sources)
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


def _read_text(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
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


def _read_file(name: str, sources: Sources) -> tuple[str, dict[str, Any]]:
    path, _, number = name.rpartition("#") if _NUMBERED.search(name) else (name, "", "")
    file = readable_file(sources, "har", path, otherwise=_OTHERWISE)
    if file.stat().st_size > MOST_BYTES:
        raise ToolError(
            f"har: {quoted(path)} is larger than {MOST_BYTES // 2**20} MiB: give the JSON of one entry."
        )
    archive = har_document(file)
    entries = archive["log"].get("entries")
    if number and isinstance(entries, list):
        if not 1 <= int(number) <= len(entries):
            raise ToolError(f"har: {quoted(path)} has entries 1 to {len(entries)}, not {number}.")
        return path, {"log": {"entries": [entries[int(number) - 1]]}}
    return path, archive
