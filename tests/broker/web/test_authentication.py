import pytest
from support.factories import a_publication

from broker.app import create_app
from broker.settings.settings import Settings

WRITER = ("ci", "write-secret")
READER = ("people", "read-secret")
CREDENTIALS = {
    "basic_auth_username": WRITER[0],
    "basic_auth_password": WRITER[1],
    "basic_auth_read_only_username": READER[0],
    "basic_auth_read_only_password": READER[1],
}
FOR_VERIFICATION = "/pacts/provider/Orders/for-verification"


@pytest.fixture
def guarded(database):
    """Make a client of a broker with passwords, and other settings."""

    def make(**settings):
        return create_app(Settings(**{**CREDENTIALS, **settings}), database).test_client()

    return make


def test_without_credentials_nothing_is_shown(guarded):
    answer = guarded().get("/")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Restricted area"'


@pytest.mark.parametrize(
    "wrong", [("ci", "x"), ("x", "write-secret"), ("", ""), ("ci", ""), ("ci", "read-secret"), ("ü", "ü")]
)
def test_wrong_credentials_are_refused(guarded, wrong):
    assert guarded().get("/", auth=wrong).status_code == 401


def test_a_bearer_token_is_no_password(guarded):
    assert guarded().get("/", headers={"Authorization": "Bearer write-secret"}).status_code == 401


def test_the_writer_reads_and_writes(guarded):
    client = guarded()

    assert client.post("/contracts/publish", json=a_publication(), auth=WRITER).status_code == 200
    assert client.get("/pacticipants/Shop", auth=WRITER).status_code == 200


def test_the_reader_reads_and_asks_what_to_verify_but_does_not_write(guarded):
    client = guarded()
    client.post("/contracts/publish", json=a_publication(), auth=WRITER)

    assert client.get("/pacticipants/Shop", auth=READER).status_code == 200
    assert client.post(FOR_VERIFICATION, json={}, auth=READER).status_code == 200
    assert client.post("/contracts/publish", json=a_publication(), auth=READER).status_code == 401
    assert client.delete("/pacticipants/Shop", auth=READER).status_code == 401


def test_a_reader_who_is_not_configured_does_not_exist(guarded):
    client = guarded(basic_auth_read_only_username="", basic_auth_read_only_password="")

    assert client.get("/", auth=("", "")).status_code == 401


def test_reading_can_be_public(guarded):
    client = guarded(allow_public_read=True)
    client.post("/contracts/publish", json=a_publication(), auth=WRITER)

    assert client.get("/").status_code == 200
    assert client.post(FOR_VERIFICATION, json={}).status_code == 200
    assert client.post("/contracts/publish", json=a_publication()).status_code == 401


@pytest.mark.parametrize(("public", "status"), [(True, 200), (False, 401)])
def test_the_heartbeat_can_be_public(guarded, public, status):
    client = guarded(public_heartbeat=public)

    assert client.get("/diagnostic/status/heartbeat").status_code == status
    assert client.get("/diagnostic/status/dependencies").status_code == 401


def test_without_configured_credentials_everything_is_open(broker):
    assert broker.get("/").status_code == 200


def test_pages_need_the_same_credentials(guarded):
    client = guarded()
    browser = {"Accept": "text/html"}

    assert client.get("/", headers=browser).status_code == 401
    assert client.get("/", headers=browser, auth=READER).status_code == 200
