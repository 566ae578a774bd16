"""Verification from Python: `Verifier`, with functions for states and messages."""

import asyncio
import json
import subprocess
import sys

import flask
import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction

from tally.errors import UsageError
from verifier import Verifier, explanation
from verifier.reporting.text_report import TextReporter
from verifier.results.result import FailureKind, Received


@pytest.fixture
def orders():
    """The orders of a provider in this process."""
    return {}


@pytest.fixture
def shop(orders):
    """That provider's application."""
    app = flask.Flask("shop")

    @app.get("/orders/<int:number>")
    def order(number):
        return orders.get(number) or flask.abort(404)

    return app


def test_a_state_is_brought_about_by_a_function_with_the_parameters_of_the_state(shop, orders, pact_file):
    def order_exists(id):  # noqa: A002 - the parameter's name in the contract
        orders[id] = {"id": id, "status": "paid"}

    report = (
        Verifier(provider=shop).add_pact(pact_file(a_pact())).state("an order exists", order_exists).run()
    )

    assert report.passed, explanation(report)


def test_answers_are_kept_where_a_pact_is_broken_or_a_report_shows_them(shop, orders, pact_file):
    orders[1] = {"id": 1, "status": "paid"}
    broken = an_interaction("a request for order 2", providerStates=[])
    broken["response"] = {"status": 201}
    verifier = Verifier(provider=shop).add_pact(pact_file(a_pact(an_interaction(providerStates=[]), broken)))

    shown = verifier.run().contracts[0].results
    in_short = verifier.run(TextReporter()).contracts[0].results

    assert [b"paid" in result.received.body for result in shown] == [True, True]
    assert in_short[0].received == Received(200)
    assert in_short[1].received == shown[1].received


def test_a_state_is_torn_down_by_a_function_after_the_interaction(shop, orders, pact_file):
    def order_exists(**params):
        orders[params["id"]] = {"id": params["id"], "status": "paid"}

    verifier = Verifier(provider=shop).add_pact(pact_file(a_pact()))
    report = verifier.state("an order exists", order_exists, teardown=lambda **_: orders.clear()).run()

    assert report.passed, explanation(report)
    assert orders == {}


def test_a_state_without_a_function_to_tear_it_down_needs_none(shop, orders, pact_file):
    torn_down = []
    states = [{"name": "an order exists", "params": {"id": 1}}, {"name": "nothing else"}]
    pact = a_pact(an_interaction(providerStates=states))
    verifier = Verifier(provider=shop).add_pact(pact_file(pact))
    verifier.state("an order exists", lambda id: orders.update({id: {"id": id, "status": "paid"}}))  # noqa: A006 - the parameter's name in the contract

    report = verifier.state("nothing else", dict, teardown=lambda: torn_down.append(True)).run()

    assert report.passed, explanation(report)
    assert torn_down == [True]


def test_values_that_a_function_hands_back_are_put_into_the_request(shop, orders, pact_file):
    orders[77] = {"id": 1, "status": "paid"}
    generators = {"path": {"type": "ProviderState", "expression": "/orders/${order}"}}
    request = {"method": "GET", "path": "/orders/1", "generators": generators}
    pact = a_pact(an_interaction(request=request))

    report = (
        Verifier(provider=shop)
        .add_pact(pact_file(pact))
        .state("an order exists", lambda **_: {"order": 77})
        .run()
    )

    assert report.passed, explanation(report)


def test_a_broken_contract_is_in_the_report_and_its_explanation(shop, orders, pact_file):
    orders[1] = {"id": 1, "status": "lost"}

    report = Verifier(provider=shop).add_pact(pact_file(a_pact())).run()

    assert not report.passed
    assert report.exit_code == 1
    assert 'body $.status: Expected "paid"' in explanation(report)
    assert "GET http://localhost/orders/1" in explanation(report)


@pytest.mark.parametrize("arguments", [(), ("only",)])
def test_a_function_that_raises_fails_its_interaction(shop, pact_file, arguments):
    def setup():
        raise ValueError("no database")

    pact = a_pact(an_interaction(providerStates=[{"name": "s", "params": dict.fromkeys(arguments, 1)}]))
    report = Verifier(provider=shop).add_pact(pact_file(pact)).state("s", setup).run()

    result = report.contracts[0].results[0]
    assert result.failure is FailureKind.PROVIDER_STATE
    assert ("TypeError" if arguments else "ValueError: no database") in result.problem


def test_a_state_without_a_function_is_named_before_anything_is_asked(shop, pact_file):
    verifier = Verifier(provider=shop).add_pact(pact_file(a_pact())).state("another", dict)

    with pytest.raises(UsageError, match="No function sets up the state 'an order exists'"):
        verifier.run()


def test_an_address_is_asked_over_http(keeping, pact_file):
    report = Verifier(provider=keeping.url).add_pact(pact_file(a_pact())).run()

    assert report.passed, explanation(report)


def test_a_pact_for_another_provider_is_refused(keeping, pact_file):
    with pytest.raises(UsageError, match="not for 'Billing'"):
        Verifier(provider=keeping.url, name="Billing").add_pact(pact_file(a_pact())).run()


