"""HTTP archives (HAR 1.2), as browsers and proxies save them, into exchanges."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from tally.drafts.exchanges import MOST_KEPT, TOO_LARGE, Exchange, Fields, Part, decoded_query
from tally.drafts.folding import Folding, printable
from tally.errors import UsageError
from tally.values import dataclass

_ASSETS = frozenset({"image", "stylesheet", "script", "font", "media", "document", "manifest", "texttrack"})
_OF_PAGES = re.compile(r"text/(css|html|javascript)|application/(x-)?(java|ecma)script|font/.*|image/.*")
_IN_AN_ARCHIVE = re.compile(r"https?://", re.IGNORECASE)
_NOT_SAVED = "the archive does not have the body: save it with the content"


def read_har(path: Path, hosts: Sequence[str] = ()) -> Folding:
    """Return what an archive has of exchanges with *hosts*, or with its only one.

    Raises UsageError, which names the place, for a file that is no archive, and for one that has several
    hosts when none is named, or none of those that are.
    """
    return read_archive(har_document(path), str(path), hosts)


def read_archive(document: dict[str, Any], name: str, hosts: Sequence[str] = ()) -> Folding:
    """Do the same for an archive that is read already; *name* is what errors call it."""
    entries = list(_entries(document, name))
    folding = Folding()
    wanted = [entry for entry in entries if _is_wanted(entry, folding)]
    for entry in _of_hosts(wanted, [host.lower() for host in hosts], folding, name):
        folding.add(entry.read())
    return folding


@dataclass(frozen=True)
class _Entry:
    method: str
    url: SplitResult
    raw: dict[str, Any]
    place: str

    @property
    def host(self) -> str:
        return self.url.netloc.rpartition("@")[2].lower()

    @property
    def kind(self) -> str:
        """What the browser loaded it for, in lower case; "" when it does not say."""
        return str(self.raw.get("_resourceType") or "").lower()

    def read(self) -> Exchange:
        request = _object(self.raw, "request", self.place)
        response = _object(self.raw, "response", self.place)
        return Exchange(
            self.method,
            self.url.path or "/",
            decoded_query(self.url.query),
            _request_part(request, f"{self.place}.request"),
            _status(response, f"{self.place}.response"),
            _response_part(response, f"{self.place}.response"),
        )


def har_document(path: Path) -> dict[str, Any]:
    """Return what a file holds. Raises UsageError, which names the place, when that is no archive."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no HAR file: it is not UTF-8 text (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path} is no HAR file: it is not JSON ({where}: {error.msg}).") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no HAR file: it is no JSON that can be read ({error}).") from error
    if not isinstance(document, dict) or not isinstance(document.get("log"), dict):
        raise UsageError(f'{path} is no HAR file: expected an object with "log", as browsers save it.')
    return document


def _entries(document: dict[str, Any], file: str) -> Iterator[_Entry]:
    entries = document["log"].get("entries")
    if not isinstance(entries, list):
        raise UsageError(f"{file}: log.entries: expected a list, but it is {_kind(entries)}.")
    for number, raw in enumerate(entries):
        place = f"{file}: log.entries[{number}]"
        if not isinstance(raw, dict):
            raise UsageError(f"{place}: expected an object, but it is {_kind(raw)}.")
        request = _object(raw, "request", place)
        _object(raw, "response", place)
        method = _text(request, "method", f"{place}.request").upper()
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Z-]+", method):
            raise UsageError(f"{place}.request.method: {method!r} is no method of HTTP.")
        yield _Entry(method, _url(_text(request, "url", f"{place}.request"), place), raw, place)


