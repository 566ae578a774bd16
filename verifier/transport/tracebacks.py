"""Errors of an application, described in one line."""

import traceback


def described(error: BaseException) -> str:
    """Return the type and the text of *error*, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
