"""The flow with any Pact Broker: links only, in the order that pending and work in progress need."""

import pytest
from support.factories import a_pact, an_interaction

BEFORE = "This pact is being verified because it is the latest from branch main"
STILL_PENDING = "This pact is still pending"
NO_LONGER_PENDING = "This pact is no longer pending"
NOTICES = (
    {"when": "before_verification", "text": BEFORE},
    {"when": "after_verification:success_false_published_true", "text": STILL_PENDING},
    {"when": "after_verification:success_true_published_true", "text": NO_LONGER_PENDING},
)


PUBLISH = ("--publish", "--provider-version", "9f8e7d")


@pytest.mark.usefixtures("keeping")
def test_the_pacts_that_the_broker_wants_verified_are_verified(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact(), notices=NOTICES)
    hal_broker.offers(a_pact(consumer="App"))

    ended = verify_from_broker()

    assert ended.exit_code == 0, ended
    assert "Pact between Shop and Orders" in ended.stdout
    assert "Pact between App and Orders" in ended.stdout
    assert BEFORE in ended.stdout
    assert hal_broker.results() == []


@pytest.mark.usefixtures("keeping")
def test_the_broker_is_asked_for_exactly_what_the_user_wants(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact())

    verify_from_broker(
        *("--consumer-version-selectors", '{"mainBranch": true}'),
        *("--consumer-version-selectors", '[{"deployedOrReleased": true}, {"branch": "x"}]'),
        *("--consumer-version-tags", "prod, test"),
        *("--enable-pending", "--include-wip-pacts-since", "2026-01-31"),
        *("--provider-branch", "main", "--provider-tags", "dev,eu"),
    )
    verify_from_broker()

    assert hal_broker.asked_for_pacts == [
        {
            "consumerVersionSelectors": [
                {"mainBranch": True},
                {"deployedOrReleased": True},
                {"branch": "x"},
                {"tag": "prod", "latest": True},
                {"tag": "test", "latest": True},
            ],
            "includePendingStatus": True,
            "includeWipPactsSince": "2026-01-31",
            "providerVersionBranch": "main",
            "providerVersionTags": ["dev", "eu"],
        },
        {"includePendingStatus": False},
    ]


@pytest.mark.usefixtures("keeping")
def test_results_are_published_per_interaction(hal_broker, verify_from_broker):
    kept = {**an_interaction("kept"), "_id": "id-1"}
    broken = {**an_interaction("broken", response={"status": 201}), "_id": "id-2"}
    hal_broker.offers(a_pact(kept, broken))

    ended = verify_from_broker(*PUBLISH, "--build-url", "https://ci/2")

    assert ended.exit_code == 1
    (result,) = hal_broker.results()
    assert (result["success"], result["providerApplicationVersion"]) == (False, "9f8e7d")
    assert result["buildUrl"] == "https://ci/2"
    assert result["verifiedBy"]["implementation"] == "Tallystick"
    first, second = result["testResults"]
    assert first.pop("durationMs") > 0
    assert first == {"interactionId": "id-1", "interactionDescription": "kept", "success": True}
    assert (second["interactionId"], second["success"], second["failure"]) == ("id-2", False, "mismatch")
    (mismatch,) = second["mismatches"]
    assert mismatch["attribute"] == "status"
    assert (mismatch["expected"], mismatch["actual"]) == (201, 200)
    assert "201" in mismatch["description"]


def test_the_broker_is_told_of_pending_interactions_and_of_reasons(hal_broker, verify_from_broker, provider):
    pending = {"type": "Synchronous/HTTP", "pending": True, **an_interaction("new", response={"status": 200})}
    silent = {"type": "Synchronous/HTTP", **an_interaction("silent", request={"method": "GET", "path": "/s"})}
    silent["response"] = {"status": 200}
    hal_broker.offers(a_pact(pending, silent, metadata={"pactSpecification": {"version": "4.0"}}))
    provider.on("GET", "/s", lambda _: provider.hang_up())

    verify_from_broker(*PUBLISH)

    first, second = hal_broker.results()[0]["testResults"]
    assert (first["pending"], first["success"]) == (True, False)
    assert (second["failure"], second["success"]) == ("no-answer", False)
    assert "closed the connection" in second["exceptions"][0]["message"]