@pytest.mark.parametrize("provider", ["localhost:8080", "x", "ftp://a", ""])
def test_a_provider_that_is_no_address_is_refused(provider):
    with pytest.raises(UsageError, match="is not an address: write it as http://localhost:8080"):
        Verifier(provider=provider)


def test_a_setting_that_resembles_another_is_named_with_it(keeping, pact_file):
    verifier = Verifier(provider=keeping.url, timout=3).add_pact(pact_file(a_pact()))

    with pytest.raises(UsageError, match=r"no setting 'timout'.* Did you mean 'timeout'"):
        verifier.run()


def test_a_setting_that_is_not_known_is_named(keeping, pact_file):
    with pytest.raises(UsageError, match="colour"):
        Verifier(provider=keeping.url, colour="red").add_pact(pact_file(a_pact())).run()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"timeout": "5"}, "timeout is '5': give a number of seconds above 0"),
        ({"timeout": 0}, "timeout is 0"),
        ({"timeout": True}, "timeout is True"),
        ({"total_timeout": -1}, "total_timeout is -1"),
        ({"repeat": 0}, "repeat is 0: give a number from 1 on"),
        ({"headers": {"X": 1}}, "headers is {'X': 1}: give pairs"),
        ({"headers": "X: y"}, "headers is 'X: y'"),
        ({"headers": 1}, "headers is 1"),
        ({"state_change_url": "localhost/states"}, "state_change_url 'localhost/states' is not an address"),
        ({"pace": 4}, "pace is 4: give a verifier.replay.concurrency.Pace"),
        ({"filters": "x"}, "filters is 'x'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_in_a_sentence(shop, pact_file, settings, said):
    with pytest.raises(UsageError) as refused:
        Verifier(provider=shop, **settings).add_pact(pact_file(a_pact())).run()

    assert said in str(refused.value)


def test_what_is_no_provider_no_pact_and_no_function_is_refused_at_once(shop):
    with pytest.raises(UsageError, match="The provider is None"):
        Verifier(provider=None)
    with pytest.raises(UsageError, match="is no file, folder or URL"):
        Verifier(provider=shop).add_pact({"interactions": []})
    with pytest.raises(UsageError, match="The state 'paid' needs a function, not None"):
        Verifier(provider=shop).state("paid", None)
    with pytest.raises(UsageError, match="The message 'an order' needs a function"):
        Verifier(provider=shop).message("an order", {"id": 1})


@pytest.mark.parametrize("headers", [{"X-Tenant": "acme"}, [["X-Tenant", "acme"]], (("X-Tenant", "acme"),)])
def test_headers_are_pairs_or_a_mapping(keeping, pact_file, headers):
    Verifier(provider=keeping.url, headers=headers, state_change_url=None).add_pact(pact_file(a_pact())).run()

    assert keeping.asked[-1].headers["X-Tenant"] == "acme"


def test_messages_without_a_source_name_the_ways_to_give_one(shop, pact_file):
    verifier = Verifier(provider=shop).add_pact(pact_file(a_message_pact()))

    with pytest.raises(UsageError) as refused:
        verifier.run()

    assert "add a function with .message(description, function), or give message_url" in str(refused.value)
    assert "--" not in str(refused.value)


def test_a_report_in_an_assertion_is_short(shop, pact_file):
    report = Verifier(provider=shop).add_pact(pact_file(a_pact()), pact_file("{", "broken.json")).run()

    assert repr(report).startswith("<Report: 0 passed, 1 failed, 0 flaky, 0 pending, 0 not-checked; ")
    assert "broken.json: is not valid JSON" in repr(report)


def test_each_request_goes_through_the_filter(keeping, pact_file):
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(a_pact()))

    verifier.filter_requests(lambda request: request.with_header("X-Token", "t-1")).run()

    assert keeping.asked[0].headers["X-Token"] == "t-1"


def test_pacts_of_a_broker_are_verified_and_the_broker_is_told(hal_broker, keeping):
    hal_broker.offers(a_pact())

    report = (
        Verifier(provider=keeping.url, name="Orders")
        .from_broker(hal_broker.url, selectors=[{"mainBranch": True}], enable_pending=True)
        .publish("9f8e7d")
        .run()
    )

    assert report.passed, explanation(report)
    assert hal_broker.asked_for_pacts[0]["consumerVersionSelectors"] == [{"mainBranch": True}]
    assert hal_broker.results()[0]["providerApplicationVersion"] == "9f8e7d"


PAID = {"id": 1, "status": "paid"}


@pytest.mark.parametrize(
    "made",
    [
        PAID,
        (PAID, {"topic": "orders"}),
        '{"id": 1, "status": "paid"}',
        b'{"id": 1, "status": "paid"}',
    ],
    ids=["JSON", "with metadata", "text", "bytes"],
)
def test_a_message_is_made_by_a_function(keeping, pact_file, made):
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(a_message_pact()))
    content_type = {"contentType": "application/json"}
    handed_over = (made, content_type) if isinstance(made, str | bytes) else made

    report = verifier.message("an order was paid", lambda: handed_over).run()

    assert report.passed, explanation(report)


