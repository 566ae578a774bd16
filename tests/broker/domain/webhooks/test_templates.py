import json
from urllib.parse import parse_qs

import pytest

from broker.domain.webhooks.templates import (
    BodyKind,
    UnknownSecretError,
    fill,
    fill_body,
    fill_header,
    fill_url,
    forms_of,
    secrets_in,
)

VALUES = {
    "pactbroker.consumerName": 'the "Shop" & co',
    "pactbroker.consumerVersionBranch": "feat/a b",
    "secret.ci": "top\nsecret",
}


def test_a_parameter_in_a_url_is_form_escaped():
    url = "https://ci.example.org/${pactbroker.consumerVersionBranch}?n=${pactbroker.consumerName}"

    assert fill_url(url, VALUES) == ("https://ci.example.org/feat%2Fa+b?n=the+%22Shop%22+%26+co")


def test_a_header_stays_on_one_line():
    assert fill_header("Bearer ${secret.ci}", VALUES) == "Bearer top secret"


@pytest.mark.parametrize(
    "body",
    [
        {"text": "${pactbroker.consumerName}", "list": ["${secret.ci}", 1, None]},
        '{"text": "${pactbroker.consumerName}", "list": ["${secret.ci}", 1, null]}',
    ],
)
def test_a_json_body_stays_json_whatever_the_values_hold(body):
    sent = fill_body(body, VALUES, BodyKind.JSON)

    assert json.loads(sent) == {"text": 'the "Shop" & co', "list": ["top\nsecret", 1, None]}


def test_a_parameter_in_a_key_is_replaced():
    assert json.loads(fill_body({"${pactbroker.consumerVersionBranch}": 1}, VALUES, BodyKind.JSON)) == {
        "feat/a b": 1
    }


def test_another_body_is_plain_text():
    assert fill_body("name=${pactbroker.consumerName}", VALUES, BodyKind.TEXT) == b'name=the "Shop" & co'


def test_a_form_stays_a_form_whatever_the_values_hold():
    body = "ref=main&variables[BRANCH]=${pactbroker.consumerVersionBranch}&name=${pactbroker.consumerName}"

    sent = fill_body(body, VALUES, BodyKind.FORM)

    assert parse_qs(sent.decode()) == {
        "ref": ["main"],
        "variables[BRANCH]": ["feat/a b"],
        "name": ['the "Shop" & co'],
    }


def test_no_body_is_no_bytes():
    assert fill_body(None, VALUES, BodyKind.JSON) == b""


def test_what_is_no_parameter_stays_as_it_is():
    text = "${pactbroker.unknown} ${HOME} $ {pactbroker.consumerName}"

    assert fill(text, VALUES) == text


def test_a_value_that_looks_like_a_parameter_is_not_one():
    values = {"pactbroker.consumerName": "${secret.ci}", "secret.ci": "top"}

    assert fill("${pactbroker.consumerName}", values) == "${secret.ci}"


def test_an_unknown_secret_is_named():
    with pytest.raises(UnknownSecretError, match=r"^other$"):
        fill("${secret.other}", VALUES)


def test_the_secrets_that_texts_use_are_found():
    assert secrets_in(["${secret.a}", "${secret.b-1}${secret.a}", "${pactbroker.x}"]) == {"a", "b-1"}


def test_every_form_that_a_secret_takes_in_a_request_is_known():
    forms = forms_of('a"b c')

    assert set(forms) == {'a"b c', "a%22b+c", 'a\\"b c'}
