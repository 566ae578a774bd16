import pytest

from tally.errors import InvalidContractError
from tally.workflows.conditions import holds, parse_condition
from tally.workflows.criteria import check_criterion, judged
from tally.workflows.expressions import (
    NO_VALUE,
    Exchanged,
    NoValueError,
    Scope,
    WorkflowValues,
    is_expression,
    parse_expression,
    value_of,
)
from tally.workflows.jsonpath import JsonPathError, passes
from tally.workflows.jsonpath_parsing import parse_jsonpath
from tally.workflows.model import Criterion, CriterionType
from tally.workflows.regular_expressions import SlowExpressionError, matches
from tally.workflows.templates import filled
from tally.workflows.xpath import XPathError, parse_xpath, selects

BODY = {
    "id": 7,
    "status": "Open",
    "items": [{"sku": "tea"}, {"sku": "cup", "a/b": None}],
    "ok": False,
    "n": "12",
}
SCOPE = Scope(
    inputs={"user": {"name": "Ann"}, "a.b": 1, "list": [1, 2]},
    outputs={"it": "x"},
    steps={"place": {"order": BODY}, "a.b": {"c.d": 5}},
    workflows={"base": WorkflowValues(inputs={"i": 1}, outputs={"o": 2})},
    sources={"orders": "orders.yaml"},
    parameters={"page": {"name": "page", "in": "query", "value": 3}},
    exchanged=Exchanged(
        url="http://x/orders/7?q=1",
        method="POST",
        status=201,
        request_headers={"accept": "text/plain"},
        query={"q": 1},
        path={"id": 7},
        request_body={"total": 5},
        response_headers={"location": "/orders/7"},
        response_body=BODY,
    ),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$url", "http://x/orders/7?q=1"),
        ("$method", "POST"),
        ("$statusCode", 201),
        ("$request.header.Accept", "text/plain"),
        ("$request.query.q", 1),
        ("$request.path.id", 7),
        ("$request.body#/total", 5),
        ("$response.header.LOCATION", "/orders/7"),
        ("$response.body", BODY),
        ("$response.body#/items/1/a~1b", None),
        ("$response.body#/items/2", NO_VALUE),
        ("$response.body#/items/x", NO_VALUE),
        ("$response.body.items[x]", NO_VALUE),
        ("$response.body.items[0].sku", "tea"),
        ("$inputs.user.name", "Ann"),
        ("$inputs.user#/name", "Ann"),
        ("$inputs.a.b", 1),
        ("$inputs.list[1]", 2),
        ("$inputs.nobody", NO_VALUE),
        ("$outputs.it", "x"),
        ("$steps.place.outputs.order.id", 7),
        ("$steps.a.b.outputs.c.d", 5),
        ("$steps.place.outputs.none", NO_VALUE),
        ("$workflows.base.outputs.o", 2),
        ("$workflows.base.inputs.i", 1),
        ("$sourceDescriptions.orders.url", "orders.yaml"),
        ("$components.parameters.page.value", 3),
    ],
)
def test_an_expression_stands_for_its_value(text, value):
    assert value_of(parse_expression(text), SCOPE) == value


@pytest.mark.parametrize(
    "text",
    ["$statusCode.x", "$response", "$response.code", "$request.body#id", "$steps", "$inputs.", "$nothing.x"],
)
def test_what_is_no_expression_is_refused_with_its_form(text):
    assert is_expression(text)
    with pytest.raises(InvalidContractError, match=r"no runtime expression|JSON pointer"):
        parse_expression(text)


@pytest.mark.parametrize("text", ["$5.00", "$ref", "$", "5 $", "a $inputs.x", "$price"])
def test_texts_with_a_dollar_are_texts(text):
    assert not is_expression(text)
    assert filled(text, SCOPE) == text


def test_values_keep_their_types_alone_and_become_text_inside_texts():
    value = {
        "a": "$inputs.user",
        "b": ["{$statusCode} of {$inputs.user.name}"],
        "c": 1,
        "d": "{$inputs.list}",
    }

    assert filled(value, SCOPE) == {"a": {"name": "Ann"}, "b": ["201 of Ann"], "c": 1, "d": "[1,2]"}
    with pytest.raises(NoValueError, match=r"\$inputs\.nobody"):
        filled("x {$inputs.nobody}", SCOPE)


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ("$statusCode == 201", True),
        ("$statusCode != 201", False),
        ("$statusCode == '201'", True),
        ("$statusCode == 'x'", False),
        ("null != 'x'", True),
        ("1.5 == '1.5'", True),
        ("'201' == $statusCode", True),
        ("$statusCode >= 200 && $statusCode < 300", True),
        ("$statusCode == 404 || $statusCode == 201", True),
        ("!($statusCode == 404) && !$response.body#/ok", True),
        ("$response.body#/status == 'OPEN'", True),
        ("$response.body#/nothing == null", True),
        ("$response.body#/nothing > 1", False),
        ("$response.body#/ok == false", True),
        ("$response.body#/ok == 'false'", True),
        ("$response.body#/ok == 0", False),
        ("$response.body#/n > 11", True),
        ("$response.body#/items[0]", False),
        ("$response.body.items[0].sku == 'tea'", True),
        ("$response.body#/items", True),
        ("{$statusCode == 201}", True),
        ("{$statusCode} == 201", True),
        ("'it''s' == 'IT''S'", True),
        ("'b' > 'A'", True),
        ("1e2 == 100", True),
        ("true", True),
        ("null", False),
    ],
)
def test_a_condition_is_true_or_not(condition, is_true):
    assert holds(parse_condition(condition), SCOPE) is is_true


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "$statusCode ==",
        "== 1",
        "$statusCode == open",
        '$url == "x"',
        "(1",
        "1)",
        "1 1",
        "$x.y == 1",
        "&&",
        "(" * 60 + "1" + ")" * 60,
        "1 == 2 == 3",
        "'open",
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(text):
    with pytest.raises(InvalidContractError):
        parse_condition(text)


