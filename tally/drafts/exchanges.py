"""What was seen: requests with their answers, wherever they were recorded."""

from urllib.parse import parse_qsl

from tally.pact.bodies import media_type
from tally.values import dataclass

MOST_KEPT = 1024 * 1024
"""Bytes of one body that are looked at."""
TOO_LARGE = f"the body is left out: it is larger than {MOST_KEPT // 1024} KiB"

Fields = tuple[tuple[str, str], ...]
"""Names with their values, in order; a name may occur several times."""


@dataclass(frozen=True)
class Part:
    """The headers and the body of a request or a response.

    *unknown* says why the body is not known; there is none when it is empty as well.
    """

    headers: Fields = ()
    body: bytes = b""
    unknown: str = ""

    def header(self, name: str) -> str:
        """Return the first header of this name, in whatever case; "" when there is none."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    @property
    def media_type(self) -> str:
        """The type of the body without parameters, in lower case; "" when the headers do not say it."""
        return media_type(self.header("content-type"))


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. *path* is percent-encoded, as it was sent; *query* is decoded."""

    method: str
    path: str
    query: Fields
    request: Part
    status: int
    response: Part


def decoded_query(query: str) -> Fields:
    """Return the names and values of a query string, decoded, those without a value too."""
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace", separator="&"))
