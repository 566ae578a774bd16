"""Publish the pacts of a run as `tally publish` does, with the broker and credentials of the environment."""

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import click

from consumer_sdk.errors import PublishingError
from tally.cli import tally
from tally.errors import TallyError


def publish(paths: Sequence[Path]) -> list[str]:
    """Publish pact files and return what the broker says; raises PublishingError when it refuses."""
    said = StringIO()
    words = ["publish", *map(str, paths), "--auto-detect-version-properties"]
    try:
        with redirect_stdout(said), redirect_stderr(said):
            code = tally.main(words, prog_name="tally", standalone_mode=False)
    except TallyError as error:
        raise PublishingError(f"The pacts were not published: {error}") from error
    except click.ClickException as error:
        raise PublishingError(f"The pacts were not published: {error.format_message()}") from error
    lines = [line for line in said.getvalue().splitlines() if line.strip()]
    if code:
        raise PublishingError("\n".join(["The pacts were not published: the broker refused.", *lines]))
    return lines
