"""The commands hand numbers on digit for digit, and refuse what programs read differently."""

import pytest
import requests
from support import databases
from support.app_server import app_serving

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

NUMBERS = f'{{"a":2.300,"b":1563454500.123456789,"c":1E400,"d":-0.0,"e":{"9" * 5000},"f":[1.10,-0]}}'


def a_pact(numbers=NUMBERS, description="numbers"):
    return (
        '{"consumer":{"name":"Shop"},"provider":{"name":"Orders"},"interactions":[{'
        f'"description":"{description}","providerStates":[{{"name":"{description}","params":{numbers}}}],'
        '"request":{"method":"GET","path":"/"},'
        f'"response":{{"status":200,"body":{numbers}}}}}],'
        '"metadata":{"pactSpecification":{"version":"3.0.0"}}}'
    )


@pytest.fixture
def shown(broker_url):
    """Return the pact of a version of Shop as the broker shows it."""

    def read(version="1"):
        address = f"{broker_url}/pacts/provider/Orders/consumer/Shop/version/{version}"
        return requests.get(address, timeout=10).text

    return read


@pytest.fixture
def target(monkeypatch, tmp_path):
    """The base URL of another broker, which allows the same webhooks."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "notes"))
    settings = Settings(webhook_host_whitelist=("127.0.0.0/8",), webhook_scheme_whitelist=("http",))
    with databases.NEW_DATABASE["sqlite"]() as url:
        database = Database(url)
        with app_serving(create_app(settings, database)) as address:
            yield address
        database.close()


@pytest.fixture
def publish_files(on_broker, tmp_path):
    """Publish these texts as files, and return what the command did."""

    def run(*texts, version="1", options=()):
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.json").write_text(text, encoding="utf-8")
        return on_broker("publish", str(tmp_path), "--consumer-app-version", version, *options)

    return run


def test_files_that_are_joined_keep_their_digits(publish_files, shown):
    other = '{"x":1.00,"y":1e-400}'

    assert publish_files(a_pact(), a_pact(other, "other")).code == 0

    assert f'"body":{NUMBERS}' in shown()
    assert f'"body":{other}' in shown()


def test_pacts_that_the_broker_merges_keep_their_digits(publish_files, shown):
    other = '{"x":1.00}'
    publish_files(a_pact())

    assert publish_files(a_pact(other, "other"), options=["--merge"]).code == 0

    assert f'"body":{NUMBERS}' in shown()
    assert f'"body":{other}' in shown()


def test_pacts_are_downloaded_with_their_digits(publish_files, on_broker, tmp_path):
    publish_files(a_pact(), options=["--branch", "main"])
    folder = tmp_path / "downloaded"

    done = on_broker("get-pacts", "--provider", "Orders", "--download", "--download-dir", str(folder))

    assert done.code == 0, done
    (file,) = folder.glob("*.json")
    assert f'"body":{NUMBERS}' in file.read_text(encoding="utf-8")


def test_states_are_printed_with_the_digits_of_their_parameters(publish_files, on_broker):
    publish_files(a_pact(), options=["--branch", "main"])

    for output in ("json", "table"):
        done = on_broker("provider-states", "list", "--provider", "Orders", "--output", output)
        assert NUMBERS in done.out


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ('{"a":{"b":1,"b":2}}', 'the key "b" occurs twice in /interactions/0/providerStates/0/params/a'),
        ('{"a":[NaN]}', "NaN is not a JSON number in /interactions/0/providerStates/0/params/a/0"),
    ],
)
def test_what_programs_read_differently_is_not_published(publish_files, numbers, says):
    done = publish_files(a_pact(numbers))

    assert done.code == 2
    assert says in done.err
    assert "0.json" in done.err


def test_a_webhook_is_created_and_listed_with_its_digits(on_broker):
    body = f'{{"price":1.10,"numbers":{NUMBERS}}}'
    options = ("--request", "POST", "--data", body, "--contract-published", "--output", "json")

    created = on_broker("create-webhook", "http://127.0.0.1/hook", *options)

    assert created.code == 0, created
    assert f'"body":{body}' in created.out


def test_a_webhook_with_a_key_twice_is_refused(on_broker):
    done = on_broker(
        "create-webhook", "http://127.0.0.1/", "-X", "POST", "-d", '{"a":1,"a":2}', "--contract-published"
    )

    assert done.code == 2
    assert '--data: the key "a" occurs twice in the document' in done.err


def test_an_import_keeps_the_digits_of_pacts_and_webhooks(publish_files, on_broker, broker_url, target):
    publish_files(a_pact(), options=["--branch", "main"])
    body = f'{{"numbers":{NUMBERS}}}'
    on_broker(
        "create-webhook", "http://127.0.0.1/", "--request", "POST", "--data", body, "--contract-published"
    )

    for options in (["--dry-run"], [], []):  # at last, everything is there and the same
        done = on_broker("import", "--from", broker_url, "-b", target, *options)
        assert done.code == 0, done

    pact = requests.get(f"{target}/pacts/provider/Orders/consumer/Shop/version/1", timeout=10).text
    assert f'"body":{NUMBERS}' in pact
    (link,) = requests.get(f"{target}/webhooks", timeout=10).json()["_links"]["pb:webhooks"]
    assert f'"body":{body}' in requests.get(link["href"], timeout=10).text
