"""Names with any character, through every route, over a real server: its gateway decodes paths, too."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
import requests
from support.difficult_names import NAMES, segment

from broker.web.routes import PATHS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TAKEN = (*NAMES, "latest", "versions")
_NO_NAMES = {"uuid", "sha", "other_sha", "number", "metadata", "rel", "subject", "schema"}
_VARIABLES = re.compile(r"\{(\w+)\}")


def ask(broker, method, path, document=None, content_type="application/json"):
    """Send the path as it is; other clients would take dots out of it."""
    address = urlsplit(broker)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    body = None if document is None else json.dumps(document)
    connection.request(method, path, body, {"Content-Type": content_type, "Accept": "*/*"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def paths_of(name):
    """Yield every path that has nothing but names in it, filled with this one."""
    for template in PATHS.values():
        variables = set(_VARIABLES.findall(template))
        if variables and not variables & _NO_NAMES:
            yield template, _VARIABLES.sub(segment(name), template)


def fill(broker, name):
    """Give the application, its version, branch, tag, label and environment the same name."""
    content = {
        "consumer": {"name": name},
        "provider": {"name": name},
        "interactions": [
            {"description": "d", "request": {"method": "GET", "path": "/"}, "response": {"status": 200}}
        ],
    }
    one = segment(name)
    created = [
        ask(broker, "POST", "/pacticipants", {"name": name}),  # or else similar names are refused
        ask(broker, "PUT", f"/pacts/provider/{one}/consumer/{one}/version/{one}", content),
        ask(broker, "PUT", f"/pacticipants/{one}/branches/{one}/versions/{one}", {}),
        ask(broker, "PUT", f"/pacticipants/{one}/versions/{one}/tags/{one}", {}),
        ask(broker, "PUT", f"/pacticipants/{one}/labels/{one}", {}),
    ]
    return [(status, text) for status, text in created if status not in {200, 201}]


def test_every_route_takes_every_name(live_broker):
    assert fill(live_broker, "plain") == []
    plain = {template: ask(live_broker, "GET", path)[0] for template, path in paths_of("plain")}
    different = {}

    for name in TAKEN:
        if refused := fill(live_broker, name):
            different[name] = refused
            continue
        for template, path in paths_of(name):
            status = ask(live_broker, "GET", path)[0]
            if status != plain[template]:
                different[name, template] = (plain[template], status)

    assert different == {}
    assert {status for status in plain.values() if status >= 500} == set()


@pytest.mark.parametrize(
    ("version", "header"), [("1 %2F+é注", "1 %2F+%C3%A9%E6%B3%A8"), ("1.0-a/b", "1.0-a/b")]
)
def test_the_header_of_the_latest_pact_escapes_only_what_headers_cannot_hold(live_broker, version, header):
    one = segment(version)
    pact = "/pacts/provider/Orders/consumer/Shop"
    ask(live_broker, "PUT", f"{pact}/version/{one}", {"interactions": []})

    answer = requests.get(f"{live_broker}{pact}/latest", timeout=10)

    assert answer.headers["X-Pact-Consumer-Version"] == header
