"""An object store that speaks S3, by obstore, which is imported when it is used first."""

from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

from broker.storage.elsewhere import ContentStoreError

Answer = TypeVar("Answer")
SECONDS = timedelta(seconds=10)
"""For one try; a failed one is repeated once."""
SECONDS_TO_CONNECT = timedelta(seconds=3)
_REFUSED = "The object store refuses the broker: look at its credentials, and what they allow."
_AWAY = "The object store does not answer as it should. Try again in a moment."


class ObjectStore:
    """The objects below a prefix of a bucket; safe to share between threads. It connects when it is used."""

    def __init__(self, url: str, endpoint: str = "") -> None:
        self._url = url
        self._endpoint = endpoint
        self._lock = Lock()
        self._opened: Any = None

    def put(self, key: str, content: bytes) -> None:
        """Store an object; the store has acknowledged it then. Raises ContentStoreError."""
        self._ask(lambda obstore, store: obstore.put(store, key, content, use_multipart=False))

    def get(self, key: str) -> bytes | None:
        """Return an object; None when there is none. Raises ContentStoreError."""
        return self._ask(lambda obstore, store: bytes(obstore.get(store, key).bytes()))

    def delete(self, key: str) -> None:
        """Remove an object, if it is there. Raises ContentStoreError."""
        self._ask(lambda obstore, store: obstore.delete(store, key))

    def _ask(self, ask: Callable[[Any, Any], Answer]) -> Answer | None:
        obstore = _library()
        failures = obstore.exceptions
        try:
            return ask(obstore, self._store())
        except (failures.NotFoundError, FileNotFoundError):
            return None
        except (failures.PermissionDeniedError, failures.UnauthenticatedError) as error:
            raise ContentStoreError(_REFUSED) from error
        except (failures.BaseError, OSError) as error:
            raise ContentStoreError(_AWAY) from error

    def _store(self) -> Any:
        # Not before it is used: it has threads, which a copy of this process would not have.
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._url, self._endpoint)
            return self._opened


def problem(url: str, endpoint: str) -> str | None:
    """Return why this names no object store, or what is not installed; None when it can be used."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        # It is not repeated: a password may be in it.
        return "TALLY_CONTENT_STORE must be s3://BUCKET or s3://BUCKET/PREFIX"
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc):
        return "TALLY_CONTENT_STORE_ENDPOINT must be the address of a server, such as https://objects.example.org"
    try:
        _library()
    except ContentStoreError as error:
        return str(error)
    return None


def _library() -> Any:
    try:
        import obstore  # noqa: PLC0415 - off costs nothing
        import obstore.exceptions  # noqa: PLC0415 - ditto
    except ImportError as error:
        raise ContentStoreError(
            "TALLY_CONTENT_STORE needs more packages: pip install 'tallystick[s3]'"
        ) from error
    return obstore


def _open(url: str, endpoint: str) -> Any:
    from obstore.store import S3Store  # noqa: PLC0415 - off costs nothing

    parts = urlsplit(url)
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={
            "timeout": SECONDS,
            "connect_timeout": SECONDS_TO_CONNECT,
            "allow_http": endpoint.startswith("http://"),
        },
        retry_config={"max_retries": 1, "retry_timeout": SECONDS},
        config={"endpoint": endpoint} if endpoint else {},
    )
