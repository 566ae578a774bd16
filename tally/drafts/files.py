"""The file of a draft: never in place of another without being told, and never half of one."""

import os
import re
import tempfile
from pathlib import Path

from tally import json_text
from tally.drafts.draft import Draft
from tally.errors import InvalidContractError, TallyError, UsageError
from tally.pact import parse_pact
from tally.pact.parsing import pact_json

_UNSAFE = re.compile(r"[/\\:\x00-\x1f]")


def target(directory: Path, consumer: str, provider: str, *, overwrite: bool) -> Path:
    """Return where the draft goes; nothing is created yet.

    Raises UsageError when it cannot be written there, or something is there already.
    """
    for option, name in (("--consumer", consumer), ("--provider", provider)):
        if not name.strip():
            raise UsageError(f"{option} is empty: a pact needs the names of its consumer and its provider.")
        if any("\ud800" <= letter <= "\udfff" for letter in name):
            raise UsageError(f"{option} {name!r} is no UTF-8 text.")
    path = directory / (_UNSAFE.sub("_", f"{consumer}-{provider}") + ".json")
    try:
        exists = path.exists()
        there = next(
            folder for folder in (directory.absolute(), *directory.absolute().parents) if folder.exists()
        )
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Give another --pact-dir.") from error
    if exists and not overwrite:
        raise UsageError(f"{path} exists already: give --overwrite to replace it, or another --pact-dir.")
    return path


def write(path: Path, draft: Draft) -> None:
    """Write the draft as a pact file, at once; raises TallyError when it would be none."""
    content = (json_text.indented(draft.document) + "\n").encode()
    try:
        parse_pact(pact_json(content))
    except InvalidContractError as error:
        raise TallyError(f"What was recorded makes no valid pact, so nothing is written: {error}") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise TallyError(f"{path} cannot be written: {error.strerror}.") from error
