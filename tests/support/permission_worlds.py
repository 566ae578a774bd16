"""A broker with accounts, as its tables have them: two teams, each with a consumer and a provider of its own.

Everything of the broker but the accounts is built through its API, before there are any.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update
from support.contract_documents import an_openapi
from support.factories import a_pact, a_publication, a_verification_result

from broker.app import create_app
from broker.domain.accounts.tokens import TokenKind, new_token
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.tables import (
    account_roles,
    accounts,
    deliveries,
    environment_deployers,
    environments,
    pacticipants,
    secrets,
    team_pacticipants,
    teams,
    tokens,
    trusts,
    webhooks,
)

OWN, FOREIGN = "payments", "search"
"""The teams: that of the actors, and another one."""
SETTINGS = {
    "api_tokens": ("ci:write:settings-token-1234", "eyes:read:settings-token-5678"),
    "allow_deleting_all_integrations": True,
    "webhook_host_whitelist": ("webhooks.invalid",),
    "secrets_key": ("zmEHBjqNjqHkuVrVyMbGYbmFMhMTGVKaI4o8FADIlb4=",),
}
ROLES = {
    "reader": ("reader", None),
    "publisher": ("publisher", OWN),
    "deployer": ("deployer", OWN),
    "team administrator": ("team-administrator", OWN),
    "administrator": ("administrator", None),
}


@dataclass(frozen=True)
class Side:
    """What one of the teams has, by the names of the variables of paths."""

    values: dict[str, str]
    team: str
    webhook: str
    secret: str
    delivery: str
    service_account: str = ""
    trust: str = ""
    member: str = ""
    token: str = ""


def now() -> datetime:
    return datetime.now(UTC)


def bearer(token: str) -> dict[str, str]:
    """Return the header of a request with a token."""
    return {"Authorization": f"Bearer {token}"}


class Rows:
    """Writes accounts, teams and tokens into the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def team(self, name: str, *names: str) -> int:
        """Add a team that owns these pacticipants, and return its id."""
        added = self._add(teams, uuid=str(uuid4()), name=name, name_key=name, updated_at=now())
        for each in names:
            self.own(added, each)
        return added

    def own(self, team: int, name: str) -> None:
        """Give a pacticipant to a team."""
        with self._database.connection() as connection:
            found = connection.scalar(select(pacticipants.c.id).where(pacticipants.c.name == name))
            values = {"team_id": team, "pacticipant_id": found, "created_at": now()}
            connection.execute(insert(team_pacticipants).values(values))
            connection.commit()

    def account(self, name: str, *roles: tuple[str, int | None], team: int | None = None) -> int:
        """Add an account with these roles, each in a team or everywhere, and return its id."""
        kind = "person" if team is None else "service"
        added = self._add(
            accounts,
            uuid=str(uuid4()),
            kind=kind,
            name=name,
            name_key=name,
            display_name=name,
            team_id=team,
            updated_at=now(),
        )
        for role, of_team in roles:
            self._add(account_roles, account_id=added, role=role, team_id=of_team)
        return added

    def token(self, account: int, **limits: list[str]) -> str:
        """Add a token, and return it; *limits* are its scopes, pacticipants and environments."""
        made = new_token(TokenKind.PERSONAL, uuid4().bytes + uuid4().bytes)
        self._add(
            tokens,
            uuid=str(uuid4()),
            account_id=account,
            kind="personal",
            name="t",
            prefix=made.prefix,
            digest=made.digest,
            expires_at=now() + timedelta(days=1),
            **{key: json.dumps(value).encode() for key, value in limits.items()},
        )
        return made.text

    def uuid_of_token(self, account: int) -> str:
        """Return the uuid of the token of an account."""
        with self._database.connection() as connection:
            found = connection.scalar(select(tokens.c.uuid).where(tokens.c.account_id == account))
            return str(found)

    def trust(self, account: int) -> str:
        """Add a trust for a service account, and return its uuid."""
        uuid = str(uuid4())
        said = {
            "kind": "other",
            "issuer": "https://id.example.org",
            "claims": b'{"sub": "x"}',
            "minutes": 15,
            "refs": b"[]",
            "scopes": b'["publish"]',
        }
        self._add(trusts, uuid=uuid, account_id=account, **said)
        return uuid

    def protect(self, environment: str, *teams_listed: int) -> None:
        """Let only these teams deploy to an environment."""
        with self._database.connection() as connection:
            found = connection.scalar(select(environments.c.id).where(environments.c.uuid == environment))
            connection.execute(
                update(environments).where(environments.c.id == found).values(protected=bool(teams_listed))
            )
            for team in teams_listed:
                values = {"environment_id": found, "team_id": team, "created_at": now()}
                connection.execute(insert(environment_deployers).values(values))
            connection.commit()

    def give(self, team: int, webhook: str, secret: str) -> None:
        """Let a webhook, by its uuid, and a secret, by its name, belong to a team. Deliveries have failed."""
        with self._database.connection() as connection:
            connection.execute(update(webhooks).where(webhooks.c.uuid == webhook).values(team_id=team))
            connection.execute(update(secrets).where(secrets.c.name == secret).values(team_id=team))
            connection.execute(update(deliveries).values(status="failure", due_at=None))
            connection.commit()

    def _add(self, table: Any, **values: Any) -> int:
        with self._database.connection() as connection:
            added = connection.execute(insert(table).values(created_at=now(), **values))
            connection.commit()
            return int(added.inserted_primary_key[0])


