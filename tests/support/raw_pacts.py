"""Pacts as a file has them, before they are read."""

from tally.pact import parse_pact

REQUEST = {"method": "GET", "path": "/orders"}


def document(*interactions, version="3.0.0", **others):
    metadata = {"pactSpecification": {"version": version}}
    parties = {"consumer": {"name": "Shop"}, "provider": {"name": "Orders"}}
    return parties | {"interactions": list(interactions), "metadata": metadata} | others


def http(request=REQUEST, response=None, **others):
    return {"description": "a list", "request": request, "response": response or {"status": 200}} | others


def only(pact_document):
    (interaction,) = parse_pact(pact_document).interactions
    return interaction
