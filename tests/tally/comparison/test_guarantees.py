"""What is called guaranteed is true: answers that keep a contract satisfy the consumer."""

import pytest
from support.comparison_documents import a_pact, an_api, answered, asking, described, getting
from support.guarantee_cases import Drawing

from tally.comparison.comparing import compare
from tally.comparison.findings import Policy, Verdict
from tally.comparison.guarantees import unmet
from tally.comparison.schemas import CompiledSchema
from tally.json_schema.values import valid_values
from tally.matching.json_bodies import compare_json
from tally.matching.paths import body_rules
from tally.pact import parse_pact
from tally.pact.matching_rules import read_rules
from tally.service_contract.model import ServiceContract, Specification
from tally.service_contract.parsing import parse_service_contract

CONTRACT = ServiceContract(Specification.OPENAPI, ())
ANSWERS = 25


def rules_of(written):
    return body_rules(read_rules({"matchingRules": {"body": written}}, "response").body)


def promises(schema, example, written):
    """Return what is not promised, and the answers that the consumer does not take."""
    rules = rules_of(written)
    missing = unmet(example, rules, CompiledSchema(CONTRACT, schema, "").view)
    answers = valid_values(schema, most=ANSWERS)
    mismatches = [(answer, compare_json(example, answer, rules)) for answer in answers]
    refused = [answer for answer, found in mismatches if found]
    if any(each.never for each in missing):
        assert len(refused) == len(mismatches)
    return missing, refused


@pytest.mark.parametrize("part", range(6))
def test_a_body_about_which_nothing_is_found_is_always_satisfied(part):
    silent = 0
    for seed in range(part * 50, part * 50 + 50):
        drawing = Drawing(seed)
        schema = drawing.schema()
        shown = next(valid_values(schema, seed=seed, most=1), None)
        example = drawing.example(shown)

        missing, refused = promises(schema, example, drawing.rules(example))

        silent += not missing
        assert missing or not refused, (seed, schema, example, refused[0])
    assert silent > 5


@pytest.mark.parametrize("part", range(4))
def test_a_part_of_an_answer_is_possible(part):
    for seed in range(part * 50, part * 50 + 50):
        drawing = Drawing(seed)
        schema = drawing.schema()
        for answer in valid_values(schema, seed=seed, most=3):
            shown = drawing.example(answer)
            problems = CompiledSchema(CONTRACT, schema, "").parts[1].problems(shown)

            assert list(problems) == [], (seed, schema, shown)


TYPE = {"matchers": [{"match": "type"}]}


def matching(*matchers, combine="AND"):
    return {"matchers": list(matchers), "combine": combine}


TEXT = {"type": "string"}
DAY = matching({"match": "date", "format": "yyyy-MM-dd"})
CODE = matching({"match": "regex", "regex": "[A-Z]{3}"})
EITHER = matching({"match": "regex", "regex": "^(?:a|b)$"})
OR_NULL = matching({"match": "type"}, {"match": "null"}, combine="OR")
EACH = matching({"match": "eachValue", "rules": [{"match": "type"}]})
CONTAINS = matching({"match": "arrayContains", "variants": [{"index": 0}]})


def listing(items, **limits):
    return {"type": "array", "items": items, **limits}


def holding(schema, *required, **more):
    return {"type": "object", "properties": {"a": schema}, "required": list(required), **more}


def limited(**limits):
    return {"$.x": matching({"match": "type", **limits})}


