"""Recordings with defaults for everything that a test does not care about."""

from consumer_sdk.pact_files import Recording


def a_recording(description="a request", *, states=(), status=200, source="test_shop.py::test_it", **changes):
    exchange = {"request": {"method": "GET", "path": "/"}, "response": {"status": status}}
    content = {"contents": "x"} if changes.get("kind") == "messages" else exchange
    interaction = {"description": description, "type": "Synchronous/HTTP", **content}
    if states:
        interaction["providerStates"] = [{"name": state} for state in states]
    values = {
        "consumer": "Shop",
        "provider": "Orders",
        "specification": "V4",
        "kind": "interactions",
        **changes,
    }
    return Recording(interaction=interaction, source=source, **values)
