"""What `tally import` refuses before it copies anything."""

import pytest
from support.hal_server import Answer

SAME = "are the same broker"


def test_an_import_from_nowhere_names_the_option(tally, hal_server):
    told = tally("import", "--from", "http://127.0.0.1:9", "-b", hal_server.base_url, "--retries", 0)

    assert told.code == 2
    assert "http://127.0.0.1:9" in told.err
    assert "(--from)" in told.err
    assert "--broker-base-url" not in told.err


@pytest.mark.parametrize("status", [401, 403])
def test_missing_credentials_name_those_of_the_source(tally, hal_server, status):
    hal_server.answers("GET", "/pacticipants", Answer({"error": "no"}, status))

    told = tally("import", "--from", hal_server.base_url, "-b", "http://127.0.0.1:9")

    assert told.code == 2
    assert "--from-username" in told.err
    assert "FROM_BROKER_TOKEN" in told.err


def test_credentials_are_sent_to_their_broker_only(tally, hal_server):
    hal_server.answers("GET", "/pacticipants", Answer({"error": "no"}, 403))

    tally(
        *("import", "--from", hal_server.base_url, "--from-token", "theirs"),
        *("-b", "http://127.0.0.1:9", "--broker-token", "ours"),
    )

    assert [asked.headers["Authorization"] for asked in hal_server.asked] == ["Bearer theirs"]


def test_a_target_that_takes_no_imports_is_refused(tally, hal_server):
    hal_server.answers("GET", "/pacticipants", {"_embedded": {"pacticipants": []}})

    told = tally(
        "import", "--from", hal_server.base_url.replace("127.0.0.1", "localhost"), "-b", hal_server.base_url
    )

    assert told.code == 2
    assert "is no Tallystick that takes imports" in told.err
    assert {asked.method for asked in hal_server.asked} == {"GET"}


def test_a_target_that_would_keep_a_rehearsal_is_refused(tally, hal_server):
    hal_server.answers("GET", "/pacticipants", {"_embedded": {"pacticipants": []}})
    hal_server.answers("GET", "/", {"_links": {"tally:import": {"href": hal_server.url("/")}}})
    source = hal_server.base_url.replace("127.0.0.1", "localhost")

    told = tally("import", "--from", source, "-b", hal_server.base_url, "--dry-run")

    assert told.code == 2
    assert "is too old for this --dry-run: update it." in told.err
    assert {asked.method for asked in hal_server.asked} == {"GET"}


def test_a_broker_is_not_copied_to_itself(tally, hal_server):
    told = tally("import", "--from", f"{hal_server.base_url}/", "-b", hal_server.base_url)

    assert told.code == 2
    assert SAME in told.err


def test_a_comparison_cannot_be_rehearsed(tally, hal_server):
    told = tally(
        "import", "--from", "http://a.example.org", "-b", hal_server.base_url, "--dry-run", "--compare-only"
    )

    assert told.code == 2
    assert "--dry-run and --compare-only exclude each other" in told.err
