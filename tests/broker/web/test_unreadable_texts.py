"""No text with a character that a database or a path cannot hold is stored, wherever it comes in."""

import json

import pytest
from support.factories import a_pact, an_interaction
from support.field_cases import IN_BODIES, filled

ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
JSON = {"Content-Type": "application/json"}


@ON_BOTH
@pytest.mark.parametrize(("method", "path", "body", "field", "_limit"), IN_BODIES)
def test_the_character_that_postgresql_does_not_keep_is_refused(broker, method, path, body, field, _limit):
    answer = broker.open(path, method=method, json=filled(body, "a\0b"))

    assert answer.status_code == 400
    assert field in answer.json["errors"]


@pytest.mark.parametrize("character", ["\n", "\t", "\x1f", "\x7f"])
@pytest.mark.parametrize(("method", "path", "body", "field", "_limit"), IN_BODIES)
def test_a_control_character_is_refused_as_in_a_path(broker, method, path, body, field, _limit, character):
    answer = broker.open(path, method=method, json=filled(body, f"a{character}b"))

    assert answer.status_code == 400
    assert field in answer.json["errors"]


@pytest.mark.parametrize(("method", "path", "body", "field", "_limit"), IN_BODIES)
def test_half_of_a_surrogate_pair_is_refused_with_its_place(broker, method, path, body, field, _limit):
    sent = json.dumps(filled(body, "HERE")).replace("HERE", "\\ud800")

    answer = broker.open(path, method=method, data=sent, headers=JSON)

    assert answer.status_code == 400
    if field == "contracts":  # the name is inside the pact as well, which is sent as Base64
        field = "contracts/0/providerName"
    assert f"half of a surrogate pair in /{field.replace('.', '/')}" in answer.json["error"]


def test_a_body_that_is_not_utf8_is_refused_with_the_place(broker):
    answer = broker.post("/pacticipants", data=b'{"name": "caf\xe9"}', headers=JSON)

    assert answer.status_code == 400
    assert "invalid byte at character 14" in answer.json["error"]


@ON_BOTH
def test_a_pact_may_expect_any_character(broker):
    """They are part of its content, which is kept as JSON, and of no name."""
    path = "/pacts/provider/Orders/consumer/Shop/version/1"
    interaction = an_interaction("a\0b\x1f", request={"method": "POST", "path": "/", "body": "\0"})

    assert broker.put(path, json=a_pact(interaction)).status_code == 201
    assert broker.get(path).json["interactions"][0]["request"]["body"] == "\0"