@pytest.mark.parametrize(
    ("query", "is_true"),
    [
        ("$.id", True),
        ("$.nobody", False),
        ("$.items[?@.sku == 'cup']", True),
        ("$.items[?@.sku=='cap']", False),
        ("$.items[0,5]", True),
        ("$.items[-1:].sku", True),
        ("$..sku", True),
        ("$.items[?match(@.sku, 't.a')]", True),
        ("$.items[?search(@.sku, '^up')]", False),
        ("$[?count(@[*]) > 1]", True),
        ("$[?length(@) == 4]", True),
        ("$.items[?@['a/b'] == null]", True),
        ("$.items[?!@.sku]", False),
        ("$.items[?@.sku == $.items[0].sku && @.sku != 'cup']", True),
        ("$.status == 'Open'", True),
        ("$.ok != true", True),
        ("$.id == 7.0 && value($..n) == '12'", True),
        ("$.id <= 7 && $.id >= 7 && $.id < 8 && $.id > 6", True),
        ("$.id < 'x'", False),
        ("$.items == $.items && $.items[0] == $.items[0]", True),
        ("$.items[0] == $.items[1]", False),
        ("$['id'] && $[\"id\"] && !$['it\\'s']", True),
        ("$.status == 'O\\u0070en' && $.status != 'say \"hi\"'", True),
        ("($.id == 7) && (1 == 1.0)", True),
        ("match($.status, 'O(')", False),
    ],
)
def test_a_jsonpath_criterion_holds_when_it_selects_something(query, is_true):
    assert passes(parse_jsonpath(query), BODY) is is_true


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id",
        "$.",
        "$[",
        "$.items[01]",
        "$.items[?]",
        "$.items[?@.a == @..b]",
        "$[?count(1) == 1]",
        "$[?length(@)]",
        "$[?nothing(@)]",
        "$[?match(@.a)]",
        "$['a]",
        "$.a b",
        "$" + "[?@" * 60,
        "$[?'\\x' == @.a]",
        "$[9999999999999999]",
        "$['a\\\"']",
        '$["a\\\'"]',
        "$[?(@.a]",
        "$[?match(@.a, 'b'",
        "$[?length(@..a) == 1]",
        "$[?count(@.a, 1) == 1]",
        "$[?@.a == 01]",
    ],
)
def test_a_jsonpath_that_cannot_be_read_is_refused(text):
    with pytest.raises(InvalidContractError, match="JSONPath"):
        parse_jsonpath(text)


def test_a_jsonpath_that_looks_at_too_much_is_given_up():
    wide = [[[0] * 60 for _ in range(60)] for _ in range(60)]

    with pytest.raises(JsonPathError, match="looks at more than"):
        passes(parse_jsonpath("$..*..*..nothing"), wide)


def test_a_regular_expression_that_takes_too_long_is_given_up():
    with pytest.raises(SlowExpressionError, match="takes too long"):
        matches("(a|aa)+$", "a" * 60 + "b")


XML = "<o:order xmlns:o='urn:x' kind='big'><id>7</id><item sku='tea'>Tea</item><item sku='cup'/></o:order>"


@pytest.mark.parametrize(
    ("path", "is_true"),
    [
        ("/order/id", True),
        ("/order/none", False),
        ("//item[@sku='cup']", True),
        ("/order/id = '7'", True),
        ("/order/id = 7", True),
        ("/order/id/text() != '8'", True),
        ("/order/@kind = 'big'", True),
        ("//item/@sku = 'cap'", False),
        ("count(//item) = 2", True),
        ("count(//item) > 2", False),
    ],
)
def test_an_xpath_criterion_selects_or_compares(path, is_true):
    assert selects(parse_xpath(path), XML) is is_true


@pytest.mark.parametrize("text", ["", "order", "/order[", "sum(//a)", "/a | /b", "count(a) > 1", "//a[b(]"])
def test_an_xpath_beyond_that_is_refused(text):
    with pytest.raises(InvalidContractError, match="is not supported"):
        parse_xpath(text)


def test_what_is_no_xml_is_said():
    with pytest.raises(XPathError, match="no XML"):
        selects(parse_xpath("/a"), "{}")


@pytest.mark.parametrize(
    ("criterion", "got"),
    [
        (Criterion("$statusCode == 200"), "$statusCode is 201"),
        (Criterion("^4", CriterionType.REGEX, "$statusCode"), "$statusCode is 201"),
        (Criterion("$.x", CriterionType.JSONPATH, "$response.body#/none"), "$response.body#/none is missing"),
        (Criterion("/a", CriterionType.XPATH, "$response.body"), "no XML"),
        (Criterion("(a|aa)+$", CriterionType.REGEX, "$inputs.long"), "takes too long"),
    ],
)
def test_a_criterion_that_does_not_hold_says_what_it_got(criterion, got):
    check_criterion(criterion)
    scope = Scope(inputs={"long": "a" * 60 + "b"}, exchanged=SCOPE.exchanged)

    (verdict,) = judged([criterion], scope)

    assert not verdict.holds
    assert got in verdict.got


def test_a_regular_expression_inside_a_jsonpath_that_takes_too_long_is_given_up():
    with pytest.raises(JsonPathError, match="takes too long"):
        passes(parse_jsonpath("search($.a, '(a|aa)+$')"), {"a": "a" * 60 + "b"})
