"""A broker gives back the digits that it got, wherever a pact has numbers (decision 22)."""

import base64
import json

import pytest
from sqlalchemy import update
from support.receivers import receiving, wait_until
from support.webhook_worker import working

from broker.storage.tables import pact_versions

LONG = "9" * 10_000
NUMBERS = (
    '{"time":1563454500.123456789,"price":2.300,"rate":1.10,"huge":1E400,"tiny":1e-400,"zero":-0.0,"none":-0,'
    f'"power":1e5,"Power":1.0E+5,"big":1845563262948980200123456789,"long":{LONG},"negative":-{LONG},'
    '"exact":0.1000000000000000055511151231257827}'
)
PACT = "/pacts/provider/Orders/consumer/Shop"


def a_pact(numbers=NUMBERS, description="numbers"):
    """Return the text of a pact with the numbers in every place that may have some."""
    rules = '"matchingRules":{"body":{"$.price":{"matchers":[{"match":"type","min":1.0,"max":2.500}]}}}'
    generators = '"generators":{"body":{"$.price":{"type":"RandomDecimal","digits":1.0e1}}}'
    request = (
        f'{{"method":"POST","path":"/","query":{{"a":["1.10"]}},"headers":{{"X":1.10}},"body":{numbers}}}'
    )
    return (
        '{"consumer":{"name":"Shop"},"provider":{"name":"Orders"},"interactions":[{'
        f'"description":"{description}","providerStates":[{{"name":"some","params":{numbers}}}],"request":{request},'
        f'"response":{{"status":200,"body":{numbers},{rules},{generators}}}}}],"metadata":{{"pactSpecification":'
        f'{{"version":"3.0.0"}},"tool":{numbers}}}}}'
    )


def put(broker, text, version="1", **options):
    method = broker.patch if options.pop("merging", False) else broker.put
    answer = method(f"{PACT}/version/{version}", data=text.encode(), content_type="application/json")
    assert answer.status_code in {200, 201}, answer.text
    return answer


def publish(broker, text, version="1", **changes):
    content = base64.b64encode(text.encode()).decode()
    contract = {
        "consumerName": "Shop",
        "providerName": "Orders",
        "specification": "pact",
        "contentType": "application/json",
        "content": content,
    }
    return broker.post(
        "/contracts/publish",
        json={
            "pacticipantName": "Shop",
            "pacticipantVersionNumber": version,
            "branch": "main",
            "tags": ["dev"],
            "contracts": [{**contract, **changes}],
        },
    )


def after_the_id(text):
    """Return the text of the pact from behind the id that a broker puts in."""
    return text[text.index('"description"') : -1].encode()


def test_each_address_of_a_pact_gives_its_digits_back(broker):
    text = a_pact()
    assert publish(broker, text).status_code == 200
    links = broker.get(f"{PACT}/latest").json["_links"]
    selected = broker.post("/pacts/provider/Orders/for-verification", json={}).json
    with_metadata = selected["_embedded"]["pacts"][0]["_links"]["self"]["href"]

    addresses = [
        f"{PACT}/version/1",
        f"{PACT}/latest",
        f"{PACT}/latest/dev",
        f"{PACT}/branch/main/latest",
        links["pb:pact-version"]["href"],
        with_metadata,
    ]

    assert {after_the_id(text) in broker.get(address).data for address in addresses} == {True}
    assert after_the_id(text) in put(broker, text).data


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_contents_that_differ_in_digits_alone_are_the_same_and_shown_as_published_last(broker):
    put(broker, a_pact('{"price":2.3,"time":1563454500.1234567}'))
    first = broker.get(f"{PACT}/version/1").json["_links"]["pb:pact-version"]["name"]

    written = '{"price":2.300,"time":1563454500.123456789}'
    assert f'"body":{written}' in put(broker, a_pact(written)).text  # the same version
    assert f'"body":{written}' in put(broker, a_pact(written), "2").text
    again = '{"price":2.3,"time":1563454500.1234567}'
    assert f'"body":{again}' in put(broker, a_pact(again), "3").text
    assert broker.get(f"{PACT}/version/2").json["_links"]["pb:pact-version"]["name"] == first
    assert "same content" in publish(broker, a_pact(written), "3").text
    assert f'"body":{written}' in broker.get(f"{PACT}/version/3").text


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_an_earlier_release_stored_gets_its_digits_when_it_is_published_again(database, broker, version):
    written = a_pact('{"price":2.300}')
    put(broker, written)
    with database.transaction() as storage:
        row = update(pact_versions).values(content=b'{"interactions":[{"price":2.3}]}', digits=None)
        storage.pacts._connection.execute(row)  # noqa: SLF001 - there is no such release to publish with
    assert "2.300" not in broker.get(f"{PACT}/version/1").text

    put(broker, written, version)

    assert '"body":{"price":2.300}' in broker.get(f"{PACT}/version/1").text