@pytest.mark.parametrize(
    ("schema", "example", "rules", "reasons"),
    [
        ({"type": "string"}, "a", {"$.x": TYPE}, []),
        ({"type": "string"}, "a", {}, ["wider-enum"]),
        ({"const": "a"}, "a", {}, []),
        ({"enum": ["a", "b"]}, "a", {}, ["wider-enum"]),
        ({"enum": ["a", "b"]}, "a", {"$.x": matching({"match": "regex", "regex": "a|b"})}, []),
        ({"enum": ["a", "b"]}, "a", {"$.x": TYPE}, []),
        ({"enum": ["a", None]}, "a", {"$.x": TYPE}, ["may-be-null"]),
        ({"type": ["string", "null"]}, "a", {"$.x": TYPE}, ["may-be-null"]),
        ({"type": ["string", "null"]}, "a", {"$.x": OR_NULL}, []),
        ({"type": ["string", "integer"]}, "a", {"$.x": TYPE}, ["wider-type"]),
        ({}, "a", {"$.x": TYPE}, ["wider-type"]),
        ({"type": "number"}, 1, {"$.x": matching({"match": "integer"})}, ["wider-type"]),
        ({"type": "integer"}, 1, {"$.x": matching({"match": "decimal"})}, ["wider-type"]),
        ({"type": "integer"}, 1, {"$.x": matching({"match": "number"})}, []),
        ({"type": "number"}, 1, {"$.x": TYPE}, []),
        ({"type": "boolean"}, True, {}, ["wider-enum"]),
        ({"type": "boolean"}, True, {"$.x": TYPE}, []),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "EUR", {"$.x": CODE}, []),
        ({"type": "string", "pattern": "^(a|b)$"}, "a", {"$.x": EITHER}, []),
        ({"type": "string"}, "EUR", {"$.x": CODE}, ["pattern"]),
        ({"type": "string", "format": "date"}, "2024-01-01", {"$.x": DAY}, []),
        ({"type": "string"}, "2024-01-01", {"$.x": DAY}, ["pattern"]),
        ({"type": "string"}, "abc", {"$.x": matching({"match": "include", "value": "b"})}, ["pattern"]),
        ({"type": "string"}, "abc", {"$.x": matching({"match": "notEmpty"})}, ["may-be-empty"]),
        ({"type": "string", "minLength": 1}, "abc", {"$.x": matching({"match": "notEmpty"})}, []),
        (listing(TEXT), ["a"], limited(min=1), ["may-be-empty"]),
        (listing(TEXT, minItems=1), ["a"], limited(min=1), []),
        (listing(TEXT, minItems=1), ["a"], limited(min=2), ["length"]),
        (listing(TEXT), ["a"], limited(max=2), ["length"]),
        (listing(TEXT), ["a"], {"$.x": TYPE}, []),
        (listing({"type": ["string", "null"]}), ["a"], {"$.x": TYPE}, ["may-be-null"]),
        (holding(TEXT), {"a": "x"}, {"$.x": TYPE}, ["may-be-absent"]),
        (holding(TEXT, "a"), {"a": "x"}, {"$.x": TYPE}, []),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"a": "x"},
            {"$.x": matching({"match": "values"})},
            ["wider-enum", "wider-enum"],
        ),
        ({"type": "object", "additionalProperties": TEXT}, {"a": "x"}, {"$.x": EACH}, []),
        (
            holding(TEXT, "a"),
            {"a": "x"},
            {"$.x": matching({"match": "equality"}), "$.x.a": TYPE},
            ["may-have-more"],
        ),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "a", {"$.x": TYPE}, ["wider-type"]),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, "a", {"$.x": TYPE}, []),
        (
            {"allOf": [{"type": "string"}, {"minLength": 1}]},
            "a",
            {"$.x": matching({"match": "notEmpty"})},
            [],
        ),
        (listing({"const": "a"}, minItems=1), ["a"], {"$.x": CONTAINS}, []),
        (listing({"enum": ["a", "b"]}, minItems=1), ["a"], {"$.x": CONTAINS}, ["may-be-absent"]),
    ],
)
def test_what_is_not_promised_is_named_with_its_reason(schema, example, rules, reasons):
    whole = {"type": "object", "required": ["x"], "properties": {"x": schema}}

    missing, refused = promises(whole, {"x": example}, rules)

    assert [each.reason.value for each in missing] == reasons
    assert bool(refused) is bool(reasons)


@pytest.mark.parametrize(("pattern", "name"), [(r"^\p{L}+$", "größe"), ("^(a+)+$|!$", f"{'a' * 60}!")])
def test_names_are_matched_as_json_schema_matches_them_and_never_for_long(pattern, name):
    schema = {"type": "object", "patternProperties": {pattern: {"type": "integer"}}}

    missing, _ = promises({**schema, "additionalProperties": False}, {name: 1}, {"$.*": TYPE})

    assert [each.reason.value for each in missing] == ["may-be-absent"]


