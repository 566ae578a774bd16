"""The files that pages load: styles and scripts, each joined from parts, with a hash in the name.

A browser keeps what has a hash in its name for a year and never asks again: other content has another name.
"""

import gzip
import re
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from tally.values import dataclass

_HERE = Path(__file__).parent
_FIRST_STYLES = ("tokens", "base", "components")
_LAST_STYLES = ("adaptations",)
_TYPES = {
    ".css": "text/css;charset=utf-8",
    ".js": "text/javascript;charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/vnd.microsoft.icon",
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"(?P<stem>[a-z]+)-[0-9a-f]{12}(?P<suffix>\.[a-z]+)")


@dataclass(frozen=True)
class Asset:
    """A file that pages load; *name* is the one without the hash."""

    name: str
    content: bytes

    @cached_property
    def hashed_name(self) -> str:
        """The name that changes with the content."""
        stem, _, suffix = self.name.rpartition(".")
        return f"{stem}-{sha256(self.content, usedforsecurity=False).hexdigest()[:12]}.{suffix}"

    @property
    def content_type(self) -> str:
        """What the file is."""
        return _TYPES[Path(self.name).suffix]

    @cached_property
    def compressed(self) -> bytes:
        """The content in gzip, as small as it gets: it is made once."""
        return gzip.compress(self.content, 9, mtime=0)


def find(name: str) -> Asset | None:
    """Return the file with this name. A hash of another release names the file of this one.

    While several processes are replaced one after the other, a page of one asks another for its files.
    """
    match = _NAME.fullmatch(name)
    return ASSETS.get(match["stem"] + match["suffix"] if match else name)


def _read() -> Mapping[str, Asset]:
    contents = {path.name: path.read_bytes() for path in (_HERE / "static").iterdir()}
    contents["tally.css"] = _styles()
    contents["tally.js"] = _scripts()
    return {name: Asset(name, content) for name, content in contents.items()}


def _styles() -> bytes:
    parts = {path.stem: path.read_text(encoding="utf-8") for path in (_HERE / "styles").glob("*.css")}
    others = sorted(set(parts) - {*_FIRST_STYLES, *_LAST_STYLES})
    joined = "\n".join(parts[name] for name in (*_FIRST_STYLES, *others, *_LAST_STYLES))
    lines = (line.strip() for line in _COMMENT.sub("", joined).splitlines())
    return "\n".join(line for line in lines if line).encode()


def _scripts() -> bytes:
    """Join the scripts. Each is a block of its own, so that its names are its own as well."""
    paths = sorted((_HERE / "scripts").glob("*.js"))
    blocks = "\n".join(f"{{\n{path.read_text(encoding='utf-8')}}}" for path in paths)
    return f'"use strict";\n{blocks}\n'.encode()


ASSETS = _read()
