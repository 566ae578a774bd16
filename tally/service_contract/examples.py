"""Examples written to be replayed: of native documents, and `x-contract-examples` in OpenAPI."""

from typing import Any

from tally.pact import Body, Presence, ProviderState
from tally.service_contract.model import Example, ExampleRequest, ExampleResponse

JSON = "application/json"


def states(written: list[Any]) -> tuple[ProviderState, ...]:
    """Return provider states, each written as a name or as {"name", "params"}."""
    return tuple(
        ProviderState(state)
        if isinstance(state, str)
        else ProviderState(state["name"], state.get("params", {}))
        for state in written
    )


def body(holder: dict[str, Any], content_type: str | None) -> Body:
    """Return the `body` of an example's request or response; none when it has no such key."""
    if "body" not in holder:
        return Body()
    return Body(Presence.PRESENT, holder["body"], content_type or JSON)


def contract_example(written: dict[str, Any], *, content_type: str | None, pointer: str) -> Example:
    """Return one example; *content_type* is that of its request's body when it does not say so itself."""
    request = written.get("request", {})
    response = written["response"]
    return Example(
        name=written["name"],
        states=states(written.get("states", [])),
        request=ExampleRequest(
            path=request.get("path", {}),
            query=request.get("query", {}),
            headers=request.get("headers", {}),
            cookies=request.get("cookies", {}),
            body=body(request, request.get("contentType", content_type)),
        ),
        response=ExampleResponse(str(response["status"]), body(response, None)),
        pointer=pointer,
    )
