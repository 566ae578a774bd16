"""From a real broker into a folder, and from there into another one, which is then the same."""

import json
import os
import shutil
from functools import partial
from itertools import product

import pytest
import requests
from support import databases
from support.app_server import app_serving
from support.contract_documents import an_openapi
from support.factories import a_verification_result
from support.import_worlds import ORDERS, SHOP, build

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.cli import main
from tally.importing.pacts import read_pact


@pytest.fixture(scope="module")
def source():
    """The address of a broker with everything that can be copied."""
    with databases.new_sqlite() as url:
        database = Database(url, synchronous="normal")
        with app_serving(create_app(Settings(), database)) as address:
            _publish_service_contracts(build(address).at("2024-03-10T10:00:00+00:00"))
            yield address
        database.close()


def _publish_service_contracts(world):
    for number in ("1", "2"):
        document = an_openapi(info={"title": f"Orders {number}", "version": number})
        body = {"pacticipantName": ORDERS, "pacticipantVersionNumber": number, "content": document}
        sha = world("POST", "service-contracts", "publish", json=body)["sha"]
        result = a_verification_result(number, buildUrl="https://ci.example.org/7")
        world("POST", "pacticipants", ORDERS, "service-contracts", sha, "verification-results", json=result)
    policy = {"mode": "full", "evidence": "compared", "incompatible": "refuse"}
    world("PUT", "pacticipants", ORDERS, "service-contract-policy", json=policy)
    versions = [(ORDERS, "3"), (SHOP, "2.0/x")]
    scenario = {
        "title": "The shop",
        "success": True,
        "durationMs": 5,
        "participants": [
            {"pacticipantName": name, "pacticipantVersionNumber": number} for name, number in versions
        ],
        "testResults": {"workflows": []},
    }
    world("POST", "scenario-results", json=scenario)
    world("POST", "gates", json={"metric": "success_rate", "threshold": 95})


@pytest.fixture
def target(database):
    """The address of an empty Tallystick."""
    with app_serving(create_app(Settings(), database)) as url:
        yield url


@pytest.fixture(scope="module")
def exported(source, tmp_path_factory):
    """A folder with an export."""
    folder = tmp_path_factory.mktemp("exported") / "export"
    with pytest.raises(SystemExit, match="0"):
        main(["export", str(folder), "-b", source])
    return folder


@pytest.fixture
def export(tally, tmp_path):
    """Export a broker; returns the folder and the report."""

    def run(source, name="export", code=0):
        told = tally("export", tmp_path / name, "-b", source, "-o", "json", "--retries", 0)
        assert told.code == code, told.err
        return tmp_path / name, json.loads(told.out)

    return run


@pytest.fixture(scope="module")
def any_target():
    """The address of a Tallystick that several tests use."""
    with databases.new_sqlite() as url:
        database = Database(url, synchronous="normal")
        with app_serving(create_app(Settings(), database)) as address:
            yield address
        database.close()


