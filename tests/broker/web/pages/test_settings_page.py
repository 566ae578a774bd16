"""The settings in force, as a page shows them: to those who may write, and without secrets."""

import re
from dataclasses import fields

import pytest
from support.reading_pages import A_BROWSER, Page

from broker.app import create_app
from broker.settings.settings import Settings

WRITER, READER = ("ci", "s3cret-1"), ("people", "s3cret-2")


@pytest.fixture
def page(database):
    """Show the settings of a broker that has them everywhere."""
    settings = Settings(
        database_url="postgresql://me:s3cret-3@db.example.org/tally",
        database_password="s3cret-4",
        basic_auth_username=WRITER[0],
        basic_auth_password=WRITER[1],
        basic_auth_read_only_username=READER[0],
        basic_auth_read_only_password=READER[1],
        api_tokens=("x:write:s3cret-5-and-some-more",),
        webhook_proxy="http://me:s3cret-6@proxy.example.org:3128",
        secrets_key=("s3cret-7",),
        allow_public_read=True,
        threads=7,
    )
    client = create_app(settings, database).test_client()
    return lambda auth=None, query="": client.get(f"/settings{query}", headers=A_BROWSER, auth=auth)


def test_settings_are_shown_without_secrets(page):
    answer = page(WRITER)
    rows = {row[0]: row[1:3] for row in Page(answer).rows}

    assert "s3cret" not in answer.text
    assert {f"TALLY_{setting.name.upper()}" for setting in fields(Settings)} <= rows.keys()
    assert rows["TALLY_THREADS"] == ("7", "set default: 4")
    assert rows["TALLY_WORKERS"] == ("1", "default")
    assert rows["TALLY_DATABASE_URL"][0] == "postgresql://**********@db.example.org/tally"
    assert rows["TALLY_SECRETS_KEY"] == ("set, and not shown", "set default: not set")


def test_settings_are_a_file_too(page):
    rows = page(WRITER, "?format=csv").text.splitlines()

    assert rows[0] == "section,setting,value,isDefault,default,description"
    assert "s3cret" not in "".join(rows)
    assert page(READER, "?format=csv").status_code == 403


def test_settings_are_shown_only_to_those_who_may_write(page):
    assert page().status_code == 401
    assert page(READER).status_code == 403
    assert "TALLY_THREADS" not in page(READER).text


def test_every_setting_that_is_a_secret_by_its_name_is_one():
    secret = {setting.name for setting in fields(Settings) if setting.metadata["is_secret"]}

    by_name = {
        setting.name for setting in fields(Settings) if re.search(r"password|token|secret|_key", setting.name)
    }

    assert by_name == secret
