"""Requests of a service contract, from values by parameter name."""

from tally.pact import Body, Request
from tally.service_contract.model import ExampleRequest, HttpOperation
from tally.service_contract.serialisation import cookie_of, headers_of, path_of, query_of
from verifier.contracts.written_bodies import written_body


def request_of(operation: HttpOperation, example: ExampleRequest) -> Request:
    """Return the request; raises KeyError when a path parameter has no value, BodyError for the body."""
    headers = headers_of(operation, example.headers)
    cookie = cookie_of(example.cookies)
    if cookie:
        headers["Cookie"] = (cookie,)
    body = written_body(operation, example.body)
    return Request(
        operation.method,
        operation.base_path + path_of(operation, example.path),
        query_of(operation, example.query),
        headers | _negotiation(operation, body, headers),
        body,
    )


def _negotiation(
    operation: HttpOperation, body: Body, headers: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Return Accept and Content-Type, unless the example sets them itself."""
    types = dict.fromkeys(
        content.content_type for response in operation.responses for content in response.content
    )
    added = {"Accept": (", ".join(types),)} if types else {}
    given = {name.lower() for name in headers}
    if body.content_type:
        added["Content-Type"] = (body.content_type,)
        # Nobody but who writes the body knows where its parts end.
        given -= {"content-type"} if "boundary=" in body.content_type else set()
    return {name: values for name, values in added.items() if name.lower() not in given}
