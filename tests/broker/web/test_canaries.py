"""No token, password or other secret is anywhere but where it is shown once.

Not in logs, answers or pages, not in /metrics or the audit log, and in nothing else that is stored.
"""

import base64
import logging
import re
from pathlib import Path

import pytest
from support.accounts import accounts, bearer
from support.log_ins import at, log_in, session_of
from support.people import PASSWORD, add_person
from support.permission_worlds import SETTINGS
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings.settings import Settings

SETTINGS_PASSWORD = "canary-password-of-the-settings"
NEW_PASSWORD = "canary of a new password"
WRONG_PASSWORD = "canary of a wrong password"
SECRET = "canary-of-a-secret-in-a-webhook"
ID_TOKEN = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256","kid":"a"}', b'{"iss":"https://id.example.org"}', b"canary of a signature")
)
READ = ("/", "/accounts", "/accounts/anna", "/teams", "/tokens", "/me", "/trusts", "/secrets", "/settings")
WATCHED = (
    "/audit",
    "/metrics",
    "/log-in",
    "/my/sessions",
    "/openapi.json",
    "/diagnostic/status/dependencies",
)
ACCEPTED = ("application/hal+json", "text/plain", "text/csv", "application/x-ndjson", A_BROWSER["Accept"])


class Listener:
    """Sends requests, and keeps what came back."""

    def __init__(self, client):
        self._client = client
        self.answers = []

    def ask(self, method, path, *, shows_one=False, **options):
        answer = self._client.open(path, method=method, **options)
        if not shows_one:
            self.answers.append(f"{method} {path}\n{answer.status}\n{answer.headers}\n{answer.text}")
        return answer


@pytest.fixture
def world(database):
    made = accounts(database)
    made.team("payments", "Shop")
    made.service("ci", "publisher", team="payments")
    add_person(database, roles=("administrator",))
    return made


@pytest.fixture
def app(database, world):  # noqa: ARG001 - there are accounts before it starts
    users = {"basic_auth_username": "ci", "basic_auth_password": SETTINGS_PASSWORD}
    return create_app(Settings(**SETTINGS, **users, failed_logins_per_minute=0), database)


def test_secrets_are_shown_once_and_nowhere_else(app, world, database, database_url, caplog):
    listener = Listener(app.test_client())
    canaries = [SETTINGS_PASSWORD, PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, SECRET, "settings-token-1234"]
    canaries += [ID_TOKEN.rpartition(".")[2], world.token_of("anna"), world.token_of("ci")]
    administrator = bearer(canaries[-2])

    with caplog.at_level(logging.DEBUG):
        canaries += _make_secrets(listener, administrator)
        canaries.append(_browse(app, listener))
        _fail(listener, canaries)
        for path in (*READ, *WATCHED):
            for accepted in ACCEPTED:
                listener.ask("GET", path, headers={**administrator, "Accept": accepted})
                listener.ask("GET", path, headers={"Accept": accepted})

    places = {"answers": "\n".join(listener.answers), "logs": caplog.text, "database": _stored(database_url)}
    found = [
        (place, text[at - 300 : at + 60])
        for place, text in places.items()
        for name in canaries
        if (at := text.find(name)) >= 0
    ]
    assert found == []
    assert len(set(canaries)) >= 12
    assert "log-in" in _entries(database)


def _make_secrets(listener, administrator):
    """Make what is shown once; return what was shown."""
    person = {"name": "bob", "password": NEW_PASSWORD}
    assert listener.ask("POST", "/accounts", json=person, headers=administrator).status_code == 201
    shown = [
        listener.ask("POST", path, shows_one=True, json=body, headers=administrator).text
        for path, body in (
            ("/tokens", {"name": "laptop"}),
            ("/accounts/ci/tokens", {"name": "pipeline"}),
            ("/accounts/bob/log-in-link", {}),
        )
    ]
    listener.ask("PUT", "/secrets/KEY", json={"value": SECRET}, headers=administrator)
    tokens = re.findall(r"tally[ps]_[0-9A-Za-z]{49}", "".join(shown))
    [code] = re.findall(r"[#?&=/]([\w-]{40,})", shown[2])
    assert len(tokens) == 2
    return [*tokens, code]


def _browse(app, listener):
    """Log in by a password, and look at pages; return the id of the session."""
    person = at(app)
    session = session_of(log_in(person))
    for path in (*READ, "/my/sessions", "/audit"):
        page = person.client.get(path, headers=A_BROWSER)
        listener.answers.append(f"{page.status}\n{page.text}")
    return session


def _fail(listener, canaries):
    """Send each secret in each wrong way."""
    for text in canaries:
        for headers in (
            bearer(f"{text}x"),
            bearer(f"{text},Bearer {text}"),
            {"Authorization": "Basic " + base64.b64encode(f"anna:{text}x".encode()).decode()},
            {"Authorization": f"Digest {text}"},
        ):
            listener.ask("PUT", "/pacticipants/Shop", json={}, headers=headers)
        listener.ask("POST", "/tokens/exchange", json={"token": text})
        listener.ask("POST", "/test/error", json={"password": text}, headers=bearer(canaries[-3]))
    for text in (text for text in canaries if text.startswith("tally")):
        as_name = base64.b64encode(f"{text}:".encode()).decode()
        listener.ask("GET", "/pacticipants", headers={"Authorization": f"Basic {as_name}"})
        for path in (f"/pacticipants?token={text}", f"/pacticipants/{text}", f"/log-in?to=/{text}"):
            listener.ask("GET", path.replace(text, text[:-1]), shows_one=True)
            answer = listener.ask("GET", path, headers=A_BROWSER, shows_one=True)
            listener.answers.append(answer.text + str(answer.headers))
    listener.ask("POST", "/tokens/exchange", json={"token": ID_TOKEN})
    listener.ask("GET", "/pacticipants", headers={"Authorization": f"Basic {WRONG_PASSWORD}"})


def _stored(database_url):
    """Return every byte of SQLite's files as text."""
    path = Path(database_url.partition("sqlite:///")[2])
    return "".join(file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*"))


def _entries(database):
    with database.reading() as storage:
        return str(storage.connection.exec_driver_sql("SELECT * FROM audit_entries").all())
