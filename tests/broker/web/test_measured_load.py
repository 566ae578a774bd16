"""What `/metrics` tells of the database, the jobs, the release, the disk and the certificates."""

import threading
from datetime import timedelta
from importlib.metadata import version

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import text
from support.factories import NOON, a_publication
from support.metrics import read

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database, Limits
from broker.storage.migrations.schema import known

END_ALL_SESSIONS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def measured(database):
    return create_app(Settings(), database, clock=lambda: NOON).test_client()


def a_certificate(end):
    """Return a certificate that ends then, as PEM."""
    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.public_key(key.public_key())
    builder = builder.not_valid_before(end - timedelta(days=900)).not_valid_after(end)
    return builder.sign(key, None).public_bytes(Encoding.PEM).decode()


def test_statements_are_counted_by_kind_with_their_time(measured):
    before = read(measured)
    measured.post("/contracts/publish", json=a_publication())
    after = read(measured)

    for kind in ("select", "insert", "begin", "commit"):
        for name in ("tally_sql_statements_total", "tally_sql_seconds_total"):
            key = (name, (("kind", kind),))
            assert after[key] > before[key]


def test_a_request_that_gets_no_connection_is_counted_with_its_wait(database_url):
    database = Database(database_url, Limits(connections=1, most=1, pool_timeout=1))
    client = create_app(Settings(), database).test_client()
    with database.reading():
        refused = client.get("/pacticipants")
    found = read(client)
    database.close()

    assert refused.status_code == 503
    assert found["tally_database_connections_limit", ()] == 1
    assert found["tally_database_connection_timeouts_total", ()] == 1
    assert found["tally_database_connection_waits_total", ()] >= 1
    assert found["tally_database_connection_wait_seconds_total", ()] >= 1


def test_waits_for_another_writer_of_sqlite_are_counted(measured, database):
    holds, is_waited_for = threading.Event(), threading.Event()

    def write():
        with database.transaction():
            holds.set()
            is_waited_for.wait(9)

    writer = threading.Thread(target=write)
    other = threading.Thread(target=lambda: measured.post("/pacticipants", json={"name": "Shop"}))
    writer.start()
    holds.wait(9)
    other.start()
    other.join(0.05)
    is_waited_for.set()
    writer.join()
    other.join()

    found = read(measured)

    assert found["tally_database_lock_waits_total", ()] == 1
    assert 0.01 < found["tally_database_lock_wait_seconds_total", ()] < 9


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_transactions_that_are_run_again_are_counted_by_reason(measured, database):
    measured.get("/pacticipants")
    other = Database(database.url)
    with other.connection() as connection:
        connection.execute(END_ALL_SESSIONS)
    other.close()

    assert measured.get("/pacticipants").status_code == 200
    found = read(measured)
    reasons = ("serialization", "deadlock", "race", "connection")
    counted = {reason: found["tally_transaction_retries_total", (("reason", reason),)] for reason in reasons}
    assert counted == {"serialization": 0, "deadlock": 0, "race": 0, "connection": 1}


def test_the_last_success_of_a_job_is_told(measured, database):
    assert not [name for name, _ in read(measured) if name.startswith("tally_job")]

    with database.transaction() as storage:
        storage.job_successes.note("backup", 12.5)
    found = read(measured)

    job = (("name", "backup"),)
    assert found["tally_job_last_success_timestamp_seconds", job] == pytest.approx(
        database.now().timestamp(), abs=60
    )
    assert found["tally_job_last_duration_seconds", job] == 12.5


def test_the_release_and_the_disk_are_told(measured):
    found = read(measured)

    assert found["tally_build_info", (("schema", known()[-1]), ("version", version("tallystick")))] == 1
    assert 0 < found["tally_database_disk_free_bytes", ()] < found["tally_database_disk_size_bytes", ()]
    assert found["tally_database_size_bytes", ()] >= 4096
    assert found["process_resident_memory_bytes", (("process", "server-1"),)] > 10_000_000


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_tells_its_size_and_of_no_disk(measured):
    found = read(measured)

    assert found["tally_database_size_bytes", ()] > 1_000_000
    assert ("tally_database_disk_free_bytes", ()) not in found


def test_the_end_of_certificates_is_told(database, tmp_path):
    good, bundle, bad = (tmp_path / name for name in ("good.pem", "bundle.pem", "bad.pem"))
    soon, later = NOON + timedelta(days=5), NOON + timedelta(days=500)
    good.write_text(a_certificate(later))
    bundle.write_text(a_certificate(later) + a_certificate(soon))
    bad.write_text("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
    files = (str(good), str(bundle), str(bad), str(tmp_path / "missing.pem"), a_certificate(soon))
    client = create_app(Settings(webhook_certificates=files), database).test_client()

    found = read(client)

    name = "tally_certificate_expires_timestamp_seconds"
    ends = {dict(labels)["file"]: value for (sample, labels), value in found.items() if sample == name}
    assert ends == {
        str(good): later.timestamp(),
        str(bundle): soon.timestamp(),
        str(bad): 0,
        str(tmp_path / "missing.pem"): 0,
        "text 1": soon.timestamp(),
    }
