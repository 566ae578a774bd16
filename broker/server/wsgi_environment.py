"""The WSGI environment of a request that came by ASGI."""

import io
import sys
from typing import Any

from broker.observability.exchanges import EXCHANGE
from broker.web.request_ids import KEY

Scope = dict[str, Any]
_ENVIRON = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_WITHOUT_PREFIX = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def environ_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return it; names of headers with an underscore are left out."""
    environ = dict(_ENVIRON)
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = scope["path"].encode().decode("latin-1")
    environ["REQUEST_URI"] = scope["raw_path"].decode("latin-1")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_NAME"], port = scope["server"]
    environ["SERVER_PORT"] = str(port)
    environ["REMOTE_ADDR"] = scope["client"][0]
    environ["wsgi.url_scheme"] = scope["scheme"]
    environ["wsgi.input"] = io.BytesIO(body)
    environ[KEY] = scope[KEY]
    if EXCHANGE in scope:
        environ[EXCHANGE] = scope[EXCHANGE]
    for name, value in scope["headers"]:
        if b"_" in name:  # it would pass for the header with "-", which a proxy may have set
            continue
        key = _WITHOUT_PREFIX.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
