"""Whatever a client sends, the broker answers as its description says, and never breaks.

The requests are made from the description: good ones, and ones that break it in one place.
With `FUZZ_EXAMPLES=500` in the environment it looks longer, and at other requests each time.
"""

import os

import pytest
from contract_documents import an_openapi
from factories import a_publication, a_verification_result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.app import create_app
from broker.settings import Settings
from broker.web.description.notation import TEXT
from broker.web.description.operations import OPERATIONS

pytestmark = pytest.mark.slow
FEW = 5
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", FEW))
"""Requests of each kind to each operation."""
BREAKS_ON_PURPOSE = "/test/error"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


@pytest.fixture
def app(database):
    # No webhook leads to a host that a request could name.
    settings = Settings(webhook_host_whitelist=("webhooks.invalid",))
    return create_app(settings, database)


@pytest.fixture
def description(app):
    """The description of the API, as schemathesis reads it."""
    import schemathesis  # noqa: PLC0415 - it takes half a second, which only these tests should wait

    return schemathesis.openapi.from_wsgi("/openapi.json", app)


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
        "environment": ["lab"],
        "environmentTag": ["prod"],
        "label": ["ours"],
        "number": ["1"],
        "pactVersion": [sha],
        "other_version": ["1"],
        "pacticipant": ["Shop", "Orders"],
        "provider": ["Orders"],
        "provider_tag": ["prod"],
        "sha": [sha, service_contract],
        "tag": ["prod"],
        "uuid": [environment, *records],
        "version": ["1"],
    }


def send(operation, mode, known):
    """Send requests of a kind to an operation; half of the names in their paths are *known* ones."""
    from schemathesis.checks import CHECKS as ALL_CHECKS  # noqa: PLC0415 - as above

    checks = [ALL_CHECKS.get_one(name) for name in CHECKS]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=EXAMPLES == FEW,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def check(case, data):
        for name in case.path_parameters or ():
            if name in known and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        case.call_and_validate(checks=checks)

    check()


def can_be_broken(operation):
    """Return whether any value is invalid; names in paths and texts in queries may be anything."""
    given = [item.definition["schema"] for item in (*operation.body, *operation.query)]
    return any(item != TEXT and item.keys() != {"description"} for item in given)


@pytest.mark.parametrize("tag", sorted({name.partition(".")[0].replace("_", " ") for name in OPERATIONS}))
def test_every_answer_is_as_the_description_says(app, description, tag, caplog):
    from schemathesis import GenerationMode  # noqa: PLC0415 - as above

    operations = [found.ok() for found in description.get_all_operations()]

    for operation in operations:
        if tag in operation.tags and operation.path != BREAKS_ON_PURPOSE:
            known = a_little_of_everything(app.test_client())
            send(operation, GenerationMode.POSITIVE, known)
            if can_be_broken(operation):
                send(operation, GenerationMode.NEGATIVE, known)

    # A badge that cannot be drawn says so in the log alone.
    assert [record.getMessage() for record in caplog.records if record.name == "broker"] == []
