"""Exchanges that belong in no contract."""

from tally.drafts.exchanges import Exchange
from tally.drafts.path_templates import read_path

_SERVER_ERROR = 500
_LEAST_STATUS = 200
_MOST_STATUS = 599
_NOT_MODIFIED = 304
_METHODS = frozenset({"CONNECT", "TRACE"})


def reason_to_leave_out(exchange: Exchange) -> str:
    """Return why an exchange is not drafted, in words, or "" when it is."""
    status = exchange.status
    if status < _LEAST_STATUS or status > _MOST_STATUS:
        return "requests that got no answer"
    if status >= _SERVER_ERROR:
        return (
            f"{exchange.method} {read_path(exchange.path).template} answered {status}, an error of the server"
        )
    if status == _NOT_MODIFIED:
        return "answers with 304, which the cache of the client asked for"
    asks_for = {name.lower() for name, _ in exchange.request.headers}
    if exchange.method == "OPTIONS" and "access-control-request-method" in asks_for:
        return "preflight requests of a browser"
    return f"{exchange.method} requests" if exchange.method in _METHODS else ""
