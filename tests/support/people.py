"""Accounts of people in a database, as a log-in finds them."""

from functools import cache
from uuid import uuid4

from support.factories import NOON

from broker.domain.accounts.account_names import name_key
from broker.services.accounts import passwords
from broker.storage.tables import account_roles, accounts, teams

PASSWORD = "correct horse battery"


@cache
def hash_of(password):
    """Return one hash of a password for all tests, as each takes 40 ms."""
    return passwords.hash_of(password)


def add_person(database, name="anna", password=PASSWORD, roles=("reader",), **columns):
    """Store a person with these roles everywhere; return the id of the account."""
    values = {
        "uuid": str(uuid4()),
        "kind": "person",
        "name": name,
        "name_key": name_key(name),
        "display_name": name,
        "password_hash": None if password is None else hash_of(password),
        "created_at": NOON,
        "updated_at": NOON,
        **columns,
    }
    with database.transaction() as storage:
        account_id = storage.connection.execute(accounts.insert().values(values)).inserted_primary_key[0]
        for role in roles:
            add_role(storage, account_id, role)
        storage.asking.access_changed_at = NOON
    return account_id


def add_role(storage, account_id, role, team_id=None, from_group=None):
    """Give an account a role."""
    row = {"account_id": account_id, "role": role, "team_id": team_id, "from_group": from_group}
    storage.connection.execute(account_roles.insert().values(**row, created_at=NOON))


def add_team(database, name):
    """Store a team; return its id."""
    row = {"uuid": str(uuid4()), "name": name, "name_key": name_key(name)}
    with database.transaction() as storage:
        added = storage.connection.execute(teams.insert().values(**row, created_at=NOON, updated_at=NOON))
        return added.inserted_primary_key[0]
