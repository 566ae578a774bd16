"""Documents as the arguments of tools: the text itself, or a file that may be read."""

from typing import Any

from tally.assistants.sources.paths import readable_file, readable_folders
from tally.assistants.sources.sources import Sources

Given = dict[str, Any]
"""A document for the processes that judge: its `name`, and its `content`, its `text` or its `file`."""

_OTHERWISE = "the text of the document itself"


def given(sources: Sources, parameter: str, value: str) -> Given:
    """Return the document that *value* is, or is the path of. Raises ToolError, which names the *parameter*.

    Of files, only those are read that lie in the folder that the assistant works in, or that --pacts and
    --contract name: an argument may come from a text that somebody else wrote.
    """
    if _is_text(value):
        return {"name": f"{parameter} (a text)", "text": value}
    return {
        "name": value,
        "file": str(readable_file(sources, parameter, value, otherwise=_OTHERWISE)),
        "within": list(map(str, readable_folders(sources))),
    }


def content(name: str, document: Any) -> Given:
    """Return a document that has been read already."""
    return {"name": name, "content": document}


def _is_text(value: str) -> bool:
    return "\n" in value.strip() or value.lstrip()[:1] in {"{", "["}
