"""A request and its response."""

from typing import Any, Self

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.documents.checks import refuse_contradictions
from consumer_sdk.documents.declared import Body, DeclaredRequest, DeclaredResponse, Fields
from consumer_sdk.documents.interactions import HTTP
from consumer_sdk.documents.parts import request_document, response_document
from consumer_sdk.errors import DeclarationError
from consumer_sdk.match import Matcher


class HttpDeclaration(Declaration):
    """A request and its response; `Recorder.serve` serves it."""

    kind = HTTP

    def __init__(self, description: str, specification: str = "V4") -> None:
        super().__init__(description, specification)
        self.request: DeclaredRequest | None = None
        self.response: DeclaredResponse | None = None
        self._documents: dict[str, dict[str, Any]] = {}

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
        if not isinstance(method, str):
            raise DeclarationError(f"method: {method!r} is no method of HTTP; give one, such as GET.")
        request = DeclaredRequest(headers or {}, body, method.upper(), path, query or {})
        self._say("request", request_document(request, self.specification))
        self.request = request
        return self

    def will_respond_with(
        self, status: int | Matcher[int], *, headers: Fields | None = None, body: Body = None
    ) -> Self:
        """Declare the response: what the consumer relies on, no more."""
        response = DeclaredResponse(headers or {}, body, status)
        self._say("response", response_document(response, self.specification))
        self.response = response
        return self

    def parts(self, specification: str) -> dict[str, Any]:
        """Return the request and the response."""
        if self.request is None or self.response is None:
            raise self._missing("with_request" if self.request is None else "will_respond_with")
        if specification == self.specification:
            return {name: dict(self._documents[name]) for name in ("request", "response")}
        return {
            "request": request_document(self.request, specification),
            "response": response_document(self.response, specification),
        }

    def _say(self, part: str, document: dict[str, Any]) -> None:
        """Keep what a part becomes in the pact; raises DeclarationError when it contradicts itself."""
        refuse_contradictions(part, document, self.specification)
        self._documents[part] = document
