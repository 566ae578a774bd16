"""Whether a request shows who sends it, in one of the ways that an operation accepts."""

from enum import Enum

from tally.comparison.styles import Query, cookies_of
from tally.pact import Request
from tally.service_contract.model import Security, SecurityScheme


class Shown(Enum):
    """Whether a request has the credentials of a scheme; UNKNOWABLE when a request cannot tell."""

    YES = "yes"
    NO = "no"
    UNKNOWABLE = "unknowable"


def shown(security: Security, request: Request) -> Shown:
    """Return whether all schemes of one group are there; an empty group asks for nothing."""
    if not security:
        return Shown.YES
    groups = [_group(group, request) for group in security]
    for answer in (Shown.YES, Shown.UNKNOWABLE):
        if answer in groups:
            return answer
    return Shown.NO


def _group(group: tuple[SecurityScheme, ...], request: Request) -> Shown:
    answers = {_scheme(scheme, request) for scheme in group}
    return next((answer for answer in (Shown.NO, Shown.UNKNOWABLE) if answer in answers), Shown.YES)


def _scheme(scheme: SecurityScheme, request: Request) -> Shown:
    if scheme.type == "apiKey" and scheme.parameter:
        return Shown.YES if scheme.parameter in _where(scheme, request) else Shown.NO
    authorisation = _header(request, "authorization")
    if scheme.type == "http" and scheme.scheme:
        return Shown.YES if _begins(authorisation, scheme.scheme) else Shown.NO
    return Shown.YES if authorisation else Shown.UNKNOWABLE


class _Names:
    """Names of headers, whatever their case."""

    def __init__(self, request: Request) -> None:
        self._names = {name.lower() for name in request.headers}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names


def _where(scheme: SecurityScheme, request: Request) -> "_Names | Query":
    if scheme.location == "query":
        return request.query
    return cookies_of(_header(request, "cookie")) if scheme.location == "cookie" else _Names(request)


def _header(request: Request, name: str) -> tuple[str, ...]:
    return next((values for key, values in request.headers.items() if key.lower() == name), ())


def _begins(values: tuple[str, ...], scheme: str) -> bool:
    return any(value.strip().lower().partition(" ")[0] == scheme.lower() for value in values)


def names_in(security: Security | None, location: str) -> set[str]:
    """Return the names of the query parameters that credentials stand in, or of headers in lower case."""
    schemes = (scheme for group in security or () for scheme in group)
    names = {scheme.parameter for scheme in schemes if scheme.parameter and scheme.location == location}
    return {name.lower() for name in names} if location == "header" else names


def words(security: Security) -> str:
    """Return what is asked for, in words: "api_key, or token and tenant"."""
    return ", or ".join(" and ".join(scheme.name for scheme in group) or "nothing" for group in security)
