"""Terms of the oldest Ruby pacts, in headers and bodies."""

import pytest
from support.raw_pacts import REQUEST, document, http, only

from tally.errors import InvalidContractError
from tally.matching import match_response
from tally.pact import Response, parse_pact, read_body


def term(example, pattern, options=0):
    matcher = {"json_class": "Regexp", "o": options, "s": pattern}
    return {"json_class": "Pact::Term", "data": {"generate": example, "matcher": matcher}}


def answer(kind, message):
    return Response(200, {"Content-Type": (kind,)}, read_body(message, kind))


def test_a_term_is_its_example_with_a_rule():
    response = {
        "status": 200,
        "headers": {"Content-Type": term("application/json", "json")},
        "body": {"weather": [term("rainy", "RAIN", options=1)]},
    }
    expected = only(document(http(response=response), version="1.0.0")).response

    assert expected.headers == {"Content-Type": ("application/json",)}
    assert expected.body.value == {"weather": ["rainy"]}
    assert match_response(expected, answer("application/json", b'{"weather": ["some rain"]}')) == ()
    assert match_response(expected, answer("application/json", b'{"weather": ["sunny"]}')) != ()
    assert match_response(expected, answer("text/plain", b'{"weather": ["rain"]}')) != ()


@pytest.mark.parametrize("data", [None, [], {}, {"generate": "x"}, {"generate": "x", "matcher": {"s": 1}}])
def test_a_term_that_cannot_be_read_is_refused_with_its_place(data):
    request = REQUEST | {"headers": {"X-Id": {"json_class": "Pact::Term", "data": data}}}

    with pytest.raises(InvalidContractError, match=r"interactions\[0\]\.request\.headers\.data"):
        parse_pact(document(http(request)))