def test_the_address_of_a_pact_is_printed_once(hal_broker, verify_from_broker):
    address = f"{hal_broker.url}/pact/1"
    notice = {"when": "before_verification", "text": f"The pact at {address} is verified because it is new"}
    hal_broker.offers(a_pact(), notices=[notice])

    ended = verify_from_broker()

    assert ended.stdout.count(address) == 1
    assert "  This pact is verified because it is new\n" in ended.stdout


@pytest.mark.usefixtures("keeping")
def test_a_broker_that_takes_no_results_is_said_to_be_the_reason(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact())
    hal_broker.server.on("GET", "/b/pact/1", {**a_pact(), "_links": {}})

    ended = verify_from_broker(*PUBLISH)

    assert ended.exit_code == 2
    assert "The broker accepts no verification results for" in ended.stdout


@pytest.mark.usefixtures("keeping")
def test_branch_and_tags_are_recorded_once_and_before_any_result(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact())
    hal_broker.offers(a_pact(consumer="App"))

    ended = verify_from_broker(*PUBLISH, "--provider-branch", "feat/x", "--provider-tags", "dev,eu")

    assert ended.exit_code == 0, ended
    written = [(asked.method, asked.path) for asked in hal_broker.server.asked if asked.method != "GET"]
    assert written == [
        ("POST", "/b/verify-Orders"),
        ("PUT", "/b/branch/feat%2Fx/of/9f8e7d"),
        ("PUT", "/b/tag/dev/of/9f8e7d"),
        ("PUT", "/b/tag/eu/of/9f8e7d"),
        ("POST", "/b/pact/1/results"),
        ("POST", "/b/pact/2/results"),
    ]


def test_a_pending_pact_may_fail_and_its_failure_is_shown_and_published(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact(), pending=True, notices=NOTICES)

    ended = verify_from_broker("--enable-pending", *PUBLISH)

    assert ended.exit_code == 0
    assert "Pact between Shop and Orders [pending]" in ended.stdout
    assert "○ a request for order 1, given an order exists (id=1) [status" in ended.stdout
    assert "0 passed, 0 failed, 1 pending" in ended.stdout
    assert STILL_PENDING in ended.stdout
    assert hal_broker.results()[0]["success"] is False


@pytest.mark.usefixtures("keeping")
def test_a_pending_pact_that_is_kept_is_no_longer_pending(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact(), pending=True, notices=NOTICES)

    ended = verify_from_broker("--enable-pending", *PUBLISH)

    assert "The result was published to the broker." in ended.stdout
    assert NO_LONGER_PENDING in ended.stdout
    assert STILL_PENDING not in ended.stdout


def test_a_broker_without_such_pacts_means_that_nothing_was_checked(
    hal_broker, provider, verify_from_broker, tally_verify
):
    none = verify_from_broker()
    unknown = tally_verify("-b", hal_broker.url, "--provider", "Carts", "--provider-url", provider.url)

    assert (none.exit_code, unknown.exit_code) == (2, 2)
    assert "The broker has no pact to verify for the provider 'Orders'" in none.stderr
    assert "The broker has no pact to verify for the provider 'Carts'" in unknown.stderr


def test_a_broker_that_is_not_there_is_named(provider, tally_verify, unused_address):
    ended = tally_verify(
        *("--broker-base-url", unused_address, "--provider", "Orders", "--retries", "0"),
        *("--provider-url", provider.url),
    )

    assert ended.exit_code == 2
    assert f"The broker at {unused_address} gave no answer" in ended.stderr


