"""Numbers that programs cannot hold, in pacts and answers, from states and messages: a reasoned verdict."""

import base64
import json
from random import Random

import pytest
from support.factories import a_message, a_message_pact, a_pact, an_interaction

from tally.generators.generator import GeneratorContext, generated
from verifier import Verifier, explanation

LONG = "1" * 5000
TOO_LARGE = ("1E400", "-1E400", LONG)


def a_pact_with(number, body='{"n": 1}', **changes):
    """Return the text of a pact, its example *body*, with *number* in the places that are called PLACE."""
    response = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": "BODY", **changes}
    text = json.dumps(a_pact(an_interaction(providerStates=[], response=response)))
    return text.replace('"BODY"', body).replace('"PLACE"', number)


@pytest.fixture
def verify(provider, tally_verify, pact_file, tmp_path):
    """Verify a pact whose provider answers with a text; every report is written."""

    def verify(pact, answer):
        provider.on("GET", "/orders/1", answer.encode(), Content_Type="application/json")
        files = [f"--{kind}={tmp_path / kind}" for kind in ("json", "junit", "html")]
        return tally_verify(pact_file(pact), "--provider-url", provider.url, *files)

    return verify


@pytest.mark.parametrize("number", [*TOO_LARGE, "NaN", "Infinity"], ids=range(5))
def test_a_pact_with_such_a_number_is_refused(verify, number):
    ended = verify(a_pact_with(number, '{"n": "PLACE"}'), '{"n": 1}')

    assert ended.exit_code == 2
    assert "pact.json: " in ended.stderr


@pytest.mark.parametrize("match", ["type", "number", "decimal", "regex"])
@pytest.mark.parametrize("number", TOO_LARGE, ids=("large", "small", "long"))
def test_an_answer_with_such_a_number_differs_whatever_the_rule(verify, number, match):
    rules = {"body": {"$.n": {"matchers": [{"match": match, "regex": ".*"}]}}}

    ended = verify(a_pact_with("1", matchingRules=rules), f'{{"n": {number}}}')

    assert ended.exit_code == 1
    assert "what came has numbers too large to be compared" in ended.stdout


def test_an_answer_with_what_is_no_number_of_json_is_no_json(verify):
    ended = verify(a_pact_with("1"), '{"n": NaN}')

    assert ended.exit_code == 1
    assert "what came is not valid JSON" in ended.stdout


@pytest.mark.parametrize(
    ("example", "answer", "exit_code"),
    [
        ("-0.0", "0.0", 0),
        ("0", "-0", 0),
        ("-0.0", "0", 1),
        ("1e-400", "0.0", 0),
        ("1.50", "1.5", 0),
        ("1E2", "100.0", 0),
        ("1E2", "100", 1),
        ("1" * 300, "1" * 300, 0),
        ("1" * 300, "1" * 299 + "2", 1),
    ],
    ids=range(9),
)
def test_other_numbers_equal_those_of_their_value_and_kind(verify, example, answer, exit_code):
    ended = verify(a_pact_with(example, '{"n": "PLACE"}'), f'{{"n": {answer}}}')

    assert ended.exit_code == exit_code, ended


A_STATE_VALUE = {"path": {"type": "ProviderState", "expression": "/orders/${id}"}}


def stateful(path="/orders/1"):
    request = {"method": "GET", "path": path, "generators": A_STATE_VALUE}
    return a_pact(an_interaction(request=request, response={"status": 200}))


def test_values_of_a_state_keep_all_their_digits(provider, tally_verify, pact_file):
    number = "123456789012345678901234567890"
    provider.on("POST", "/states", f'{{"id": {number}}}'.encode())
    provider.on("GET", f"/orders/{number}")
    urls = ("--provider-url", provider.url, "--state-change-url", f"{provider.url}/states")

    ended = tally_verify(pact_file(stateful()), *urls)

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize("number", TOO_LARGE, ids=("large", "small", "long"))
def test_values_of_a_state_that_cannot_be_sent_leave_the_interaction_unchecked(
    provider, tally_verify, pact_file, number
):
    provider.on("POST", "/states", f'{{"id": {number}}}'.encode())
    urls = ("--provider-url", provider.url, "--state-change-url", f"{provider.url}/states")

    ended = tally_verify(pact_file(stateful()), *urls)

    assert ended.exit_code == 2
    assert "numbers too large to be sent" in ended.stdout


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**5000], ids=("nan", "inf", "long"))
def test_functions_that_return_such_numbers_are_named(keeping, pact_file, number):
    state = Verifier(keeping.url).add_pact(pact_file(stateful()))
    message = Verifier(keeping.url).add_pact(pact_file(a_message_pact(a_message()), "message.json"))

    of_state = state.state("an order exists", lambda **_: {"ids": [number]}).run()
    of_message = message.message("an order was paid", lambda: {"id": number}).run()

    assert (of_state.exit_code, of_message.exit_code) == (2, 1)
    assert "which JSON cannot write" in explanation(of_state)
    assert "which JSON cannot write" in explanation(of_message)


def test_a_message_of_a_function_keeps_all_the_digits_of_an_integer(keeping, pact_file):
    pact = pact_file(a_message_pact(a_message(contents={"id": 2**100})))

    report = Verifier(keeping.url).add_pact(pact).message("an order was paid", lambda: {"id": 2**100}).run()

    assert report.passed, explanation(report)


@pytest.mark.parametrize("metadata", [b'{"n": 1E400}', b"{", b"\xff"])
def test_metadata_that_cannot_be_read_is_said(provider, tally_verify, pact_file, metadata):
    header = base64.b64encode(metadata).decode()
    provider.on("POST", "/messages", {"id": 1, "status": "paid"}, Pact_Message_Metadata=header)
    urls = ("--provider-url", provider.url, "--message-url", f"{provider.url}/messages")

    ended = tally_verify(pact_file(a_message_pact(a_message())), *urls)

    assert ended.exit_code == 1
    assert "is not JSON in Base64" in ended.stdout


@pytest.mark.parametrize(
    "generator",
    [
        {"type": "RandomHexadecimal", "digits": 10**9},
        {"type": "RandomString", "size": 10**9},
        {"type": "RandomString", "size": 1e400},
        {"type": "RandomInt", "min": 1, "max": 1e400},
        {"type": "Regex", "regex": "a{1000000000}"},
        {"type": "Regex", "regex": "((a{1000}){1000}){1000}"},
    ],
)
def test_a_generator_of_more_than_a_provider_reads_leaves_the_example(generator):
    context = GeneratorContext(random=Random(1), now=None)  # noqa: S311 - chance for cases, not for secrets

    assert generated(generator, "example", context) == "example"


def test_a_random_decimal_of_many_digits_is_finite():
    context = GeneratorContext(random=Random(1), now=None)  # noqa: S311 - as above

    made = [generated({"type": "RandomDecimal", "digits": 400}, 1.5, context) for _ in range(50)]

    assert float("inf") not in made
