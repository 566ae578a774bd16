"""Requests made from the description of the API: good ones, and ones that break it in one place.

`make endure` makes more, and other requests each time.
"""

from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st
from support.contract_documents import an_openapi
from support.described import fits
from support.factories import a_publication, a_verification_result
from support.searching import search

from broker.web.description.notation import TEXT
from broker.web.description.parameters import IN_HEADER
from broker.web.description.path_schemas import in_path

EXAMPLES = 3
"""Requests of each kind to each operation."""
BREAKS_ON_PURPOSE = "/test/error"
READ = {"get", "head"}
NAMES_METHODS = "options"
"""The method that all addresses answer alike."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def a_little_of_everything(client):
    """Store what the paths of requests then mean; return the values of their variables."""
    client.post("/contracts/publish", json=a_publication(tags=["prod"]))
    client.put("/pacticipants/Shop/labels/ours", json={})
    client.post("/environments", json={"name": "lab", "production": False})
    environment = client.get("/environments?name=lab").json["_embedded"]["environments"][0]["uuid"]
    place = "/pacticipants/Shop/versions/1"
    records = [
        client.post(f"{place}/{kind}/environment/{environment}", json={}).json["uuid"]
        for kind in ("deployed-versions", "released-versions")
    ]
    contract = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "content": an_openapi()}
    service_contract = client.post("/service-contracts/publish", json=contract).json["sha"]
    pact = client.get("/pacts/provider/Orders/consumer/Shop/version/1").json
    results = pact["_links"]["pb:publish-verification-results"]["href"]
    client.post(results, json=a_verification_result("1"))
    sha = results.partition("/pact-version/")[2].partition("/")[0]
    return {
        "branch": ["main"],
        "consumer": ["Shop"],
        "consumerApplicationVersion": ["1"],
        "document": ["openapi"],
        "environment": ["lab"],
        "environmentTag": ["prod"],
        "label": ["ours"],
        "metadata": ["Y3ZuW109MQ"],
        "number": ["1"],
        "pactVersion": [sha],
        "other_version": ["1"],
        "pacticipant": ["Shop", "Orders"],
        "provider": ["Orders"],
        "provider_tag": ["prod"],
        "secret": ["key"],
        "sha": [sha, service_contract],
        "tag": ["prod"],
        "uuid": [environment, *records],
        "version": ["1"],
    }


class Everything:
    """A little of everything, stored anew after each operation that may have changed it."""

    def __init__(self, client):
        self._client = client
        self._known = None

    def known_to(self, operation):
        """Return the values of the variables of paths; *operation* is the next that is asked for."""
        known = self._known or a_little_of_everything(self._client)
        self._known = known if operation.method in READ else None
        return known


def send(operation, mode, known, *, examples=EXAMPLES, headers=None, only_known=False):
    """Send requests of a kind to an operation; half, or all, of the names in their paths are *known* ones.

    Return the statuses of the answers.
    """
    from schemathesis.checks import CHECKS as ALL_CHECKS  # noqa: PLC0415 - it takes half a second to import

    is_broken = mode.value == "negative"  # what breaks it must not go unnoticed because of a condition
    checks = [ALL_CHECKS.get_one(name) for name in CHECKS]
    statuses = set()

    @settings(search(examples, is_fixed=True), database=None)
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def check(case, data):
        for name, text in (case.path_parameters or {}).items():
            is_right = fits(in_path(name, operation.method.upper()), unquote(str(text)))
            if name in known and (only_known or (is_right and data.draw(st.booleans()))):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        for name, (_, _, form) in IN_HEADER.items():  # a condition that is made up is hardly ever met
            if form == TEXT and name in (case.headers or {}) and (is_broken or data.draw(st.booleans())):
                del case.headers[name]
        # The client in this process says that it reads gzip, and does not.
        asked = {"Accept-Encoding": "identity"} | (headers or {})
        statuses.add(case.call_and_validate(checks=checks, headers=asked).status_code)

    check()
    return statuses


def can_be_broken(operation):
    """Return whether any value is invalid; names in paths may be long, and texts in queries anything."""
    given = [item.definition["schema"] for item in (*operation.body, *operation.query)]
    is_limited = any("maxLength" in item.definition["schema"] for item in operation.path_parameters)
    return is_limited or any(item != TEXT and item.keys() != {"description"} for item in given)