def _url(text: str, place: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        raise UsageError(f"{place}.request.url: {text!r} is no address: {error}.") from error
    if _IN_AN_ARCHIVE.match(text) and not url.hostname:
        raise UsageError(f"{place}.request.url: {text!r} names no host.")
    return url


def _is_wanted(entry: _Entry, folding: Folding) -> bool:
    """Whether an entry is a request of a program to a server that answered."""
    response = entry.raw["response"]
    kind = entry.kind
    if entry.url.scheme not in {"http", "https"}:
        reason = f"requests by {entry.url.scheme or 'no scheme'}:, not by HTTP"
    elif kind == "websocket" or response.get("status") == 101:  # noqa: PLR2004 - switching protocols
        reason = "WebSocket connections: declare their messages in tests"
    elif kind in _ASSETS or (not kind and _is_asset(entry)):
        reason = "pages with their pictures, styles, fonts and scripts"
    else:
        return True
    folding.leave_out(reason)
    return False


def _is_asset(entry: _Entry) -> bool:
    content = entry.raw["response"].get("content")
    kind = str(content.get("mimeType") or "") if isinstance(content, dict) else ""
    return entry.method == "GET" and bool(_OF_PAGES.fullmatch(kind.partition(";")[0].strip().lower()))


def _of_hosts(entries: list[_Entry], hosts: list[str], folding: Folding, file: str) -> list[_Entry]:
    counts = Counter(entry.host for entry in entries)
    known = printable(", ".join(f"{host} ({count})" for host, count in counts.most_common()))
    if not hosts and len(counts) > 1:
        raise UsageError(
            f"{file} has requests to several hosts: {known}. Name those of the provider with --only-host."
        )
    for host in hosts:
        if counts and not any(_names(host, entry) for entry in entries):
            raise UsageError(f"--only-host {host}: {file} has no request to it, but to {known}.")
    chosen = [entry for entry in entries if not hosts or any(_names(host, entry) for host in hosts)]
    if len(chosen) < len(entries):
        folding.leave_out("requests to other hosts", len(entries) - len(chosen))
    return chosen


def _names(host: str, entry: _Entry) -> bool:
    return host in {entry.host, (entry.url.hostname or "").lower()}


def _request_part(request: dict[str, Any], place: str) -> Part:
    headers = _headers(request, place)
    posted = request.get("postData")
    if posted is None:
        return Part(headers)
    if not isinstance(posted, dict):
        raise UsageError(f"{place}.postData: expected an object, but it is {_kind(posted)}.")
    headers = _with_type(headers, posted, f"{place}.postData")
    text = posted.get("text")
    if isinstance(text, str) and text:
        return _part(headers, _bytes(text, posted.get("encoding"), f"{place}.postData"))
    return _part(headers, urlencode(_pairs(posted, "params", f"{place}.postData")).encode())


def _response_part(response: dict[str, Any], place: str) -> Part:
    headers = _headers(response, place)
    content = response.get("content")
    if content is None:
        return Part(headers)
    if not isinstance(content, dict):
        raise UsageError(f"{place}.content: expected an object, but it is {_kind(content)}.")
    headers = _with_type(headers, content, f"{place}.content")
    text = content.get("text")
    if isinstance(text, str):
        return _part(headers, _bytes(text, content.get("encoding"), f"{place}.content"))
    size = content.get("size")
    return Part(headers, unknown=_NOT_SAVED if isinstance(size, int | float) and size > 0 else "")


def _part(headers: Fields, body: bytes) -> Part:
    return Part(headers, unknown=TOO_LARGE) if len(body) > MOST_KEPT else Part(headers, body)


def _bytes(text: str, encoding: object, place: str) -> bytes:
    if encoding != "base64":
        return text.encode(errors="replace")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise UsageError(f"{place}.text: is not base64, though its encoding says so.") from error


def _headers(part: dict[str, Any], place: str) -> Fields:
    return tuple(_pairs(part, "headers", place))


def _with_type(headers: Fields, content: dict[str, Any], place: str) -> Fields:
    """Add the type of the content where no header says it."""
    kind = content.get("mimeType")
    if not isinstance(kind, str | None):
        raise UsageError(f"{place}.mimeType: expected a text, but it is {_kind(kind)}.")
    if not kind or kind == "x-unknown" or any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return (*headers, ("Content-Type", kind))


def _pairs(part: dict[str, Any], key: str, place: str) -> list[tuple[str, str]]:
    items = part.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise UsageError(f"{place}.{key}: expected a list, but it is {_kind(items)}.")
    found = []
    for number, item in enumerate(items):
        at = f"{place}.{key}[{number}]"
        if not isinstance(item, dict):
            raise UsageError(f"{at}: expected an object, but it is {_kind(item)}.")
        value = item.get("value")
        found.append((_text(item, "name", at), "" if value is None else _clean(_text(item, "value", at))))
    return found


def _status(response: dict[str, Any], place: str) -> int:
    status = response.get("status")
    if isinstance(status, float) and status.is_integer():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int):
        raise UsageError(f"{place}.status: expected a status of HTTP, but it is {status!r}.")
    return status


def _object(parent: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise UsageError(f"{place}.{key}: expected an object, but it is {_kind(value)}.")
    return value


def _text(parent: dict[str, Any], key: str, place: str) -> str:
    value = parent.get(key)
    if not isinstance(value, str):
        raise UsageError(f"{place}.{key}: expected a text, but it is {_kind(value)}.")
    return _clean(value)


def _clean(text: str) -> str:
    """Return text that can be written as UTF-8: half of a surrogate pair becomes a question mark."""
    return text.encode(errors="replace").decode()


_KINDS: dict[type, str] = {
    type(None): "missing",
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
