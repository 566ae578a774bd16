"""What generated requests may be answered with."""

from collections.abc import Mapping
from typing import Any

from tally.generators.generated_values import Values
from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import HttpOperation
from verifier.contracts.response_check import ResponseCheck

_PAGE_SIZES = frozenset(["limit", "pagesize", "perpage", "maxresults", "$top"])


def check_valid(
    check: ResponseCheck, operation: HttpOperation, value: Mapping[str, Any], actual: Response, _: Values
) -> tuple[Mismatch, ...]:
    """Return what is wrong with the answer to a valid request: an error of the server, or anything unsaid."""
    status = actual.status or 0
    if status >= 500:  # noqa: PLR2004 - the class of errors that are the server's
        return (_status("no error of the server", status, f"a valid request was answered with {status}"),)
    return (*check.documented(actual), *_too_many(operation, value, actual))


def _too_many(operation: HttpOperation, value: Mapping[str, Any], actual: Response) -> tuple[Mismatch, ...]:
    """Return a mismatch for a page with more items than were asked for."""
    asked = next(
        (
            number
            for name, number in value.get("query", {}).items()
            if name.lower().replace("_", "").replace("-", "") in _PAGE_SIZES
            and isinstance(number, int)
            and not isinstance(number, bool)
        ),
        None,
    )
    if asked is None or operation.method != "GET" or not 200 <= (actual.status or 0) < 300:  # noqa: PLR2004 - a success
        return ()
    body = actual.body.value
    lists = [("$", body)] if isinstance(body, list) else []
    if isinstance(body, dict):
        lists = [(f"$.{name}", item) for name, item in body.items() if isinstance(item, list)]
    # Of several lists, nothing says which one is the page.
    place, items = lists[0] if len(lists) == 1 else ("", [])
    if len(items) <= asked:
        return ()
    message = f"asked for at most {asked} items, got {len(items)}"
    return (Mismatch("body", place, f"at most {asked} items", len(items), message),)


def check_invalid(
    check: ResponseCheck, operation: HttpOperation, about: str, where: str, actual: Response, _: Values
) -> tuple[Mismatch, ...]:
    """Return what is wrong with the answer to an invalid request: it has to be refused, as documented.

    *about* is what is wrong with the request, *where* the part in which: "path", "query", "body", …, or
    "content" for bodies that are none of the document's types, about which documents say little.
    """
    status = actual.status or 0
    if status >= 500:  # noqa: PLR2004 - the class of errors that are the server's
        message = f"a request that is invalid ({about}) was answered with {status}"
        return (_status("a refusal (4XX)", status, message),)
    if status < 400:  # noqa: PLR2004 - everything below is no refusal
        return (_status("a refusal (4XX)", status, f"accepted with {status}, although invalid: {about}"),)
    # Nothing at that address, says the server, and then its answer is not one of this operation.
    elsewhere = where == "path" and status in {404, 405}
    if elsewhere or (where == "content" and operation.response(str(status)) is None):
        return ()
    return check.documented(actual) if documents_refusals(operation) else ()


def documents_refusals(operation: HttpOperation) -> bool:
    """Whether the document says anything about refused requests."""
    return any(
        each.status.startswith("4") or each.status.lower() == "default" for each in operation.responses
    )


def _status(expected: str, actual: int, message: str) -> Mismatch:
    return Mismatch("status", "", expected, actual, message)
