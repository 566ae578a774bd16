"""Request filters: code of the user that changes each request before it is sent, such as to add a token."""

import base64
import binascii
import subprocess
from collections.abc import Callable
from typing import Any

import orjson

from tally.values import dataclass
from verifier.errors import RequestFilterError
from verifier.transport.transport import HttpRequest


@dataclass(frozen=True)
class FunctionFilter:
    """Call *function* with the request; it returns the request to send, or None to send it unchanged.

    A request has `method`, `url`, `headers`, `content`, and `with_header(name, value)`.
    """

    function: Callable[[HttpRequest], HttpRequest | None]

    def __call__(self, request: HttpRequest) -> HttpRequest:
        """Return the request to send; raises RequestFilterError when the function raises anything."""
        try:
            changed = self.function(request)
        except Exception as error:
            raise RequestFilterError(f"The request filter raised {type(error).__name__}: {error}") from error
        if changed is None:
            return request
        if not isinstance(changed, HttpRequest):
            raise RequestFilterError(
                f"The request filter returned {type(changed).__name__} in place of a request."
            )
        return changed


@dataclass(frozen=True)
class CommandFilter:
    """Run *command* in a shell for each request, for *timeout* seconds at most.

    The command reads {"method", "url", "headers": [[name, value]], "body"} from standard input, and writes
    the changed request to standard output. Keys that it leaves out stay as they are. A body that is not text
    is in "bodyBase64" instead of "body".
    """

    command: str
    timeout: float = 30

    def __call__(self, request: HttpRequest) -> HttpRequest:
        """Return the request to send; raises RequestFilterError when the command fails."""
        try:
            ended = subprocess.run(  # noqa: S602 - it is the user's own command line, and they want its shell
                self.command,
                shell=True,
                input=orjson.dumps(_document_of(request)),
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RequestFilterError(f"The request filter took longer than {self.timeout:g} s.") from error
        if ended.returncode:
            reason = ended.stderr.decode(errors="replace").strip()[-500:] or "it wrote no reason"
            raise RequestFilterError(f"The request filter ended with exit code {ended.returncode}: {reason}")
        return _request_from(request, ended.stdout)


def _document_of(request: HttpRequest) -> dict[str, Any]:
    told = {"method": request.method, "url": request.url, "headers": request.headers}
    try:
        return {**told, "body": request.content.decode()}
    except UnicodeDecodeError:
        return {**told, "bodyBase64": base64.b64encode(request.content).decode()}


def _request_from(request: HttpRequest, output: bytes) -> HttpRequest:
    try:
        changed = orjson.loads(output)
        headers = changed.get("headers", request.headers)
        pairs = headers.items() if isinstance(headers, dict) else headers
        return HttpRequest(
            method=str(changed.get("method", request.method)),
            url=str(changed.get("url", request.url)),
            headers=tuple((str(name), str(value)) for name, value in pairs),
            content=_content(changed, request.content),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise RequestFilterError(
            f"The output of the request filter is not a request ({error}): "
            f"{output[:200].decode(errors='replace')!r}"
        ) from error


def _content(changed: dict[str, Any], content: bytes) -> bytes:
    if "bodyBase64" in changed:
        try:
            return base64.b64decode(changed["bodyBase64"], validate=True)
        except binascii.Error as error:
            raise ValueError(f"bodyBase64 is not Base64: {error}") from error
    return str(changed["body"]).encode() if "body" in changed else content
