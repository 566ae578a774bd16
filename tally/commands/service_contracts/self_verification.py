"""What a service's own tests said of its contract: options with the names that PactFlow's command has."""

import base64
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tally.errors import UsageError

Command = Callable[..., Any]
_TEXTS = {
    "verification_results_content_type": "contentType",
    "verification_results_format": "format",
    "verifier": "verifier",
    "verifier_version": "verifierVersion",
}
_OPTIONS = (
    click.option(
        "--verification-success/--no-verification-success",
        default=None,
        help="Whether the service's own tests of the contract passed.",
    ),
    click.option(
        "--verification-exit-code",
        type=int,
        metavar="N",
        help="The exit code of these tests: 0 is success.",
    ),
    click.option(
        "--verification-results",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What they printed.",
    ),
    click.option(
        "--verification-results-content-type", metavar="TYPE", help="Its content type, such as text/plain."
    ),
    click.option("--verification-results-format", metavar="FORMAT", help="Its format, such as junit."),
    click.option("--verifier", metavar="NAME", help="The tool that ran them."),
    click.option("--verifier-version", metavar="VERSION", help="The version of that tool."),
)


def self_verification_options(command: Command) -> Command:
    """Add the options; the command gets *said*: what to send, or None when nothing is given."""

    @wraps(command)
    def run(
        *,
        verification_success: bool | None,
        verification_exit_code: int | None,
        verification_results: Path | None,
        **others: Any,
    ) -> Any:
        texts = {key: others.pop(name) for name, key in _TEXTS.items()}
        said = _said(verification_success, verification_exit_code, verification_results, texts)
        return command(said=said, **others)

    found: Command = run
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def _said(
    success: bool | None,  # noqa: FBT001 - as it was given
    code: int | None,
    results: Path | None,
    texts: Mapping[str, str | None],
) -> dict[str, Any] | None:
    given = {key: text for key, text in texts.items() if text}
    if success is not None and code is not None:
        raise UsageError("Give either --verification-exit-code or --verification-success: they say the same.")
    passed = success if code is None else code == 0
    if passed is None:
        if given or results:
            raise UsageError(
                "Did the tests pass? Give --verification-success, --no-verification-success or "
                "--verification-exit-code."
            )
        return None
    output = {} if results is None else {"content": base64.b64encode(_read(results)).decode()}
    return {"success": passed, **output, **given}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror} (--verification-results).") from error
