"""A broker with accounts: an administrator, two teams with service accounts, and an issuer that it trusts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert
from support.app_server import app_serving
from support.issuers import AUDIENCE, Issuer, ec_key, issuing, rsa_key
from support.pipelines import github_claims
from support.serving import free_port

from broker.app import create_app
from broker.domain.accounts.permissions import Role
from broker.domain.accounts.tokens import TokenKind, new_token
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.tables import account_roles, accounts, teams, tokens, tries

LISTED = ("127.0.0.0/8",)
IDS = {"repository_id": "1296269", "repository_owner_id": "583231"}


@dataclass
class TrustingBroker:
    """The application, and the tokens of who is there."""

    app: Flask
    database: Database
    issuer: Issuer
    administrator: str
    team_administrator: str
    """Of the team payments, which has the service account payments-ci; orders has orders-ci."""
    reader: str

    @property
    def client(self) -> FlaskClient:
        """A client without credentials."""
        return self.app.test_client()

    def ask(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Send a request as the administrator, or with another token."""
        headers = {"Authorization": f"Bearer {self.administrator if token is None else token}"}
        return self.client.open(path, method=method, headers=headers | options.pop("headers", {}), **options)

    def trust(self, **changes: Any) -> Any:
        """Add a trust for the pipeline of `github_claims`, and return it."""
        document = {
            "account": "payments-ci",
            "kind": "github",
            "issuer": self.issuer.url,
            "claims": IDS,
            "workflow": "ci.yml",
        }
        answer = self.ask("POST", "/trusts", json=document | changes)
        assert answer.status_code == 201, answer.text
        return answer.json

    def forget_trusts(self) -> None:
        """Remove all trusts, and what was counted: some tests exchange more in a second than one may."""
        for trust in self.ask("GET", "/trusts").json["_embedded"]["trusts"]:
            assert self.ask("DELETE", f"/trusts/{trust['uuid']}").status_code == 204
        with self.database.transaction() as storage:
            storage.connection.execute(delete(tries))

    def id_token(self, **claims: Any) -> str:
        """Return an id token of the pipeline."""
        return self.issuer.token(**github_claims(**claims))

    def exchange(self, text: Any) -> Any:
        """Exchange an id token."""
        return self.client.post("/tokens/exchange", json={"token": text})


@contextmanager
def served(broker: TrustingBroker) -> Iterator[str]:
    """Yield the address of the broker, which knows it, and AUDIENCE as well."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(base_urls=(AUDIENCE, address), issuer_host_whitelist=LISTED)
    with app_serving(create_app(settings, broker.database), port) as url:
        yield url


@contextmanager
def trusting(database: Database, **settings: Any) -> Iterator[TrustingBroker]:
    """Yield a broker with accounts on an empty database, and its issuer."""
    with issuing(rsa_key("first"), ec_key("curve")) as issuer:
        given = {"base_url": AUDIENCE, "issuer_host_whitelist": LISTED, **settings}
        people = _people(database)
        app = create_app(Settings(**given), database)
        yield TrustingBroker(app, database, issuer, *people)


def _people(database: Database) -> tuple[str, str, str]:
    with database.transaction() as storage:
        now = datetime.now(UTC)
        payments, orders = (
            _add(storage, teams, now, name=name, name_key=name) for name in ("payments", "orders")
        )
        for name, team in (("payments-ci", payments), ("orders-ci", orders)):
            account = _account(storage, now, name, kind="service", team_id=team)
            for role in (Role.PUBLISHER, Role.DEPLOYER):
                _role(storage, now, account, role, team)
        made = []
        for name, role, team in (
            ("ada", Role.ADMINISTRATOR, None),
            ("tom", Role.TEAM_ADMINISTRATOR, payments),
            ("rea", Role.READER, None),
        ):
            account = _account(storage, now, name, kind="person")
            _role(storage, now, account, role, team)
            made.append(_token(storage, now, account))
    return made[0], made[1], made[2]


def _account(storage: Any, now: datetime, name: str, **more: Any) -> int:
    return _add(storage, accounts, now, name=name, name_key=name, display_name=name, **more)


def _role(storage: Any, now: datetime, account: int, role: Role, team: int | None) -> None:
    values = {"account_id": account, "role": role.value, "team_id": team, "created_at": now}
    storage.connection.execute(insert(account_roles).values(**values))


def _token(storage: Any, now: datetime, account: int) -> str:
    token = new_token(TokenKind.PERSONAL, token_bytes(32))
    values = {
        "uuid": str(uuid4()),
        "account_id": account,
        "kind": "personal",
        "name": "test",
        "prefix": token.prefix,
        "digest": token.digest,
        "expires_at": now + timedelta(days=1),
        "created_at": now,
    }
    storage.connection.execute(insert(tokens).values(**values))
    return token.text


def _add(storage: Any, table: Any, now: datetime, **values: Any) -> int:
    made = {"uuid": str(uuid4()), "created_at": now, "updated_at": now, **values}
    return storage.connection.execute(insert(table).values(**made)).inserted_primary_key[0]