@pytest.mark.parametrize(
    ("schema", "example", "rule"),
    [
        (listing(TEXT, minItems=5), ["a"], {"match": "type", "min": 1, "max": 2}),
        (listing(TEXT, maxItems=1), ["a"], {"match": "type", "min": 3}),
        ({"enum": ["a", "b"]}, "a", {"match": "regex", "regex": "[A-Z]+"}),
    ],
)
def test_what_no_answer_has_is_not_possible(compared, schema, example, rule):
    document = an_api({"/": getting({"type": "object", "properties": {"x": schema}})})
    interaction = answered({"x": example}, matchingRules={"$.body.x": rule})

    (found,) = compared(a_pact(interaction), document)["interactions"]

    assert found["verdict"] == "error"
    assert "No answer has what the consumer needs at $.x" in found["findings"][0]["text"]


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [listing(TEXT, minItems=5), listing(TEXT)]},
        listing(listing(TEXT, minItems=5)),
    ],
)
def test_what_some_answers_have_is_possible(compared, schema):
    document = an_api({"/": getting({"type": "object", "properties": {"x": schema}})})
    rules = {"$.body.x[*]": {"match": "type", "max": 2}, "$.body.x": {"match": "type", "max": 3}}

    (found,) = compared(a_pact(answered({"x": []}, matchingRules=rules)), document)["interactions"]

    assert found["verdict"] == "ok"


ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
}


def test_a_finding_names_the_place_in_the_pact_and_in_the_document(compared):
    interaction = answered({"note": "a"}, matchingRules={"$.body": {"match": "type"}})

    (found,) = compared(a_pact(interaction), an_api({"/": getting(ORDER)}))["interactions"]

    assert found["verdict"] == "ok"
    assert found["findings"] == [
        {
            "code": "response.property.not-guaranteed",
            "question": "guaranteed",
            "severity": "warning",
            "pact": "/interactions/0/response/body/note",
            "document": "/paths/~1/get/responses/200/content/application~1json/schema/properties/note",
            "text": "The consumer relies on $.note: it may be absent.",
            "reason": "may-be-absent",
        }
    ]


def test_the_policy_makes_an_error_of_what_is_not_guaranteed(compared):
    pact = a_pact(answered({"note": "a"}, matchingRules={"$.body": {"match": "type"}}))
    document = an_api({"/": getting(ORDER)})

    by_default = compared(pact, document)
    strict = compared(pact, document, policy=Policy.GUARANTEED)

    assert (by_default["verdict"], strict["verdict"]) == ("compatible", "incompatible")
    assert strict["interactions"][0]["findings"][0]["severity"] == "error"


def test_findings_are_judged_by_another_policy_without_comparing_again():
    pact = parse_pact(a_pact(answered({"note": "a"}, matchingRules={"$.body": {"match": "type"}})))
    by_default = compare(pact, parse_service_contract(an_api({"/": getting(ORDER)})))

    strict = by_default.under(Policy.GUARANTEED)

    assert (by_default.verdict, strict.verdict) == (Verdict.COMPATIBLE, Verdict.INCOMPATIBLE)
    assert strict.under(Policy.POSSIBLE) == by_default


def test_a_header_may_be_absent_or_another(compared):
    headers = {
        "X-Kind": {"schema": {"enum": ["a", "b"]}},
        "X-Count": {"required": True, "schema": {"type": "integer"}},
    }
    document = an_api({"/": {"get": {"responses": {"200": {**described(), "headers": headers}}}}})
    rules = {"$.headers.X-Count": {"match": "regex", "regex": "(?=.)-?[0-9]+"}}
    interaction = asking(
        "GET /", response={"headers": {"X-Kind": "a", "X-Count": "1"}, "matchingRules": rules}
    )

    (found,) = compared(a_pact(interaction), document)["interactions"]

    reasons = [(each["pact"].rpartition("/")[2], each["reason"]) for each in found["findings"]]
    assert reasons == [("X-Kind", "may-be-absent"), ("X-Kind", "wider-enum"), ("X-Count", "unproven")]


