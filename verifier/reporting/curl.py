"""A request as a command for the shell, to send it again by hand."""

import shlex

from verifier.results.result import Sent


def curl_line(sent: Sent) -> str:
    """Return the `curl` command that sends *sent* again; redacted values stay redacted.

    A binary body becomes the name of a file to create.
    """
    words = ["curl", "-i", *_method(sent), sent.url]
    for name, value in sent.headers:
        words += ["-H", f"{name}: {value}"]
    if sent.body:
        words += _data(sent.body)
    return shlex.join(words)


def _method(sent: Sent) -> list[str]:
    if sent.method == "HEAD":
        return ["--head"]
    return [] if sent.method == "GET" and not sent.body else ["-X", sent.method]


def _data(body: bytes) -> list[str]:
    try:
        return ["--data-raw", body.decode()]
    except UnicodeDecodeError:
        return ["--data-binary", "@the-binary-body"]
