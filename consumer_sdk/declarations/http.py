"""A request and its response."""

from typing import Any, Self

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.documents.checks import refuse_contradictions
from consumer_sdk.documents.declared import Body, DeclaredRequest, DeclaredResponse, Fields
from consumer_sdk.documents.interactions import HTTP
from consumer_sdk.documents.parts import request_document, response_document
from consumer_sdk.match import Matcher


class HttpDeclaration(Declaration):
    """A request and its response; `Recorder.serve` serves it."""

    kind = HTTP
    request: DeclaredRequest | None = None
    response: DeclaredResponse | None = None

    def with_request(
        self,
        method: str,
        path: str | Matcher[str],
        *,
        query: Fields | None = None,
        headers: Fields | None = None,
        body: Body = None,
    ) -> Self:
        """Declare what the consumer's code is to send.

        It may send further headers, but no further query values and nothing more in the body.
        A *body* is JSON with matchers, text, bytes, or made by `consumer_sdk.bodies`; None says nothing.
        """
        request = DeclaredRequest(headers or {}, body, method.upper(), path, query or {})
        refuse_contradictions("request", request_document(request, self.specification), self.specification)
        self.request = request
        return self

    def will_respond_with(
        self, status: int | Matcher[int], *, headers: Fields | None = None, body: Body = None
    ) -> Self:
        """Declare the response: what the consumer relies on, no more."""
        response = DeclaredResponse(headers or {}, body, status)
        refuse_contradictions("response", response_document(response, self.specification), self.specification)
        self.response = response
        return self

    def parts(self, specification: str) -> dict[str, Any]:
        """Return the request and the response."""
        if self.request is None or self.response is None:
            raise self._missing("with_request" if self.request is None else "will_respond_with")
        return {
            "request": request_document(self.request, specification),
            "response": response_document(self.response, specification),
        }
