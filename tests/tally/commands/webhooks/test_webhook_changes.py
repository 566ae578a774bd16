"""Creating, changing, sending and deleting webhooks, at a real broker."""

import json
import uuid

import pytest
from support.receivers import answering, receiving

URL = "http://127.0.0.1:1/build"
CHOSEN = "7daf2d3c-7a1e-4c0a-a1a9-4d9ad2a56c68"
DASHED = "-Xy45678901234567890ab"
"""As brokers made one in 64."""


@pytest.fixture
def hooks(read):
    """Return the documents of all webhooks."""

    def fetch():
        links = read("/webhooks")["_links"]["pb:webhooks"]
        return [read(f"/webhooks/{link['href'].rpartition('/')[2]}") for link in links]

    return fetch


@pytest.fixture
def created(on_broker):
    """The uuid of a webhook with everything that the options can say."""
    run = on_broker(
        *("webhooks", "create", URL, "-X", "POST", "-H", "A: b", "C: d:e", "--header", "E:f"),
        *("-d", '{"a": 1}', "--user", "ann:p:w", "--description", "build it"),
        *("--contract-published", "--provider-verification-failed", "--output", "id"),
    )
    assert run.code == 0, run.err
    return run.out.strip()


def test_a_webhook_is_created_with_all_that_the_options_say(created, hooks):
    [hook] = hooks()

    assert (hook["uuid"], hook["description"]) == (created, "build it")
    assert [event["name"] for event in hook["events"]] == [
        "contract_published",
        "provider_verification_failed",
    ]
    assert hook["request"] == {
        "method": "POST",
        "url": URL,
        "headers": {"a": "b", "c": "d:e", "e": "f"},
        "body": {"a": 1},
        "username": "ann",
        "password": "**********",
    }


@pytest.mark.parametrize(
    "command",
    [
        ("create-webhook",),
        ("webhooks", "create"),
        ("create-or-update-webhook", "--uuid", CHOSEN),
    ],
    ids=" ".join,
)
def test_a_misspelt_parameter_is_told_with_what_is_meant(on_broker, hooks, command):
    run = on_broker(*command, URL, "-d", "${pactbroker.consumerVersion}", "--contract-published")

    assert run.code == 2
    assert "request.body: ${pactbroker.consumerVersion} is no parameter (did you mean" in run.err
    assert hooks() == []


def test_the_single_command_prints_the_webhook_and_that_of_the_group_a_sentence(on_broker):
    single = on_broker("create-webhook", URL, "--contract-published")
    of_group = on_broker("webhooks", "create", URL, "--contract-published")

    made = json.loads(single.out)
    assert made["request"]["url"] == URL
    assert of_group.out.startswith("Created the webhook POST 127.0.0.1 (")


@pytest.mark.parametrize(
    ("options", "consumer", "provider"),
    [
        ((), None, None),
        (("--consumer", "Shop"), {"name": "Shop"}, None),
        (("--consumer-label", "a", "--provider-label", "b"), {"label": "a"}, {"label": "b"}),
        (("--provider", "Orders"), None, {"name": "Orders"}),
    ],
)
def test_whose_pacts_it_is_for(on_broker, publish, hooks, options, consumer, provider):
    publish()

    assert on_broker("create-webhook", URL, "--contract-published", *options).code == 0

    [hook] = hooks()
    assert (hook.get("consumer"), hook.get("provider")) == (consumer, provider)


@pytest.mark.parametrize(
    ("written", "body"), [("plain {text", "plain {text"), ("[1.50]", [1.5]), ('"text"', "text"), ("", "")]
)
def test_a_body_may_be_json_or_text_or_in_a_file(on_broker, hooks, tmp_path, written, body):
    file = tmp_path / "body"
    file.write_text(written)

    on_broker("create-webhook", URL, "--contract-published", f"--data=@{file}")
    on_broker("create-webhook", URL, "--contract-published", "-d", written)

    assert [hook["request"].get("body", "") for hook in hooks()] == [body, body]


