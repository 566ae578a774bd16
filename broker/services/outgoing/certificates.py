"""Until when the certificates are valid that webhooks trust besides the system's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from broker.domain.webhooks.certificates import is_text
from tally.loading import Later

if TYPE_CHECKING:
    from cryptography import x509
else:  # for a broker with certificates of its own
    x509 = Later("cryptography.x509")

MOST_BYTES = 4 * 1024 * 1024
"""A file that is larger is no bundle of certificates."""


def expiries(certificates: Sequence[str]) -> Mapping[str, datetime | None]:
    """Return when the first certificate of each file ends, None when it cannot be read.

    By the path, or for a text among the settings `text 1` and so on.
    """
    found: dict[str, datetime | None] = {}
    texts = 0
    for each in certificates:
        if is_text(each):
            texts += 1
            found[f"text {texts}"] = _first_end(each.encode())
        else:
            found[each] = _of_file(Path(each))
    return found


def _of_file(path: Path) -> datetime | None:
    try:
        with path.open("rb") as file:
            return _first_end(file.read(MOST_BYTES))
    except OSError:
        return None


@lru_cache(maxsize=64)
def _first_end(content: bytes) -> datetime | None:
    try:
        ends = [each.not_valid_after_utc for each in x509.load_pem_x509_certificates(content)]
    except ValueError:
        return None
    return min(ends).astimezone(UTC)