def test_a_server_that_is_no_broker_is_named(broker_server, provider, tally_verify):
    broker_server.on("GET", "/", {"hello": "world"})

    ended = tally_verify("-b", broker_server.url, "--provider", "Orders", "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "offers no link pb:provider-pacts-for-verification" in ended.stderr


def test_credentials_that_the_broker_does_not_accept_are_said_to_be(hal_broker, verify_from_broker):
    hal_broker.server.on("GET", "/b", {}, status=401)

    ended = verify_from_broker("--broker-token", "secret-1")

    assert hal_broker.server.asked[0].headers["Authorization"] == "Bearer secret-1"
    assert ended.exit_code == 2
    assert "does not accept these credentials" in ended.stderr
    assert "secret-1" not in ended.stdout + ended.stderr


@pytest.mark.usefixtures("keeping")
def test_a_result_that_the_broker_refuses_fails_the_run_and_keeps_the_report(hal_broker, verify_from_broker):
    hal_broker.offers(a_pact())
    refusal = {"errors": {"providerApplicationVersion": ["is not a semantic version"]}}
    hal_broker.server.on("POST", "/b/pact/1/results", refusal, status=400)

    ended = verify_from_broker(*PUBLISH)

    assert ended.exit_code == 2
    assert "✓ a request for order 1" in ended.stdout
    assert "Not published: 1 passed, 0 failed" in ended.stdout
    assert "was not published: providerApplicationVersion: is not a semantic version" in ended.stdout


@pytest.mark.usefixtures("keeping")
def test_a_state_that_cannot_be_set_up_is_published_as_a_failure(hal_broker, provider, verify_from_broker):
    hal_broker.offers(a_pact())
    provider.on("POST", "/_states", status=404)

    ended = verify_from_broker("-s", "/_states", *PUBLISH)

    assert ended.exit_code == 2
    (published,) = hal_broker.results()
    assert published["success"] is False
    assert published["testResults"][0]["failure"] == "provider-state"


def test_a_pending_pact_whose_state_nobody_knows_yet_does_not_fail_the_run(
    hal_broker, provider, verify_from_broker
):
    hal_broker.offers(a_pact(), pending=True)
    provider.on("POST", "/_states", status=404)

    ended = verify_from_broker("-s", "/_states", "--enable-pending", *PUBLISH)

    assert ended.exit_code == 0, ended
    assert hal_broker.results()[0]["success"] is False


def test_numbers_and_characters_that_no_database_holds_are_published_as_text(
    hal_broker, provider, verify_from_broker
):
    response = {"status": 200, "body": {"id": 1, "half": "x"}}
    hal_broker.offers(a_pact(an_interaction(providerStates=[], response=response)))
    provider.on("GET", "/orders/1", b'{"id": 18446744073709551616, "half": "\\ud83d"}')

    verify_from_broker(*PUBLISH)

    ((result,),) = [published["testResults"] for published in hal_broker.results()]
    actual = {mismatch["identifier"]: mismatch["actual"] for mismatch in result["mismatches"]}
    assert actual == {"$.id": "18446744073709551616", "$.half": "?"}


def test_what_could_not_be_checked_is_not_published(hal_broker, verify_from_broker):
    reply = {"type": "Synchronous/Messages", "description": "a reply", "request": {}, "response": []}
    hal_broker.offers(a_pact(reply, metadata={"pactSpecification": {"version": "4.0"}}))

    ended = verify_from_broker(*PUBLISH)

    assert ended.exit_code == 2
    assert "was not published: not all of it could be checked" in ended.stdout
    assert hal_broker.results() == []


def test_a_provider_that_is_not_there_publishes_nothing(hal_broker, tally_verify, unused_address):
    hal_broker.offers(a_pact())

    ended = tally_verify(
        *("-b", hal_broker.url, "--provider", "Orders", "--provider-url", unused_address, *PUBLISH)
    )

    assert ended.exit_code == 2
    assert hal_broker.results() == []


def test_a_document_that_is_no_pact_is_named_by_its_url(hal_broker, verify_from_broker):
    href = hal_broker.offers({"name": "not a pact"})

    ended = verify_from_broker()

    assert ended.exit_code == 2
    assert f"The pact at {href} cannot be used: " in ended.stderr


def test_the_result_of_a_pact_given_by_its_url_is_published(hal_broker, keeping, tally_verify):
    href = hal_broker.offers(a_pact())

    ended = tally_verify(href, "-b", hal_broker.url, "--provider-url", keeping.url, *PUBLISH)

    assert ended.exit_code == 0, ended
    assert hal_broker.results()[0]["success"] is True


def test_credentials_of_the_broker_are_not_sent_to_other_hosts(hal_broker, keeping, tally_verify):
    keeping.on("GET", "/pact.json", a_pact())

    ended = tally_verify(
        *(f"{keeping.url}/pact.json", "-b", hal_broker.url, "-t", "secret-1", "--provider-url", keeping.url)
    )

    assert ended.exit_code == 0, ended
    assert all("Authorization" not in asked.headers for asked in keeping.asked)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--publish",), "--publish needs --provider-version"),
        ((*PUBLISH, "--filter-state", "x"), "--publish would report a part of a contract as the whole"),
    ],
)
def test_publishing_needs_a_version_and_a_whole_contract(verify_from_broker, options, said):
    ended = verify_from_broker(*options)

    assert ended.exit_code == 2
    assert said in ended.stderr


