"""The `curl` lines of the guide to webhooks, sent in their order to a fresh broker."""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from broker.app import create_app
from broker.settings.settings import Settings

GUIDE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
CURL = re.compile(r"^curl .*?^```$", re.DOTALL | re.MULTILINE)
OPTIONS = {"-X": "method", "-d": "data", "-H": "header"}


def requests_of(text):
    """Return the requests of the `curl` lines as arguments of Flask's client."""
    return [_request(shlex.split(block.removesuffix("```"))) for block in CURL.findall(text)]


def _request(words):
    method, found, rest = "POST", {}, iter(words[1:])
    for word in rest:
        if word in OPTIONS:
            found[OPTIONS[word]] = next(rest)
        else:
            found["path"] = urlsplit(word).path
    name, _, value = found["header"].partition(": ")
    return {
        "path": found["path"],
        "method": found.get("method", method),
        "headers": {name: value},
        "data": found["data"],
    }


def test_the_first_webhook_of_the_guide_is_taken_by_a_fresh_broker(broker):
    first, *_ = requests_of(GUIDE)

    created = broker.open(**first)

    assert created.status_code == 201, created.text
    assert "secret" not in first["data"]


def test_with_a_key_the_broker_takes_every_request_of_the_guide(database):
    broker = create_app(Settings(secrets_key=(Fernet.generate_key().decode(),)), database).test_client()

    answers = [broker.open(**request) for request in requests_of(GUIDE)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]


def test_secrets_are_explained_before_a_webhook_uses_them():
    assert GUIDE.index("\n## Secrets\n") < GUIDE.index("${secret.") < GUIDE.index("\n## Recipes\n")
