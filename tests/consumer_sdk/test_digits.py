"""A recorded pact has the numbers as the test writes them; those of other tests stay as they are."""

import json
from decimal import Decimal

import pytest
import requests

from consumer_sdk import DeclarationError, Recorder, match
from consumer_sdk.pact_files import Recording
from tally.errors import UsageError

NUMBERS = {
    "price": Decimal("2.300"),
    "rate": match.decimal(Decimal("1.10")),
    "large": 10**30,
    "list": match.each_like({"id": match.integer(2**70)}, minimum=2),
    "float": 1563454500.1234567,
    "power": 1e22,
    "zero": -0.0,
    "whole": 7,
}
WRITTEN = (
    f'{{"price":2.300,"rate":1.10,"large":{10**30},"list":[{{"id":{2**70}}},{{"id":{2**70}}}],'
    '"float":1563454500.1234567,"power":1e+22,"zero":-0.0,"whole":7}'
)


def without_spaces(text):
    return "".join(text.split())


def sorted_text(text):
    """Return the numbers of a JSON object as they are written, in the order of its keys."""
    return json.dumps(json.loads(text, parse_float=str, parse_int=str), sort_keys=True)


@pytest.fixture
def written(recordings, tmp_path):
    def read():
        recordings.write(tmp_path / "pacts")
        return (tmp_path / "pacts" / "Shop-Orders.json").read_text(encoding="utf-8")

    return read


@pytest.mark.parametrize("specification", ["V3", "V4"])
def test_requests_responses_and_states_keep_their_digits(answered, recordings, written, specification):
    orders = Recorder("Shop", "Orders", recordings, specification=specification)
    (
        orders.upon_receiving("numbers")
        .given("some", total=Decimal("1.50"), many=10**30)
        .with_request("POST", "/", body='{"a": 2.300}', headers={"Content-Type": "application/json"})
        .will_respond_with(200, body=NUMBERS)
    )

    with answered(orders) as url:
        requests.post(url, data='{"a": 2.3}', headers={"Content-Type": "application/json"}, timeout=5)

    document = json.loads(written(), parse_float=str, parse_int=str)
    (interaction,) = document["interactions"]
    body, sent = interaction["response"]["body"], interaction["request"]["body"]
    if specification == "V4":
        body, sent = body["content"], sent["content"]
    assert json.dumps(body, sort_keys=True) == sorted_text(WRITTEN)
    assert sent == {"a": "2.300"}
    assert interaction["providerStates"][0]["params"] == {"total": "1.50", "many": str(10**30)}


@pytest.mark.parametrize("specification", ["V3", "V4"])
def test_messages_keep_their_digits_and_so_does_what_the_handler_gets(recordings, written, specification):
    orders = Recorder("Shop", "Orders", recordings, specification=specification)
    message = orders.expects_message("numbers").with_content(NUMBERS).with_metadata(sequence=10**30)

    content = message.handled_by(lambda message: message.content)

    assert sorted_text(content) == sorted_text(WRITTEN)
    text = without_spaces(written())
    assert '"price":2.300' in text
    assert f'"large":{10**30}' in text


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), r"At \$\.a: nan \(float\) has no form in JSON"),
        (float("inf"), r"At \$\.a: inf \(float\) has no form in JSON"),
        (Decimal("NaN"), r"At \$\.a: Decimal\('NaN'\)"),
        (Decimal("1E400"), r"At \$\.a: Decimal\('1E\+400'\)"),
        (10**400, r"At \$\.a: programs that read JSON hold no number over 1\.8e308"),
        pytest.param(10**5000, r"At \$\.a: programs that read JSON hold no number over 1\.8e308", id="long"),
    ],
)
def test_a_number_that_json_or_the_mock_server_cannot_hold_is_refused(orders, value, says):
    declared = orders.upon_receiving("numbers").with_request("GET", "/")

    with pytest.raises(DeclarationError, match=says):
        declared.will_respond_with(200, body={"a": value})


def test_what_a_pact_file_has_already_keeps_its_digits(answered, recordings, tmp_path, orders):
    numbers = '{"a":2.300,"b":1E400,"c":1563454500.123456789,"d":' + "9" * 5000 + "}"
    file = tmp_path / "pacts" / "Shop-Orders.json"
    file.parent.mkdir()
    file.write_text(
        '{"consumer":{"name":"Shop"},"provider":{"name":"Orders"},"interactions":[{"type":"Synchronous/HTTP",'
        '"description":"before","request":{"method":"GET","path":"/"},"response":{"status":200,"body":'
        f'{{"content":{numbers},"contentType":"application/json","encoded":false}}}}}}],'
        '"metadata":{"pactSpecification":{"version":"4.0"}}}',
        encoding="utf-8",
    )
    orders.upon_receiving("now").with_request("GET", "/now").will_respond_with(200)

    with answered(orders) as url:
        requests.get(f"{url}/now", timeout=5)
    recordings.write(tmp_path / "pacts", merge=True)

    text = without_spaces(file.read_text(encoding="utf-8"))
    assert numbers in text
    assert '"description":"now"' in text


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ('{"method":"GET","method":"PUT"}', 'the key "method" occurs twice in /interactions/0/request'),
        ('{"method":NaN}', "NaN is not a JSON number in /interactions/0/request/method"),
        ('{"method":"\\ud83d"}', "half of a surrogate pair in /interactions/0/request/method"),
    ],
)
def test_a_pact_file_that_programs_read_differently_is_not_merged(recordings, tmp_path, request_, says):
    path = tmp_path / "Shop-Orders.json"
    path.write_text(
        '{"consumer":{"name":"Shop"},"provider":{"name":"Orders"},"interactions":[{"description":"a",'
        f'"request":{request_}}}],"metadata":{{"pactSpecification":{{"version":"4.0"}}}}}}',
        encoding="utf-8",
    )

    recordings.add(Recording("Shop", "Orders", "V4", "interactions", {"description": "b"}, "a test"))

    with pytest.raises(UsageError, match=says):
        recordings.write(tmp_path, merge=True)