def build(database: Database) -> tuple[dict[str, Side], dict[str, str]]:
    """Fill a database; return what each team has, and the token of each actor."""
    client = create_app(Settings(**SETTINGS), database).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer settings-token-1234"
    sides = {team: _side(client, team) for team in (OWN, FOREIGN)}
    rows = Rows(database)
    ids = {team: rows.team(team, f"{team} shop", f"{team} orders") for team in (OWN, FOREIGN)}
    for team, side in sides.items():
        rows.give(ids[team], side.webhook, side.secret)
        account = rows.account(f"{team}-ci", ("publisher", ids[team]), team=ids[team])
        rows.token(account)
        rows.account(f"{team}-member", ("publisher", ids[team]))
        sides[team] = replace(
            side,
            service_account=f"{team}-ci",
            trust=rows.trust(account),
            member=f"{team}-member",
            token=rows.uuid_of_token(account),
        )
    made = {
        actor: rows.token(rows.account(actor, (role, None if team is None else ids[team])))
        for actor, (role, team) in ROLES.items()
    }
    return sides, made


def _side(client: Any, team: str) -> Side:
    """Store one thing of each kind for a team, through the API."""

    def send(method: str, path: str, document: Any = None, **options: Any) -> Any:
        answer = client.open(path, method=method, json=document if document is not None else {}, **options)
        assert answer.status_code in {200, 201}, (method, path, answer.text)
        return answer.json

    consumer, provider = f"{team} shop", f"{team} orders"
    place = f"/pacticipants/{consumer}"
    send("POST", "/pacticipants", {"name": consumer})
    send(
        "POST",
        "/webhooks",
        {
            "events": [{"name": "contract_published"}],
            "consumer": {"name": consumer},
            "request": {"method": "POST", "url": "https://webhooks.invalid/", "body": {}},
        },
    )
    pact = a_pact(consumer=consumer, provider=provider)
    send("POST", "/contracts/publish", a_publication(pact, tags=["prod"]))
    send("PUT", f"{place}/labels/ours")
    environment = send("POST", "/environments", {"name": f"lab-{team}", "production": False})["uuid"]
    deployed = send("POST", f"{place}/versions/1/deployed-versions/environment/{environment}")["uuid"]
    released = send("POST", f"{place}/versions/1/released-versions/environment/{environment}")["uuid"]
    document = {"pacticipantName": provider, "pacticipantVersionNumber": "1", "content": an_openapi()}
    service_contract = send("POST", "/service-contracts/publish", document)["sha"]
    found = client.get(f"/pacts/provider/{provider}/consumer/{consumer}/version/1").json
    results = found["_links"]["pb:publish-verification-results"]["href"]
    result = send("POST", results, a_verification_result("1"))
    gate = send("POST", "/gates", {"metric": "success_rate", "threshold": 90, "pacticipantName": provider})
    send("PUT", f"/pacticipants/{provider}/service-contract-policy", {"mode": "full"})
    send("PUT", f"/secrets/KEY_{team}", {"value": "a secret value"})
    hooks = client.get(f"/webhooks/consumer/{consumer}").json["_links"]["pb:webhooks"]
    webhook = hooks[0]["href"].rpartition("/")[2]
    triggered = client.get(f"/webhooks/{webhook}/triggered-webhooks").json["_embedded"]["triggeredWebhooks"]
    values = {
        "branch": "main",
        "consumer": consumer,
        "consumer_version": "1",
        "environment": environment,
        "deployed": deployed,
        "released": released,
        "gate": gate["_links"]["self"]["href"].rpartition("/")[2],
        "label": "ours",
        "metadata": "Y3ZuPTE",
        "number": result["_links"]["self"]["href"].rpartition("/")[2],
        "provider": provider,
        "sha": results.partition("/pact-version/")[2].partition("/")[0],
        "service_contract": service_contract,
        "tag": "prod",
        "version": "1",
    }
    return Side(values, team, webhook, f"KEY_{team}", triggered[0]["uuid"])