def test_metadata_that_a_function_makes_is_compared(keeping, pact_file):
    pact = a_message_pact(a_message(metaData={"contentType": "application/json", "topic": "orders"}))
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(pact))

    report = verifier.message("an order was paid", lambda: (PAID, {"topic": "invoices"})).run()

    assert "metadata topic" in explanation(report)


def raising():
    raise ValueError("no order")


@pytest.mark.parametrize(
    ("function", "problem"),
    [(raising, "raised ValueError: no order"), (object, "is not JSON")],
)
def test_a_function_that_makes_no_message_fails_it(keeping, pact_file, function, problem):
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(a_message_pact()))

    report = verifier.message("an order was paid", function).run()

    assert report.exit_code == 1
    assert problem in explanation(report)


def test_a_message_without_a_function_is_named_before_anything_is_asked(keeping, pact_file):
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(a_message_pact()))

    with pytest.raises(UsageError, match="No function returns the message 'an order was paid'"):
        verifier.message("another", dict).run()


def a_reply_pact(*responses):
    interaction = {
        "type": "Synchronous/Messages",
        "description": "the price of an order",
        "request": {"contents": {"content": {"order": 1}, "contentType": "application/json"}},
        "response": [
            {"contents": {"content": content, "contentType": "application/json"}} for content in responses
        ],
    }
    return a_pact(interaction, metadata={"pactSpecification": {"version": "4.0"}})


def test_a_function_replies_to_the_content_of_a_synchronous_message(keeping, pact_file):
    verifier = Verifier(provider=keeping.url).add_pact(pact_file(a_reply_pact({"order": 1, "price": 4})))

    report = verifier.message("the price of an order", lambda asked: {**asked, "price": 4}).run()

    assert report.passed, explanation(report)


def test_a_url_is_told_the_message_to_reply_to(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", {"order": 1, "price": 5})

    ended = tally_verify(
        pact_file(a_reply_pact({"order": 1, "price": 4})),
        "--provider-url",
        provider.url,
        "--message-url",
        "/_messages",
    )

    assert ended.exit_code == 1
    assert "body $.price" in ended.stdout
    assert provider.asked[0].json["request"] == {"contents": {"order": 1}, "metadata": {}}


def test_a_function_returns_a_list_when_the_contract_wants_several_replies(keeping, pact_file):
    file = pact_file(a_reply_pact({"price": 4}, {"price": 5}))
    verifier = Verifier(provider=keeping.url).add_pact(file)

    kept = verifier.message("the price of an order", lambda _: [{"price": 4}, ({"price": 5}, {})]).run()
    single = verifier.message("the price of an order", lambda _: {"price": 4}).run()

    assert kept.passed, explanation(kept)
    assert "return a list of them, not dict" in explanation(single)


def test_importing_the_package_loads_nothing_but_it():
    code = "import verifier, sys; print([name for name in sys.modules if name.startswith('verifier.')])"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"


class AsyncShop:
    """An ASGI application whose database lives in its event loop, from its start on."""

    def __init__(self):
        self.orders = None
        self.loop = None

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            self.orders, self.loop = {}, asyncio.get_running_loop()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        order = self.orders.get(1)
        status, body = (200, json.dumps(order).encode()) if order else (404, b"")
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def test_an_asynchronous_state_function_runs_in_the_loop_of_the_application_that_has_started(pact_file):
    shop = AsyncShop()

    async def order_exists(id):  # noqa: A002 - the parameter's name in the contract
        assert asyncio.get_running_loop() is shop.loop
        shop.orders[id] = {"id": id, "status": "paid"}

    report = Verifier(shop).add_pact(pact_file(a_pact())).state("an order exists", order_exists).run()

    assert report.passed, explanation(report)


def test_a_state_function_runs_when_the_application_has_started(pact_file):
    shop = AsyncShop()

    def order_exists(id):  # noqa: A002 - the parameter's name in the contract
        shop.orders[id] = {"id": id, "status": "paid"}

    report = Verifier(shop).add_pact(pact_file(a_pact())).state("an order exists", order_exists).run()

    assert report.passed, explanation(report)


def test_asynchronous_functions_are_awaited_without_such_an_application_too(keeping, pact_file):
    called = []

    async def order_exists(id):  # noqa: A002 - the parameter's name in the contract
        await asyncio.sleep(0)
        called.append(id)

    async def paid():
        await asyncio.sleep(0)
        return {"id": 1, "status": "paid"}

    pact = a_pact(messages=[a_message()])
    verifier = Verifier(keeping.url).add_pact(pact_file(pact)).state("an order exists", order_exists)
    report = verifier.message("an order was paid", paid).run()

    assert report.passed, explanation(report)
    assert called == [1]


def test_a_state_function_that_returns_no_values_says_so(shop, pact_file):
    report = Verifier(shop).add_pact(pact_file(a_pact())).state("an order exists", lambda id: [id]).run()  # noqa: A006 - the parameter's name in the contract

    (result,) = report.contracts[0].results
    assert result.failure is FailureKind.PROVIDER_STATE
    assert "returned list: return the values for the request by their names, or nothing" in result.problem