@pytest.fixture
def copy_to(tally, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(target, folder, *words):
        told = tally("import", "--from", folder, "-b", target, "-o", "json", "--retries", 0, *words)
        return told.code, json.loads(told.out) if told.out else told.err

    return run


@pytest.fixture
def copy(copy_to, target):
    return partial(copy_to, target)


@pytest.fixture
def copy_again(copy_to, any_target):
    """Import into a broker that other tests have imported into."""
    return partial(copy_to, any_target)


HEAD = b'{"format": "tallystick-export", "version": 1, "complete": true, "counts": %s}'
SCENARIO = (
    b"""{"title": "x", "success": true, "createdAt": "2024-03-03T13:00:00+00:00", "participants": %s}"""
)


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(folder, name):
    return json.loads((folder / name).read_bytes())


def answers(broker):
    numbers = {SHOP: ("2.0/x", "1.0 ü", "3%20"), ORDERS: ("1", "2", "3")}
    asked = [
        (name, number, place)
        for name in numbers
        for number, place in product(numbers[name], ("uat", "production"))
    ]
    keys = ("pacticipant", "version", "environment")
    return {
        question: requests.get(
            f"{broker}/can-i-deploy", dict(zip(keys, question, strict=True)), timeout=30
        ).json()["summary"]
        for question in asked
    }


def test_what_was_exported_and_imported_is_the_same_and_decides_the_same(source, target, export, copy):
    folder, _ = export(source)

    code, report = copy(folder)

    assert code == 0, report
    assert report["comparison"]["agrees"]
    assert report["comparison"]["canIDeploy"]["asked"] == len(read(folder, "decisions.json")) > 0
    assert answers(target) == answers(source)
    again, _ = export(target, "again")
    before, after = files(folder), files(again)
    assert after.keys() == before.keys()
    # The name of the broker; a webhook without its secret is disabled.
    assert {name for name in after if before[name] != after[name]} == {"export.json", "webhooks.json"}
    assert copy(folder)[1]["copied"] == {}


def test_a_rehearsal_of_an_export_keeps_nothing(source, target, export, copy):
    folder, _ = export(source)

    code, report = copy(folder, "--dry-run")

    assert code == 0, report
    assert report["copied"]["pacts"] == 4
    assert requests.get(f"{target}/pacticipants", timeout=30).json()["_embedded"]["pacticipants"] == []


def test_a_pact_of_an_export_is_a_pact_file(source, target, export, tally):
    folder, _ = export(source)
    pacts = sorted(folder.glob("pacts/*/*/contents/*.json"))

    for number, path in enumerate(pacts):
        told = tally("publish", path, "-a", number, "-b", target, "--retries", 0)
        assert told.code == 0, told.err

    published = requests.get(f"{target}/pacts/latest", timeout=30).json()["pacts"]
    assert len(published) == 2
    big = next(path.read_text() for path in pacts if "my-own-id" in path.read_text())
    assert "123456789012345678901234567890" in big
    assert '"rate": 1.0' in big  # numbers are as they were written


def test_everything_is_there_and_no_secret(source, export):
    folder, report = export(source)

    contents = b"".join(files(folder).values())
    assert b"s3cret" not in contents
    assert b'"_links"' not in contents
    assert (
        "The webhook secret-webhook-0001 is written without its header x-token, password" in report["notes"]
    )
    where = "pacticipants/orders-old-ddaa347d7fd4"
    versions = [item["version"] for item in read(folder, f"{where}/service-contracts.json")]
    assert versions == ["1", "2"]
    assert read(folder, f"{where}/service-contract-policy.json")["incompatible"] == "refuse"
    participants = read(folder, "scenario-results/1.json")["participants"]
    assert {"pacticipantName": SHOP, "pacticipantVersionNumber": "2.0/x"} in participants
    assert [item["metric"] for item in read(folder, "gates.json")] == ["success_rate"]
    failed = next(
        read(folder, f"pacts/orders-old-ddaa347d7fd4/shop-web-100-5df1a596e56f/results/{item['file']}")
        for item in read(folder, "pacts/orders-old-ddaa347d7fd4/shop-web-100-5df1a596e56f/results.json")
        if not item["success"]
    )
    assert failed["testResults"][0]["mismatches"] == [{"description": "no"}]


def test_an_export_that_stopped_is_continued(source, export, monkeypatch):
    """What was written is not read again, and what is no longer there goes."""
    folder, _ = export(source)
    whole = files(folder)
    head = read(folder, "export.json")
    (folder / "export.json").write_text(json.dumps({**head, "complete": False}))
    publications = folder / "pacts/orders-old-ddaa347d7fd4/orders-old-ddaa347d7fd4/publications.json"
    publications.unlink()
    left = publications.with_name("contents") / "0a.json"
    left.write_text("{}")
    read_pacts = []
    monkeypatch.setattr(
        "tally.exporting.contracts.read_pact",
        lambda *asked: read_pacts.append(asked[2]) or read_pact(*asked),
    )

    export(source)

    assert read_pacts == ["3"]
    assert files(folder) == whole


def test_an_export_is_not_written_where_something_else_is(source, tally, export, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("precious")
    finished, _ = export(source)
    before = files(finished)

    for name, said in (("mine", "is not empty, and no export"), ("export", "has a finished export")):
        told = tally("export", tmp_path / name, "-b", source)

        assert told.code == 2
        assert said in told.err
    assert files(finished) == before
    assert files(tmp_path / "mine") == {"file": b"precious"}


def test_a_broker_that_is_away_leaves_no_finished_export(tally, tmp_path, copy_again):
    told = tally("export", tmp_path / "x", "-b", "http://127.0.0.1:9", "--retries", 0)

    assert told.code == 2
    assert "the same command continues where it stopped" in told.err
    assert copy_again(tmp_path / "x") == (
        2,
        f"Error: {tmp_path / 'x'} is not whole: run tally export again until it ends well.\n",
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("export.json", b"[]", "is no folder that tally export has written"),
        (
            "export.json",
            b'{"format": "tallystick-export", "version": 2, "complete": true}',
            "a newer release",
        ),
        ("integrations.json", b"{}", "is no list of objects"),
        ("integrations.json", b'[{"consumer": "Shop"}]', "is not as tally export writes it: KeyError"),
        ("pacticipants/shop-web-100-5df1a596e56f/versions.json", b'[{"number": 3}]', "is not as"),
        ("pacticipants/shop-web-100-5df1a596e56f/versions.json", b"[", "not JSON"),
        (
            "pacts/orders-old-ddaa347d7fd4/orders-old-ddaa347d7fd4/publications.json",
            b'[{"version": "3", "createdAt": "2024-03-03T13:00:00+00:00", "content": "../../../export"}]',
            "has no file that is called",
        ),
        ("export.json", b"[" * 100_000, "is no folder that tally export has written"),
        ("export.json", HEAD % b'{"pacts": 1e999}', "is no folder that tally export has written"),
        (
            "pacticipants/orders-old-ddaa347d7fd4/pacticipant.json",
            b'{"name": "Another"}',
            "another application than",
        ),
        ("pacticipants/orders-old-ddaa347d7fd4/pacticipant.json", None, "pacticipant.json is missing"),
        ("teams.json", b'[{"name": "a"}]', "has no createdAt"),
        ("accounts.json", b'[{"name": "a", "kind": "service", "createdAt": 5}]', "is no date"),
        ("gates.json", b'[{"metric": 5, "createdAt": "2024-03-03T13:00:00+00:00"}]', "is no text"),
        ("environments.json", b'[{"name": "x"}]', "has no production"),
        ("scenario-results/1.json", b"[]", "is not as tally export writes it"),
        ("scenario-results/1.json", SCENARIO % b"[]", "nobody took part"),
        (
            "scenario-results/1.json",
            SCENARIO % b'[{"pacticipantName": 5}]',
            "is not as tally export writes it",
        ),
        (
            "webhooks.json",
            b'[{"uuid": "x", "createdAt": "2024-03-03T13:00:00+00:00", "team": []}]',
            "is no text",
        ),
    ],
)
def test_a_folder_that_somebody_has_changed_is_refused(exported, copy_again, tmp_path, name, content, said):
    folder = shutil.copytree(exported, tmp_path / "export")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)

    code, told = copy_again(folder)

    assert code in {1, 2}
    assert said in json.dumps(told)
    assert "Traceback" not in json.dumps(told)


