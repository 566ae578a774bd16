"""From a broker with teams and accounts into another one, by people who may see and do more or less."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import requests
from support import databases
from support.accounts import accounts, bearer
from support.app_server import app_serving
from support.import_worlds import World

from broker.app import create_app
from broker.domain.accounts.permissions import Action
from broker.services.audit.sealing import seal_some
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.cli import main
from tally.importing.teams import _MOST_NAMED

THEN = datetime(2024, 3, 1, 12, tzinfo=UTC)
KEY = "A" * 43 + "="


@pytest.fixture(scope="module")
def source():
    """A broker with two teams; `url`, and tokens of people: `ada` administers, `bob` reads."""
    with databases.new_sqlite() as url:
        database = Database(url, synchronous="normal")
        world = accounts(database, now=datetime.now(UTC))
        tokens = {
            "ada": world.token("administrator", name="ada"),
            "bob": world.token("reader", name="bob"),
        }
        world.team("payments", "Shop")
        world.team("Ware house é", "Stock é", "Shop")
        world.service("shop-ci", "publisher", "deployer", team="payments")
        world.service("old-ci", "publisher", team="payments")
        settings = Settings(secrets_key=(KEY,))
        public = create_app(Settings(allow_public_read=True), database)
        with app_serving(create_app(settings, database)) as address, app_serving(public) as public_url:
            _fill(World(address, bearer(tokens["ada"])))
            with database.transaction() as storage:
                seal_some(storage, "test", database.now())
            yield SimpleNamespace(url=address, public_url=public_url, **tokens)
        database.close()


def _fill(ask):
    ask("PUT", "teams", "Ware house é", "members", "bob", json={"roles": ["publisher"]})
    ask("PATCH", "accounts", "old-ci", json={"disabled": True})
    roles = [{"role": "publisher", "team": "payments"}, {"role": "deployer", "team": "Ware house é"}]
    ask("PUT", "accounts", "shop-ci", "roles", json={"roles": roles})
    live = {"name": "live", "production": True, "deployers": ["payments"], "requiresCanIDeploy": True}
    ask("POST", "environments", json=live)
    test = ask.environment("test")
    guarded = {"name": "test", "production": False, "protected": True, "deployers": ["Ware house é"]}
    ask("PUT", "environments", test, json=guarded)
    ask("POST", "gates", json={"metric": "success_rate", "threshold": 95, "team": "payments"})
    webhook = {
        "events": [{"name": "contract_published"}],
        "request": {"method": "POST", "url": "https://ci.example.org/build", "password": "s3cret"},
        "team": "payments",
    }
    ask("PUT", "webhooks", "webhook-of-payments", json=webhook)


@pytest.fixture
def target():
    """An empty broker with an administrator, `root`; and `cut`, who may not change accounts."""
    with databases.new_sqlite() as url:
        database = Database(url, synchronous="normal")
        world = accounts(database)
        scopes = {action.value for action in Action} - {"accounts", "manage-team"}
        tokens = {
            "root": world.token("administrator", name="root"),
            "cut": world.token("administrator", name="cut", scopes=scopes),
        }
        with app_serving(create_app(Settings(secrets_key=(KEY,)), database)) as address:
            yield SimpleNamespace(url=address, **tokens)
        database.close()


@pytest.fixture(scope="module")
def exported(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "export"
    with pytest.raises(SystemExit, match="0"):
        main(["export", str(folder), "-b", source.url, "--broker-token", source.ada])
    return folder


@pytest.fixture
def run(tally, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*words, code=0):
        told = tally(*words, "-o", "json", "--retries", 0)
        assert told.code == code, told
        return json.loads(told.out)

    return run


def read(folder, name):
    return json.loads((folder / name).read_bytes())


def names(items):
    return [item["name"] for item in items]


def test_an_export_has_the_teams_the_accounts_and_the_audit_log_but_no_secret(source, exported, tally):
    owned = {team["name"]: team["pacticipants"] for team in read(exported, "teams.json")}
    assert owned == {"payments": ["Shop"], "Ware house é": ["Shop", "Stock é"]}
    found = {item["name"]: item for item in read(exported, "accounts.json")}
    assert found.keys() == {"ada", "bob", "shop-ci", "old-ci"}
    assert found["old-ci"]["disabled"]
    contents = b"".join(path.read_bytes() for path in exported.rglob("*") if path.is_file())
    for secret in (source.ada, source.bob, "s3cret"):
        assert secret.encode() not in contents
    log = exported / "audit.ndjson"
    assert log.stat().st_mode & 0o777 == 0o600
    verified = tally("audit", "verify", "--file", log)
    assert verified.code == 0, verified
    assert read(exported, "export.json")["counts"]["entries of the audit log"] > 5


def test_what_may_not_be_read_is_named(source, run, tmp_path, target):
    """Here everybody may read contracts without credentials."""
    told = run("export", tmp_path / "x", "-b", source.public_url, code=1)

    assert [text.partition(":")[0] for text in told["problems"]] == ["Teams and accounts"]
    assert [text.partition(":")[0] for text in told["notes"]][-1] == "The audit log is not written"
    assert read(tmp_path / "x", "export.json")["missing"] == told["problems"]
    assert not {"teams.json", "accounts.json", "audit.ndjson"} & {
        each.name for each in (tmp_path / "x").iterdir()
    }
    copied = run("import", "--from", tmp_path / "x", "-b", target.url, "--broker-token", target.root)
    assert any(text.startswith("The export is without this. Teams and acc") for text in copied["notes"])


def test_who_reads_exports_all_but_the_audit_log(source, run, tmp_path):
    told = run("export", tmp_path / "x", "-b", source.url, "--broker-token", source.bob)

    assert told["written"]["accounts"] == 4
    assert any(text.startswith("The audit log is not written") for text in told["notes"])


def test_teams_service_accounts_and_what_refers_to_them_are_copied(exported, target, run, tmp_path):
    to = ("-b", target.url, "--broker-token", target.root)
    told = run("import", "--from", exported, *to)

    assert told["copied"]["teams"] == 2
    assert told["copied"]["service accounts"] == 2
    again = tmp_path / "again"
    run("export", again, *to)
    for name in ("gates.json", "teams.json"):
        assert _undated(read(again, name)) == _undated(read(exported, name))
    services = [
        [item for item in read(folder, "accounts.json") if item["kind"] == "service"]
        for folder in (exported, again)
    ]
    assert _undated(services[0]) == _undated(services[1])
    assert _undated(read(again, "environments.json")) == _undated(read(exported, "environments.json"))
    webhooks = read(again, "webhooks.json")
    assert [(item["team"], item["enabled"]) for item in webhooks] == [("payments", False)]
    assert any("People are not copied" in text and ": ada, bob. " in text for text in told["notes"])
    assert any("no tokens yet" in text for text in told["notes"])
    assert run("import", "--from", exported, *to)["copied"] == {}
    tokens = requests.get(
        f"{target.url}/accounts/shop-ci/tokens", headers=bearer(target.root), timeout=30
    ).json()
    assert tokens["_embedded"]["tokens"] == []


def _undated(items):
    return [
        {key: value for key, value in item.items() if key not in {"createdAt", "updatedAt"}} for item in items
    ]


def test_a_rehearsal_counts_them_and_keeps_nothing(exported, target, run):
    told = run("import", "--from", exported, "--dry-run", "-b", target.url, "--broker-token", target.root)

    assert told["copied"]["teams"] == 2
    assert told["problems"] == []
    for name in ("teams", "gates", "pacticipants"):
        found = requests.get(f"{target.url}/{name}", headers=bearer(target.root), timeout=30).json()
        assert found["_embedded"][name] == []


def test_who_may_not_change_accounts_copies_the_rest_and_is_told(exported, target, run):
    told = run("import", "--from", exported, "-b", target.url, "--broker-token", target.cut, code=1)

    assert any(text.startswith("Teams and service accounts are not copied: ") for text in told["problems"])
    assert told["copied"]["pacticipants"] == 2


def test_a_broker_without_accounts_gets_none_and_stays_open(exported, database, run):
    with app_serving(create_app(Settings(), database)) as address:
        told = run("import", "--from", exported, "-b", address)
        again = run("import", "--from", exported, "-b", address)
        found = requests.get(f"{address}/pacticipants", timeout=30).json()

    assert any("as the target has no accounts" in text for text in told["notes"])
    assert "teams" not in told["copied"]
    assert any("does not list payments" in text for text in told["notes"])
    assert any("is of no team" in text for text in told["notes"])
    assert again["copied"] == {}
    assert len(found["_embedded"]["pacticipants"]) == 2


def test_many_people_are_counted(target, run, tmp_path):
    then = "2024-03-01T12:00:00+00:00"
    people = [{"name": f"p{number}", "kind": "person", "createdAt": then} for number in range(30)]
    folder = tmp_path / "many"
    folder.mkdir()
    head = {"format": "tallystick-export", "version": 1, "complete": True}
    (folder / "export.json").write_text(json.dumps(head))
    (folder / "accounts.json").write_text(json.dumps(people))

    told = run("import", "--from", folder, "-b", target.url, "--broker-token", target.root)

    assert any(f"and {30 - _MOST_NAMED} more" in text for text in told["notes"])
