"""Every place where a request brings a text, with the field that is named when it is wrong."""

import base64
import json

from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication

from broker.domain.limits import LINE, NAME, REFERENCE, SECRET, URL

A_WEBHOOK = {"request": {"url": "https://ci.example.org"}}
A_SERVICE_CONTRACT = {
    "pacticipantName": "Orders",
    "pacticipantVersionNumber": "1",
    "content": an_openapi(),
}
AN_ENVIRONMENT = {"name": "lab", "production": False}

IN_PATHS = [
    # method, path, body, what the error names, and the most characters
    ("PATCH", "/pacticipants/{}", {}, "pacticipant", NAME),
    ("PUT", "/pacticipants/{}/versions/1", {}, "pacticipant", NAME),
    ("PUT", "/pacticipants/Shop/versions/{}", {}, "version", REFERENCE),
    ("PUT", "/pacticipants/Shop/branches/{}/versions/1", {}, "branch", REFERENCE),
    ("PUT", "/pacticipants/Shop/branches/main/versions/{}", {}, "version", REFERENCE),
    ("PUT", "/pacticipants/Shop/versions/1/tags/{}", {}, "tag", REFERENCE),
    ("PUT", "/pacticipants/Shop/labels/{}", {}, "label", NAME),
    ("PUT", "/pacts/provider/{}/consumer/Shop/version/1", [], "provider", NAME),
    ("PUT", "/pacts/provider/Orders/consumer/{}/version/1", [], "consumer", NAME),
    ("PUT", "/pacts/provider/Orders/consumer/Shop/version/{}", [], "consumerApplicationVersion", REFERENCE),
    ("PATCH", "/pacts/provider/Orders/consumer/Shop/version/{}", [], "consumerApplicationVersion", REFERENCE),
]
IN_BODIES = [
    ("POST", "/pacticipants", {"name": "{}"}, "name", NAME),
    ("POST", "/pacticipants", {"name": "A", "displayName": "{}"}, "displayName", LINE),
    ("POST", "/pacticipants", {"name": "A", "repositoryUrl": "{}"}, "repositoryUrl", URL),
    ("POST", "/pacticipants", {"name": "A", "mainBranch": "{}"}, "mainBranch", REFERENCE),
    ("PATCH", "/pacticipants/Shop", {"repositoryName": "{}"}, "repositoryName", LINE),
    ("PUT", "/pacticipants/Shop/versions/1", {"buildUrl": "{}"}, "buildUrl", URL),
    ("PUT", "/pacticipants/Shop/versions/1", {"tags": [{"name": "{}"}]}, "tags", REFERENCE),
    ("POST", "/contracts/publish", a_publication(branch="{}"), "branch", REFERENCE),
    ("POST", "/contracts/publish", a_publication(tags=["a", "{}"]), "tags", REFERENCE),
    ("POST", "/contracts/publish", a_publication(buildUrl="{}"), "buildUrl", URL),
    ("POST", "/contracts/publish", a_publication(version="{}"), "pacticipantVersionNumber", REFERENCE),
    ("POST", "/contracts/publish", a_publication(a_pact(provider="{}")), "contracts", NAME),
    (
        "POST",
        "/service-contracts/publish",
        A_SERVICE_CONTRACT | {"pacticipantName": "{}"},
        "pacticipantName",
        NAME,
    ),
    ("POST", "/service-contracts/publish", A_SERVICE_CONTRACT | {"branch": "{}"}, "branch", REFERENCE),
    ("POST", "/environments", AN_ENVIRONMENT | {"name": "{}"}, "name", NAME),
    ("POST", "/environments", AN_ENVIRONMENT | {"displayName": "{}"}, "displayName", LINE),
    ("POST", "/environments", AN_ENVIRONMENT | {"contacts": [{"name": "{}"}]}, "contacts", NAME),
    ("POST", "/webhooks", A_WEBHOOK | {"description": "{}"}, "description", LINE),
    ("POST", "/webhooks", {"request": {"url": "https://ci.example.org/{}"}}, "request.url", URL),
    ("POST", "/webhooks", {"request": {"url": "https://a.b", "password": "{}"}}, "request.password", SECRET),
    (
        "POST",
        "/webhooks",
        {"request": {"url": "https://a.b", "headers": {"x-a": "{}"}}},
        "request.headers",
        SECRET,
    ),
    ("POST", "/webhooks", A_WEBHOOK | {"provider": {"label": "{}"}}, "provider.label", NAME),
]


def filled(document, name):
    """Return the document with *name* in the place of `{}`, inside contracts too."""
    text = json.dumps(document)
    for contract in document.get("contracts", ()) if isinstance(document, dict) else ():
        content = base64.b64decode(contract["content"]).decode()
        text = text.replace(
            contract["content"], base64.b64encode(content.replace("{}", name).encode()).decode()
        )
    return json.loads(text.replace("{}", json.dumps(name)[1:-1]))
