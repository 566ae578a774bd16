"""What generated requests may be answered with."""

from collections.abc import Mapping
from typing import Any

from tally.generators.generated_values import Values
from tally.matching import Mismatch
from tally.pact import Response
from tally.service_contract.model import HttpOperation
from verifier.contracts.response_check import ResponseCheck
from verifier.generation.kept_values import lost_values


def check_valid(
    check: ResponseCheck, operation: HttpOperation, value: Mapping[str, Any], actual: Response, _: Values
) -> tuple[Mismatch, ...]:
    """Return what is wrong with the answer to a valid request: an error of the server, or anything unsaid."""
    status = actual.status or 0
    if status >= 500:  # noqa: PLR2004 - the class of errors that are the server's
        return (_status("no error of the server", status, f"a valid request was answered with {status}"),)
    return (*check.documented(actual), *lost_values(operation, value, actual))


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


def check_anonymous(operation: HttpOperation, actual: Response, _: Values) -> tuple[Mismatch, ...]:
    """Return what is wrong with the answer to a request without credentials: it has to be refused."""
    status = actual.status or 0
    if 400 <= status < 500:  # noqa: PLR2004 - a refusal
        return ()
    message = f"{operation.title} needs credentials, and was answered with {status} without any"
    return (_status("a refusal (4XX)", status, message),)


def documents_refusals(operation: HttpOperation) -> bool:
    """Whether the document says anything about refused requests."""
    return any(
        each.status.startswith("4") or each.status.lower() == "default" for each in operation.responses
    )


def _status(expected: str, actual: int, message: str) -> Mismatch:
    return Mismatch("status", "", expected, actual, message)
