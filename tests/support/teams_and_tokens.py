"""A broker with teams: clients that ask as somebody with a role in them, or everywhere."""

from datetime import UTC, datetime

from support.accounts import accounts, bearer

from broker.app import create_app
from broker.settings.settings import Settings

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECRETS_KEY = ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",)


class TeamsAndTokens:
    """The broker of *database*; its teams and accounts are made before anybody asks."""

    def __init__(self, database, *, roles, owned, **settings):
        """*roles* are (role, team or None) pairs by the name of an account; *owned* are names by team."""
        self.database = database
        world = accounts(database, now=NOW)
        for team, names in owned.items():
            world.team(team, *names)
        for name, pairs in roles.items():
            for role, team in pairs:
                world.person(name, role, team=team)
        self._headers = {name: bearer(world.token_of(name)) for name in roles}
        self.settings = Settings(secrets_key=SECRETS_KEY, **settings)
        self.app = create_app(self.settings, database, clock=lambda: NOW)

    def asking_as(self, name):
        """Return a client that has the token of an account; of nobody for None."""
        client = self.app.test_client()
        if name is not None:
            client.environ_base["HTTP_AUTHORIZATION"] = self._headers[name]["Authorization"]
        return client

    def entries(self):
        """Return the entries of the audit log, the newest first."""
        with self.database.transaction() as storage:
            return storage.connection.exec_driver_sql(
                "SELECT actor_name, action, outcome, after FROM audit_entries ORDER BY id DESC"
            ).all()
