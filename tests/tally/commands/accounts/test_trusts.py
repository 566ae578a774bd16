"""`tally trusts`: add, list, test and remove, against a real broker."""

import io
import json
import sys

import pytest
from support.databases import NEW_DATABASE
from support.trusting import served, trusting

from broker.domain.accounts.permissions import SCOPES
from broker.storage.database import Database
from tally.commands.accounts import trusts

ADD = ("trusts", "add", "--account", "payments-ci", "--kind", "github", "--workflow", "ci.yml")
IDS = ("--repository-id", "1296269", "--repository-owner-id", "583231")


@pytest.fixture(scope="module")
def world():
    with NEW_DATABASE["sqlite"]() as url:
        database = Database(url, synchronous="normal")
        with trusting(database) as broker, served(broker) as address:
            yield broker, address
        database.close()


@pytest.fixture
def broker(world):
    yield world[0]
    world[0].forget_trusts()


@pytest.fixture
def as_administrator(tally, world, broker, monkeypatch):
    def run(*words):
        monkeypatch.setenv("PACT_BROKER_BASE_URL", world[1])
        monkeypatch.setenv("PACT_BROKER_TOKEN", broker.administrator)
        return tally(*words)

    return run


def test_the_scopes_are_those_of_the_api(as_administrator):
    assert set(trusts.SCOPES) == SCOPES
    assert len(trusts.SCOPES) == len(SCOPES)
    refused = as_administrator(*ADD, *IDS, "--environment", "production", "--scope", "override")
    assert "no role in a team allows it" in refused.err


def test_trusts_are_added_listed_and_removed(as_administrator, broker):
    nothing = as_administrator("trusts", "list")
    added = as_administrator(
        *ADD, *IDS, "--issuer", broker.issuer.url, "--environment", "production", "--protected-ref",
        "--ref", "refs/heads/main", "--claim", "actor=mona", "--scope", "deploy", "--minutes", "5",
    )  # fmt: skip
    uuid = as_administrator(*ADD, *IDS, "--issuer", broker.issuer.url, "-o", "id").out.strip()
    listed = as_administrator("trusts", "list").out.splitlines()
    document = json.loads(as_administrator("trusts", "list", "--team", "payments", "-o", "json").out)

    assert nothing.out == "There are no trusts yet: tally trusts add\n"
    assert added.out.startswith("Trusted a pipeline for payments-ci (")
    first, second = document["_embedded"]["trusts"]
    assert first["claims"] == {
        "repository_id": "1296269",
        "repository_owner_id": "583231",
        "environment": "production",
        "ref_protected": "true",
        "actor": "mona",
    }
    assert (first["refs"], first["scopes"], first["minutes"]) == (["refs/heads/main"], ["deploy", "read"], 5)
    assert second["uuid"] == uuid
    assert listed[0].split() == [
        "ACCOUNT", "KIND", "REPOSITORY", "WORKFLOW", "CONDITIONS", "SCOPES", "UUID",
    ]  # fmt: skip
    assert "actor=mona, environment=production, ref_protected=true, refs/heads/main" in listed[1]

    removed = as_administrator("trusts", "remove", uuid)
    again = as_administrator("trusts", "remove", uuid)

    assert removed.out == f"Removed the trust {uuid}, and the tokens that pipelines got by it.\n"
    assert again.code != 0
    assert "There is no trust" in again.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (IDS[:2], "claims.repository_owner_id: is missing"),
        ((*IDS, "--scope", "deploy"), "environment"),
        ((*IDS, "--claim", "actor"), "must be NAME=VALUE"),
        ((*IDS, "--claim", "=x"), "must be NAME=VALUE"),
        ((*IDS, "--ref", "main"), "refs/heads/"),
        ((*IDS, "--minutes", "16"), "16"),
        ((*IDS, "--scope", "everything"), "everything"),
    ],
)
def test_a_trust_that_is_wrong_is_refused(as_administrator, broker, options, said):
    ran = as_administrator(*ADD, "--issuer", broker.issuer.url, *options)

    assert ran.code != 0
    assert said in ran.err


def test_a_test_says_which_check_fails(as_administrator, broker, monkeypatch):
    broker.trust()
    broker.trust(claims={"repository_id": "1296269", "repository_owner_id": "7"})
    text = broker.id_token()

    fits = as_administrator("trusts", "test", text)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
    document = json.loads(as_administrator("trusts", "test", "-", "--output", "json").out)
    forged = as_administrator("trusts", "test", text[:-8] + "AAAAAAAA")
    nothing = as_administrator("trusts", "test", " ")
    odd = as_administrator("trusts", "test", "odd")

    assert fits.code == 0
    assert "for payments-ci fits.\n" in fits.out
    assert "  repository_owner_id must be 7, and is 583231\n" in fits.out
    assert document["accepted"] is True
    assert forged.code == 1
    assert "The id token itself is refused. signature: " in forged.out
    assert nothing.code == 2
    assert odd.code == 1
    assert odd.out.startswith("The id token itself is refused. form: ")
    assert "no trust" not in odd.out


def test_no_trust_is_said(as_administrator, broker):
    broker.forget_trusts()

    ran = as_administrator("trusts", "test", broker.id_token())

    assert ran.code == 1
    assert "There is no trust that you may see.\n" in ran.out


def test_a_broker_without_accounts_is_told_apart(tally_at):
    ran = tally_at("trusts", "list")

    assert ran.code != 0
    assert "has no accounts yet. Create the first one on its machine" in ran.err