def test_a_file_that_leads_elsewhere_or_has_no_end_is_not_read(exported, copy_again, tmp_path, monkeypatch):
    """Who made the folder must not get other files of this machine published."""
    (tmp_path / "private.json").write_text(json.dumps([{"metric": "secret", "createdAt": "2024"}]))
    monkeypatch.setattr("tally.importing.exported_folder.LARGEST", 1_000_000)
    folder = shutil.copytree(exported, tmp_path / "export")
    gates = folder / "gates.json"

    for make, said in (
        (lambda: gates.symlink_to("../private.json"), "it is a link that leads out of the folder"),
        (lambda: os.mkfifo(gates), "it is no file"),
        (gates.mkdir, "Is a directory"),
        (lambda: gates.write_bytes(b" " * 1_000_001), "it has 1000001 bytes"),
    ):
        gates.rmdir() if gates.is_dir() else gates.unlink()
        make()
        code, told = copy_again(folder)
        assert code == 2
        assert f"{gates} cannot be read: {said}" in told


def test_an_export_in_a_folder_with_other_things_beside_is_read(exported, copy_again, tmp_path):
    """Desktops put files everywhere; the folder itself may be reached by a link."""
    folder = shutil.copytree(exported, tmp_path / "export")
    (folder / "pacticipants/.DS_Store").write_bytes(b"x")
    (folder / "scenario-results/notes.json").write_bytes(b"x")
    (tmp_path / "link").symlink_to(folder)

    assert copy_again(tmp_path / "link")[0] == 0


def test_the_command_reads_the_same_for_people(source, tally, tmp_path):
    for output in ("text", "table"):
        told = tally("export", tmp_path / output, "-b", source, "-o", output)

        assert told.code == 0, told.err
        said = told.out if output == "text" else told.err
        assert f"Wrote {tmp_path / output}: contents of pacts: 3, pacts: 4, results: 5" in said
    assert ["pacticipants", "2"] in [line.split() for line in told.out.splitlines()]