@pytest.mark.parametrize("merge", ["PATCH", "contracts/publish"])
def test_merging_alters_no_digits(broker, merge):
    mine, other = '{"a":2.300}', '{"b":1.10,"c":1E400}'
    put(broker, a_pact(mine))

    if merge == "PATCH":
        put(broker, a_pact(other, "another"), merging=True)
    else:
        assert publish(broker, a_pact(other, "another"), onConflict="merge").status_code == 200

    shown = broker.get(f"{PACT}/version/1").text
    assert f'"body":{mine}' in shown
    assert f'"body":{other}' in shown


def test_a_difference_shows_the_digits(broker):
    put(broker, a_pact('{"a":2.300,"b":1}'))
    put(broker, a_pact('{"a":2.300,"b":1.500}'), "2")

    found = broker.get(f"{PACT}/version/2/diff/previous-distinct").text

    assert '"a": 2.300' in found
    assert '+          "b": 1.500' in found


def test_the_page_shows_the_digits(broker):
    put(broker, a_pact())

    page = broker.get(f"{PACT}/version/1", headers={"Accept": "text/html"})

    assert page.status_code == 200
    for number in (
        "1563454500.123456789",
        "2.300",
        "1E400",
        "1e-400",
        "-0.0",
        "1.0E+5",
        LONG[:9000],
        "2.500",
    ):
        assert number in page.text


def test_the_states_keep_the_digits_of_their_parameters(broker):
    publish(broker, a_pact())

    found = broker.get("/pacts/provider/Orders/provider-states")

    assert f'"params":{NUMBERS}'.encode() in found.data


def test_results_keep_the_digits_of_what_a_verifier_tells(broker):
    put(broker, a_pact())
    links = broker.get(f"{PACT}/version/1").json["_links"]
    result = f'{{"success":false,"providerApplicationVersion":"1","testResults":{{"tests":[{NUMBERS}]}}}}'

    sent = broker.post(
        links["pb:publish-verification-results"]["href"], data=result, content_type="application/json"
    )

    assert sent.status_code == 201, sent.text
    assert NUMBERS.encode() in broker.get(sent.json["_links"]["self"]["href"]).data
    page = broker.get(f"{PACT}/version/1", headers={"Accept": "text/html"})
    assert page.status_code == 200


def test_a_webhook_keeps_the_digits_of_its_body(database):
    body = f'{{"price":1.10,"numbers":{NUMBERS}}}'
    with receiving() as receiver, working(database) as broker:
        request = f'{{"method":"POST","url":"{receiver.url}","body":{body}}}'
        text = f'{{"events":[{{"name":"contract_published"}}],"request":{request}}}'

        created = broker.post("/webhooks", data=text, content_type="application/json")

        assert created.status_code == 201, created.text
        shown = broker.get(created.json["_links"]["self"]["href"])
        assert f'"body":{body}'.encode() in shown.data
        put(broker, a_pact())
        wait_until(lambda: receiver.received)
        tried = broker.post(created.json["_links"]["pb:execute"]["href"])
        assert f'"body":{body}'.encode() in tried.data
    assert [request.body for request in receiver.received] == [body.encode()] * 2


def test_a_service_contract_keeps_its_digits(broker):
    schema = '{"type":"number","multipleOf":0.10,"maximum":1e5,"example":2.300}'
    content = (
        '{"openapi":"3.0.3","info":{"title":"Orders","version":"1"},"paths":{"/a":{"get":{"responses":{"200":'
        f'{{"description":"ok","content":{{"application/json":{{"schema":{schema}}}}}}}}}}}}}}}}}'
    )
    text = f'{{"pacticipantName":"Orders","pacticipantVersionNumber":"1","content":{content}}}'
    address = broker.get("/").json["_links"]["tally:publish-service-contract"]["href"]

    published = broker.post(address, data=text, content_type="application/json")

    assert published.status_code in {200, 201}, published.text
    shown = broker.get(published.json["_links"]["tally:service-contract"]["href"])
    assert f'"schema":{schema}'.encode() in shown.data


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (
            '{"a":{"b":1,"c":[{"d":1,"d":2}]}}',
            'the key \\"d\\" occurs twice in /interactions/0/request/body/a/c/0',
        ),
        ('{"a":NaN}', "NaN is not a JSON number in /interactions/0/"),
        ('{"a":[1,-Infinity]}', "-Infinity is not a JSON number in /interactions/0/"),
    ],
)
def test_what_programs_read_differently_is_refused_with_the_place(broker, inside, says):
    text = a_pact().replace(f'"body":{NUMBERS}}},"response"', f'"body":{inside}}},"response"')

    alone = broker.put(f"{PACT}/version/1", data=text.encode(), content_type="application/json")
    together = publish(broker, text)

    assert (alone.status_code, together.status_code) == (400, 400)
    assert says in alone.text
    assert says.replace('\\"', '"') in json.dumps(together.json).replace('\\"', '"')