def test_a_body_in_a_file_is_text(on_broker, tmp_path):
    (tmp_path / "body").write_bytes(b"\xff")

    run = on_broker("create-webhook", URL, "--contract-published", f"--data=@{tmp_path / 'body'}")

    assert (run.code, run.err) == (2, f"Error: --data @{tmp_path / 'body'}: the file is not UTF-8.\n")


def test_a_webhook_with_an_identifier_of_ones_own_is_created_and_replaced(on_broker, hooks):
    again = ("create-or-update-webhook", "--uuid", CHOSEN, "--contract-published")
    on_broker(*again, URL, "--description", "first")

    replaced = on_broker(*again, f"{URL}/2", "--output", "text")

    assert replaced.out == f"Stored the webhook POST 127.0.0.1 ({CHOSEN}).\n"
    assert [(hook["uuid"], hook["request"]["url"]) for hook in hooks()] == [(CHOSEN, f"{URL}/2")]


def test_an_update_changes_nothing_but_what_is_given(on_broker, created, hooks):
    updated = on_broker("webhooks", "update", created, "--url", f"{URL}/2", "--description", "told")

    assert updated.out == f"Updated the webhook told ({created}).\n"
    [hook] = hooks()
    assert hook["request"]["url"] == f"{URL}/2"
    assert hook["request"]["headers"] == {"a": "b", "c": "d:e", "e": "f"}
    assert hook["request"]["username"] == "ann"
    assert len(hook["events"]) == 2


@pytest.mark.parametrize("output", ["text", "json", "id"])
def test_an_update_to_another_place_says_which_secrets_it_drops(on_broker, created, hooks, output):
    updated = on_broker("webhooks", "update", created, "--url", "http://127.0.0.1:2/build", "-o", output)

    assert updated.code == 0
    told = updated.out.splitlines()[-1] if output == "text" else updated.err
    assert "What was stored for the earlier one was dropped: password." in told
    [hook] = hooks()
    assert hook["request"]["username"] == "ann"
    assert "password" not in hook["request"]


def test_an_update_may_bring_the_password_for_another_place(on_broker, created, hooks):
    updated = on_broker(
        "webhooks", "update", created, "--url", "http://127.0.0.1:2/build", "--user", "ann:new"
    )

    assert updated.out == f"Updated the webhook build it ({created}).\n"
    assert hooks()[0]["request"]["password"] == "**********"


@pytest.mark.parametrize("words", [("delete-webhook", "--uuid"), ("webhooks", "delete")])
def test_a_webhook_is_deleted_once(on_broker, created, hooks, words):
    deleted, again = on_broker(*words, created), on_broker(*words, created)

    assert (deleted.code, deleted.out) == (0, f"Deleted the webhook {created}.\n")
    assert (again.code, again.out) == (0, f"There is no webhook {created}: there is nothing to delete.\n")
    assert hooks() == []


def test_a_webhook_is_sent_at_once(on_broker):
    with receiving(answering()) as receiver:
        uuid_ = on_broker("create-webhook", receiver.url, "--contract-published", "-o", "id").out.strip()

        sent = on_broker("test-webhook", "--uuid", uuid_)
        receiver.behaviour = answering(500)
        refused = on_broker("test-webhook", "--uuid", uuid_, "--output", "table")
        told = on_broker("webhooks", "test", uuid_, "--send")

    assert (sent.code, sent.out) == (0, "It was delivered: HTTP 200.\n")
    assert (refused.code, refused.out.split()[-4:]) == (1, ["not", "delivered", "HTTP", "500"])
    assert (told.code, told.out) == (1, "It was not delivered: HTTP 500.\n")
    assert len(receiver.received) == 3


@pytest.mark.parametrize("words", [("test-webhook", "--uuid"), ("webhooks", "test", "--send")])
def test_the_log_comes_after_the_result_with_verbose(on_broker, words):
    with receiving(answering()) as receiver:
        uuid_ = on_broker("create-webhook", receiver.url, "--contract-published", "-o", "id").out.strip()

        told = on_broker(*words, uuid_, "--verbose")

    result, _, *log = told.out.splitlines()
    assert result == "It was delivered: HTTP 200."
    assert any("HTTP/1.1 request POST" in line for line in log)