BOTH = {"matchers": [{"match": "type"}, {"match": "regex", "regex": "[a-z]"}], "combine": "OR"}
KEYS = {"match": "eachKey", "rules": [{"match": "regex", "regex": "[a-z]+"}]}
VALUES = {"match": "eachValue", "rules": [{"match": "type"}]}
ANY = {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "body", "rules", "reasons"),
    [
        (TEXT, "a", BOTH, []),
        ({"enum": ["a"]}, "a", BOTH, ["wider-enum"]),
        (TEXT, "ab", {"match": "include", "value": "b"}, []),
        (TEXT, "12:00:00", {"match": "time"}, []),
        ({"type": "boolean"}, True, {"match": "boolean"}, []),
        ({"type": "string", "maxLength": 3}, "a", {"match": "notEmpty"}, ["length"]),
        ({"type": "string"}, "1.2.3", {"match": "semver"}, []),
        ({**ANY, "maxProperties": 1}, {"a": "x"}, VALUES, ["length"]),
        ({**ANY, "propertyNames": {"maxLength": 2}}, {"a": "x"}, KEYS, ["length"]),
        ({**ANY, "additionalProperties": {"type": "integer"}}, {"a": 1}, VALUES, []),
        ({"type": "array", "maxItems": 2}, ["a"], VALUES, ["length"]),
        ({"type": "array", "minItems": 1}, ["a"], {"match": "notEmpty"}, []),
        ({"type": "array", "minItems": 2}, ["a", "b"], {"match": "equality"}, []),
        (ANY, {"a": "x"}, {"matchers": [{"match": "type"}, {"match": "equality"}], "combine": "OR"}, []),
    ],
)
def test_rules_say_what_may_be_sent(compared, schema, body, rules, reasons):
    whole = {"type": "object", "properties": {"x": schema}}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": whole}}},
        "responses": {"201": described()},
    }
    rule_set = rules if "matchers" in rules else {"matchers": [rules]}
    request = {
        "headers": {"Content-Type": "application/json"},
        "body": {"x": body},
        "matchingRules": {"body": {"$.x": rule_set}},
    }
    pact = a_pact(asking("POST /", 201, **request), specification="3.0.0")

    (found,) = compared(pact, an_api({"/": {"post": operation}}, "3.1.0"))["interactions"]

    wider = [each["reason"] for each in found["findings"] if each["question"] == "guaranteed"]
    assert (found["verdict"], wider) == ("ok", reasons)


@pytest.mark.parametrize(
    ("schema", "body", "rules", "reasons"),
    [
        ({"type": "string"}, "a", {}, []),
        ({"type": "string"}, "a", {"$.body.x": {"match": "type"}}, []),
        ({"enum": ["a", "b"]}, "a", {"$.body.x": {"match": "type"}}, ["wider-enum"]),
        ({"type": "string", "maxLength": 3}, "a", {"$.body.x": {"match": "type"}}, ["length"]),
        ({"type": "integer"}, 1, {"$.body.x": {"match": "number"}}, ["wider-type"]),
        ({"type": "integer"}, 1, {"$.body.x": {"match": "type"}}, []),
        ({"type": "array", "minItems": 1}, ["a"], {"$.body.x": {"match": "type"}}, ["may-be-empty"]),
        ({"type": "array", "minItems": 1}, ["a"], {"$.body.x": {"match": "type", "min": 1}}, []),
    ],
)
def test_a_consumer_may_send_more_than_the_provider_takes(compared, schema, body, rules, reasons):
    whole = {"type": "object", "properties": {"x": schema}}
    operation = {
        "requestBody": {"content": {"application/json": {"schema": whole}}},
        "responses": {"201": described()},
    }
    request = {"headers": {"Content-Type": "application/json"}, "body": {"x": body}, "matchingRules": rules}

    (found,) = compared(a_pact(asking("POST /", 201, **request)), an_api({"/": {"post": operation}}))[
        "interactions"
    ]

    wider = [
        each["reason"] for each in found["findings"] if each["code"] == "request.body.wider-than-contract"
    ]
    assert (found["verdict"], wider) == ("ok", reasons)


def test_a_parameter_may_be_wider_than_the_document(compared):
    parameter = {"name": "kind", "in": "query", "schema": {"enum": ["a", "b"]}}
    document = an_api({"/": {"get": {"parameters": [parameter], "responses": {"200": described()}}}})
    rules = {"$.query.kind": {"match": "regex", "regex": "[a-z]+"}}

    (found,) = compared(a_pact(asking("GET /", query="kind=a", matchingRules=rules)), document)[
        "interactions"
    ]

    assert [each["code"] for each in found["findings"]] == ["request.query.wider-than-contract"]


def test_numbers_of_any_size_are_compared(compared):
    document = an_api({"/": getting({"type": "object", "properties": {"n": {"type": "integer"}}})})

    (found,) = compared(a_pact(answered({"n": 10**30})), document)["interactions"]

    assert found["verdict"] == "ok"
