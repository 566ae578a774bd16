import pytest

from tally.service_contract.model import HttpOperation, Parameter
from tally.service_contract.serialisation import cookie_of, headers_of, path_of, query_of

LIST = ["a b", "c"]
OBJECT = {"x": 1, "y": "z"}


def operation(*parameters, path="/"):
    return HttpOperation("op", "GET", path, parameters=parameters)


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("simple", False, 7, "7"),
        ("simple", False, True, "true"),
        ("simple", False, "a/b?c", "a%2Fb%3Fc"),
        ("simple", False, LIST, "a%20b,c"),
        ("simple", False, OBJECT, "x,1,y,z"),
        ("simple", True, OBJECT, "x=1,y=z"),
        ("label", False, 7, ".7"),
        ("label", False, LIST, ".a%20b,c"),
        ("label", True, LIST, ".a%20b.c"),
        ("matrix", False, 7, ";id=7"),
        ("matrix", False, LIST, ";id=a%20b,c"),
        ("matrix", True, LIST, ";id=a%20b;id=c"),
        ("matrix", True, OBJECT, ";x=1;y=z"),
    ],
)
def test_a_path_parameter_is_written_in_its_style(style, explode, value, written):
    parameter = Parameter("id", "path", style=style, explode=explode)

    assert (
        path_of(operation(parameter, path="/orders/{id}/items"), {"id": value}) == f"/orders/{written}/items"
    )


def test_a_path_without_a_value_cannot_be_written():
    with pytest.raises(KeyError, match="id"):
        path_of(operation(path="/orders/{id}"), {})


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("form", True, "a b", {"q": ("a b",)}),
        ("form", True, None, {"q": ("",)}),
        ("form", True, 1.5, {"q": ("1.5",)}),
        ("form", True, LIST, {"q": ("a b", "c")}),
        ("form", False, LIST, {"q": ("a b,c",)}),
        ("form", True, OBJECT, {"x": ("1",), "y": ("z",)}),
        ("form", False, OBJECT, {"q": ("x,1,y,z",)}),
        ("spaceDelimited", False, LIST, {"q": ("a b c",)}),
        ("pipeDelimited", False, LIST, {"q": ("a b|c",)}),
        ("deepObject", True, OBJECT, {"q[x]": ("1",), "q[y]": ("z",)}),
        ("json", False, OBJECT, {"q": ('{"x":1,"y":"z"}',)}),
    ],
)
def test_a_query_parameter_is_written_in_its_style(style, explode, value, written):
    parameter = Parameter("q", "query", style=style, explode=explode)

    assert query_of(operation(parameter), {"q": value}) == written


def test_what_is_not_declared_is_written_plainly():
    assert query_of(operation(), {"q": ["a", "b"]}) == {"q": ("a", "b")}
    assert headers_of(operation(), {"X-A": ["a", "b"]}) == {"X-A": ("a,b",)}


def test_the_names_of_headers_are_compared_without_case():
    parameter = Parameter("X-Filter", "header", explode=True)

    assert headers_of(operation(parameter), {"x-filter": OBJECT}) == {"x-filter": ("x=1,y=z",)}


def test_cookies_are_one_header():
    assert cookie_of({"a": 1, "b": "x"}) == "a=1; b=x"
    assert cookie_of({}) is None
