"""Options that would fail at the end of the run are refused before it begins."""

import os
from pathlib import Path

import pytest

from consumer_sdk.pact_files.pact_file import read_pact_file
from tally.errors import UsageError


def check(config: pytest.Config, pact_dir: Path) -> None:
    """Raise UsageError when the options contradict each other, or what they need is not there."""
    merge, replace, publish = (config.getoption(f"pact_{name}") for name in ("merge", "replace", "publish"))
    if merge and replace:
        raise UsageError("--pact-merge and --pact-replace contradict each other: give one of them.")
    if merge and publish:
        raise UsageError(
            "--pact-merge is for pacts that several runs record, and --pact-publish would publish after "
            "each: publish with `tally publish` after the last run."
        )
    if merge:
        for path in sorted(pact_dir.glob("*.json")):
            read_pact_file(path)
    if publish and not config.option.collectonly:
        _check_publishing()


def _check_publishing() -> None:
    from tally.commands.version_detection import detect  # noqa: PLC0415 - for runs that publish

    if not os.environ.get("PACT_BROKER_BASE_URL"):
        raise UsageError("--pact-publish needs the address of the broker: set PACT_BROKER_BASE_URL.")
    if not detect(os.environ).commit:
        raise UsageError(
            "--pact-publish needs the version of the consumer, and neither a CI system nor git names a "
            "commit here: commit first, or publish with `tally publish --consumer-app-version VERSION`."
        )
