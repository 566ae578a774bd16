"""Provider states by URL: set up before, torn down after, their values put into the request."""

from support.factories import a_pact, an_interaction

PAID = {"id": 1, "status": "paid"}
TWO_STATES = [
    {"name": "a customer", "params": {"name": "Ada"}},
    {"name": "an order exists", "params": {"id": 1}},
]


def test_states_are_set_up_in_order_before_the_request(provider, tally_verify, pact_file):
    provider.on("POST", "/_states")
    provider.on("GET", "/orders/1", PAID)
    pact = a_pact(an_interaction(providerStates=TWO_STATES))

    ended = tally_verify(
        pact_file(pact), "--provider-url", provider.url, "--state-change-url", f"{provider.url}/_states"
    )

    assert ended.exit_code == 0, ended
    assert [asked.path for asked in provider.asked] == ["/_states", "/_states", "/orders/1"]
    assert [asked.json for asked in provider.asked[:2]] == [
        {"action": "setup", "state": "a customer", "params": {"name": "Ada"}},
        {"action": "setup", "state": "an order exists", "params": {"id": 1}},
    ]


def test_states_are_torn_down_in_reverse_after_a_request_that_failed_too(provider, tally_verify, pact_file):
    provider.on("POST", "/_states")
    pact = a_pact(an_interaction(providerStates=TWO_STATES))
    states = ("--state-url", f"{provider.url}/_states", "--state-change-teardown")

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url, *states)

    assert ended.exit_code == 1
    done = [(asked.json["action"], asked.json["state"]) for asked in provider.asked_for("POST", "/_states")]
    assert done == [
        ("setup", "a customer"),
        ("setup", "an order exists"),
        ("teardown", "an order exists"),
        ("teardown", "a customer"),
    ]


def test_a_state_that_cannot_be_set_up_leaves_its_interaction_alone_unchecked(
    provider, tally_verify, pact_file
):
    provider.on("POST", "/_states", b"no such table: orders", status=500)
    provider.on("GET", "/health", b"", status=204)
    health = {
        "description": "health",
        "request": {"method": "GET", "path": "/health"},
        "response": {"status": 204},
    }

    ended = tally_verify(
        pact_file(a_pact(an_interaction(), health)),
        "--provider-url",
        provider.url,
        "--state-change-url",
        f"{provider.url}/_states",
    )

    assert ended.exit_code == 2
    assert "1 passed, 0 failed, 1 not-checked" in ended.stdout
    assert "responded with 500 to the setup of the state 'an order exists'" in ended.stdout
    assert "no such table: orders" in ended.stdout
    assert provider.asked_for("GET", "/orders/1") == []


def test_a_state_change_url_that_is_not_there_means_that_nothing_was_checked(
    provider, tally_verify, pact_file, unused_address
):
    ended = tally_verify(
        pact_file(a_pact()), "--provider-url", provider.url, "--state-change-url", f"{unused_address}/_states"
    )

    assert ended.exit_code == 2
    assert f"{unused_address}/_states could not be reached" in ended.stderr
    assert provider.asked == []


def test_without_a_state_change_url_the_run_says_that_states_were_not_set_up(
    provider, tally_verify, pact_file
):
    provider.on("GET", "/orders/1", PAID)

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 0
    assert "1 interaction needs provider states, but nothing sets them up" in ended.stdout


def test_values_that_a_state_hands_back_are_put_into_the_request(provider, tally_verify, pact_file):
    provider.on("POST", "/_states", {"orderId": 77, "token": "t-1"})
    provider.on("POST", "/orders/77/items?order=77", b"", status=204)
    from_state = {"type": "ProviderState"}
    request = {
        "method": "POST",
        "path": "/orders/1/items",
        "query": {"order": ["1"]},
        "headers": {"X-Token": "example", "Content-Type": "application/json"},
        "body": {"order": {"id": 1}, "tags": ["a"]},
        "generators": {
            "path": {**from_state, "expression": "/orders/${orderId}/items"},
            "query": {"order": {**from_state, "expression": "${orderId}"}},
            "header": {"X-Token": {**from_state, "expression": "${token}"}},
            "body": {"$.order.id": {**from_state, "expression": "${orderId}"}},
        },
    }
    pact = a_pact(an_interaction(request=request, response={"status": 204}))

    ended = tally_verify(
        pact_file(pact), "--provider-url", provider.url, "--state-change-url", f"{provider.url}/_states"
    )

    assert ended.exit_code == 0, ended
    asked = provider.asked[-1]
    assert asked.headers["X-Token"] == "t-1"
    assert asked.json == {"order": {"id": 77}, "tags": ["a"]}


def test_a_state_change_without_an_answer_leaves_its_interaction_unchecked(provider, tally_verify, pact_file):
    for answer, said in (
        (lambda _: provider.late(1.5), "did not respond within 0.5 s"),
        (lambda _: provider.hang_up(), "closed the connection without a response"),
    ):
        provider.on("POST", "/_states", answer)

        ended = tally_verify(
            pact_file(a_pact()),
            "--provider-url",
            provider.url,
            "--state-change-url",
            f"{provider.url}/_states",
            "--timeout",
            "0.5",
        )

        assert ended.exit_code == 2, ended
        assert "[provider-state]" in ended.stdout
        assert "The setup of the state 'an order exists' got no response (--state-change-url)" in ended.stdout
        assert said in ended.stdout
        assert provider.asked_for("GET", "/orders/1") == []


def test_a_teardown_without_an_answer_does_not_hide_why_the_request_had_none(
    provider, tally_verify, pact_file
):
    def states(asked):
        return provider.answer({}) if asked.json["action"] == "setup" else provider.hang_up()

    provider.on("POST", "/_states", states)
    provider.on("GET", "/orders/1", lambda _: provider.hang_up())
    states_of = ("--state-change-url", f"{provider.url}/_states", "--state-change-teardown")

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, *states_of)

    assert ended.exit_code == 1
    assert "[no-answer]" in ended.stdout


def test_without_states_the_url_is_asked_for_a_state_without_a_name(provider, tally_verify, pact_file):
    provider.on("POST", "/_states")
    provider.on("GET", "/orders/1", PAID)
    states = ("--state-change-url", f"{provider.url}/_states", "--state-change-teardown")

    ended = tally_verify(
        pact_file(a_pact(an_interaction(providerStates=[]))), "--provider-url", provider.url, *states
    )

    assert ended.exit_code == 0, ended
    assert [(asked.method, asked.json if asked.body else None) for asked in provider.asked] == [
        ("POST", {"action": "setup", "state": "", "params": {}}),
        ("GET", None),
        ("POST", {"action": "teardown", "state": "", "params": {}}),
    ]


def test_a_provider_that_knows_no_state_without_a_name_is_verified_all_the_same(
    provider, tally_verify, pact_file
):
    provider.on("GET", "/orders/1", PAID)
    states = ("--state-change-url", f"{provider.url}/no-such-url")

    ended = tally_verify(
        pact_file(a_pact(an_interaction(providerStates=[]))), "--provider-url", provider.url, *states
    )

    assert ended.exit_code == 0, ended