def test_what_got_no_answer_says_why(on_broker):
    nobody = "http://127.0.0.1:9/"
    uuid_ = on_broker("create-webhook", nobody, "--contract-published", "-o", "id").out.strip()

    told = on_broker("test-webhook", "--uuid", uuid_)

    assert told.code == 1
    assert told.out.startswith("It was not delivered: ")
    assert "HTTP" not in told.out


def test_without_send_the_request_is_shown_and_not_sent(on_broker):
    hook = ("create-webhook", URL, "--contract-published", "--data", '{"n": "${pactbroker.eventName}"}')
    uuid_ = on_broker(*hook, "-o", "id").out.strip()

    told = on_broker("webhooks", "test", uuid_)

    first, request, *_ = told.out.splitlines()
    assert first == "Nothing was sent. With --send it sends this request:"
    assert request == f"  POST {URL}"
    assert '  "n": "test"' in told.out


@pytest.mark.parametrize(
    "words", [("disable",), ("enable",), ("test",), ("update", "--description", "x"), ("delete",)]
)
def test_a_uuid_may_begin_like_an_option(on_broker, hooks, words):
    on_broker("create-or-update-webhook", URL, "--contract-published", "--uuid", DASHED)
    command, *options = words

    run = on_broker("webhooks", command, DASHED, *options)

    assert run.code == 0, run.err
    if command == "disable":
        assert hooks()[0]["enabled"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Which events trigger it? Give one or more of --contract-content-changed, "),
        (("-H", "broken"), "--header 'broken' has no name: write it as 'Name: value'."),
        (("-H", "A: 1", "-H", "a: 2"), "--header gives a twice."),
        (("-d", "@nope.json"), "--data @nope.json: the file cannot be read"),
        (("--consumer", "A", "--consumer-label", "b"), "--consumer and --consumer-label exclude each other"),
        (("--provider-label", ""), "--provider or --provider-label is empty"),
        (("--provider", "--consumer", "Shop"), "--provider has no value"),
        (("--team-uuid", "1"), "--team-uuid is not supported: name the team, with --team."),
        (("--contract-published", "--provider", "Nobody"), "provider.name: does not match"),
        (("--contract-published", "-X", "BREW"), "request.method"),
    ],
)
def test_what_cannot_be_created_says_why(on_broker, hooks, words, said):
    run = on_broker("create-webhook", URL, *words)

    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert hooks() == []


@pytest.mark.parametrize(
    "words",
    [
        ("test-webhook", "--uuid", "nope"),
        ("webhooks", "test", "nope"),
        ("webhooks", "enable", "nope"),
        ("webhooks", "update", "nope"),
        ("webhooks", "redeliver", "--failed-of", "nope"),
    ],
)
def test_an_unknown_webhook_is_named(on_broker, words):
    run = on_broker(*words)

    assert (run.code, run.out) == (2, "")
    assert run.err == "Error: There is no webhook with the uuid 'nope'. (All of them: tally webhooks list)\n"


def test_an_unknown_delivery_is_named(on_broker):
    assert "There is no delivery with the uuid 'nope'." in on_broker("webhooks", "redeliver", "nope").err


def test_a_pact_broker_lists_webhooks_without_their_deliveries(tally_at, hal_server):
    hook = {"description": "d", "events": [{"name": "contract_published"}], "enabled": True, "uuid": "U1"}
    links = {"pb:webhooks": {"href": hal_server.url("/webhooks")}}
    hal_server.answers("GET", "/", {"_links": links})
    one = {"pb:webhooks": [{"href": hal_server.url("/webhooks/U1"), "name": "d"}]}
    hal_server.answers("GET", "/webhooks", {"_links": one})
    hal_server.answers("GET", "/webhooks/U1", hook)

    run = tally_at("webhooks", "list")

    assert run.out.splitlines()[1].split() == [
        "d",
        *["any"] * 2,
        "contract_published",
        "yes",
        "not",
        "known",
        "U1",
    ]


def test_a_uuid_is_generated(tally):
    first, second = (uuid.UUID(tally("generate-uuid").out.strip()) for _ in range(2))

    assert first != second