def test_a_broker_needs_the_name_of_the_provider(hal_broker, provider, tally_verify):
    ended = tally_verify("-b", hal_broker.url, "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "--provider NAME is needed" in ended.stderr


def test_the_result_of_a_file_cannot_be_published(hal_broker, provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "-b", hal_broker.url, "--provider-url", provider.url, *PUBLISH)

    assert ended.exit_code == 2
    assert "pact.json cannot be published: it did not come from the broker" in ended.stderr
    assert provider.asked == []


def test_the_environment_says_which_broker_and_version(hal_broker, keeping, tally_verify, monkeypatch):
    hal_broker.offers(a_pact())
    for name, value in {
        "PACT_BROKER_BASE_URL": hal_broker.url,
        "PACT_BROKER_TOKEN": "t-1",
        "PACT_PROVIDER_NAME": "Orders",
        "PACT_PROVIDER_VERSION": "9f8e7d",
        "PACT_PROVIDER_BRANCH": "feat/x",
    }.items():
        monkeypatch.setenv(name, value)

    ended = tally_verify("--provider-url", keeping.url, "--publish")

    assert ended.exit_code == 0, ended
    assert hal_broker.results()[0]["providerApplicationVersion"] == "9f8e7d"
    assert hal_broker.server.asked_for("PUT", "/b/branch/feat%2Fx/of/9f8e7d")
    assert hal_broker.server.asked[0].headers["Authorization"] == "Bearer t-1"


@pytest.mark.usefixtures("keeping")
def test_a_pact_of_the_broker_that_cannot_be_had_does_not_keep_the_others_from_being_published(
    hal_broker, verify_from_broker
):
    texts = (b'{"consumer": ', b'{"interactions": []}', b"<html>")
    for number, text in enumerate(texts, 1):
        hal_broker.offers(a_pact())
        hal_broker.server.on("GET", f"/b/pact/{number}", text)
    hal_broker.offers(a_pact(interactions=[], consumer="Empty"))
    gone = hal_broker.offers(a_pact())
    hal_broker.server.on("GET", "/b/pact/5", status=500)
    hal_broker.offers(a_pact())

    ended = verify_from_broker(*PUBLISH, "--output", "json")

    assert ended.exit_code == 2
    assert [len(hal_broker.results(number)) for number in range(1, 7)] == [0, 0, 0, 0, 0, 1]
    assert len(ended.json["problems"]) == 5
    assert any(gone in problem and "500" in problem for problem in ended.json["problems"])
    assert any("Pact between Empty and Orders is empty" in problem for problem in ended.json["problems"])


def test_integers_of_a_pact_at_a_broker_keep_their_digits(hal_broker, provider, verify_from_broker):
    provider.on("GET", "/orders/1", b'{"id": 123456789012345678901234567890}')
    answer = {"status": 200, "body": {"id": 123456789012345678901234567891}}
    hal_broker.offers(a_pact(an_interaction(response=answer)))

    ended = verify_from_broker()

    assert ended.exit_code == 1
    assert "Expected 123456789012345678901234567891" in ended.stdout
