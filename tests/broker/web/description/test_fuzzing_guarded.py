"""A broker that asks for credentials answers as its description says as well, whoever asks.

A few requests to each operation: what they do once they are let in, the test of the open broker tries harder.
"""

from base64 import b64encode

import pytest
from support.fuzzing import BREAKS_ON_PURPOSE, NAMES_METHODS, Everything, a_little_of_everything, send
from support.surveyed_broker import OF_ACCOUNTS

from broker.app import create_app
from broker.settings.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
EXAMPLES = 2
WRITER = ("ci", "write-secret")
READER = ("people", "read-secret")
BY_ID_TOKEN = "/tokens/exchange"
"""Who asks there says so in the body: see test_exchange.py."""
MALFORMED = {400, 422}
"""The query or the path has a character that it may not have, which is seen before anybody asks who it is."""


def basic(who):
    return {"Authorization": f"Basic {b64encode(':'.join(who).encode()).decode()}"}


@pytest.fixture
def app(database):
    settings = Settings(
        basic_auth_username=WRITER[0],
        basic_auth_password=WRITER[1],
        basic_auth_read_only_username=READER[0],
        basic_auth_read_only_password=READER[1],
        public_heartbeat=True,
        webhook_host_whitelist=("webhooks.invalid",),
    )
    return create_app(settings, database)


@pytest.fixture
def writer(app):
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = basic(WRITER)["Authorization"]
    return client


@pytest.fixture
def operations(app):
    """Every operation, as schemathesis reads it; who asks is up to the test."""
    import schemathesis  # noqa: PLC0415 - it takes half a second, which only these tests should wait

    described = schemathesis.openapi.from_wsgi("/openapi.json", app, headers=basic(READER))
    described.config.generation.update(with_security_parameters=False)
    found = [operation.ok() for operation in described.get_all_operations()]
    return [
        operation
        for operation in found
        if operation.path not in {BREAKS_ON_PURPOSE, BY_ID_TOKEN} and operation.method != NAMES_METHODS
    ]


def positive():
    from schemathesis import GenerationMode  # noqa: PLC0415 - as above

    return GenerationMode.POSITIVE


def is_open(operation):
    return operation.path in {"/diagnostic/status/heartbeat", "/health/live", "/health/ready"}


def is_of_accounts(operation):
    return not OF_ACCOUNTS.isdisjoint(operation.tags)


def only_reads(operation):
    return operation.method == "get" or operation.path.endswith("/for-verification")


def test_who_may_write_gets_the_described_answers(operations, writer):
    everything = Everything(writer)

    for operation in operations:
        known = everything.known_to(operation)
        statuses = send(operation, positive(), known, examples=EXAMPLES, headers=basic(WRITER))

        assert 401 not in statuses, operation.label


def test_who_may_read_gets_the_described_answers_and_writes_nothing(operations, writer):
    known = a_little_of_everything(writer)

    for operation in operations:
        statuses = send(
            operation, positive(), known, examples=EXAMPLES, headers=basic(READER), only_known=True
        )

        refused = {401, 403} if is_of_accounts(operation) else {401}  # there are none: nobody can
        assert statuses - MALFORMED <= refused or only_reads(operation), operation.label
        assert 401 not in statuses or not only_reads(operation), operation.label


def test_who_says_no_name_gets_nothing_but_what_is_open(operations, writer):
    known = a_little_of_everything(writer)

    for operation in operations:
        statuses = send(operation, positive(), known, examples=EXAMPLES, only_known=True)

        assert (401 not in statuses) == is_open(operation), operation.label
        assert statuses - MALFORMED == {401} or is_open(operation), operation.label
