import json
import random

import pytest

from tally.matching import match_message, match_request, match_response
from tally.matching.xml_bodies import compare_xml, core_mismatches
from tally.pact import Body, MatchingRules, Message, Presence, Request, Response, Rule, RuleSet, read_body
from verifier.contracts.cases import BODIES


def xml(text, kind="application/xml"):
    return read_body(text.encode(), kind)


def compare(expected, actual, paths=None, *, strict=False):
    return compare_xml(xml(expected), xml(actual), paths or {}, strict=strict)


def test_equal_documents_match_whatever_their_prefixes():
    assert compare('<a xmlns="urn:x"><b/></a>', '<p:a xmlns:p="urn:x"><p:b/></p:a>') == ()


def test_a_difference_has_its_path_and_both_values():
    (mismatch,) = compare('<order id="1"><item>ink</item></order>', '<order id="1"><item>pen</item></order>')

    assert (mismatch.kind, mismatch.path) == ("body", "$.order.item['#text']")
    assert (mismatch.expected, mismatch.actual) == ("ink", "pen")
    assert mismatch.message.startswith('Expected "ink" at $.order.item[\'#text\'], but got "pen"')


def test_what_is_no_xml_is_reported_in_one_line():
    (mismatch,) = compare("<a/>", "not xml")

    assert "Failed to parse the actual body" in mismatch.message
    assert "\n" not in mismatch.message
    assert "backtrace" not in mismatch.message


def test_bytes_that_are_no_text_are_no_xml():
    (mismatch,) = compare_xml(
        xml("<a/>"), Body(Presence.PRESENT, b"\xff", "application/xml"), {}, strict=False
    )

    assert "The body is not text" in mismatch.message


def test_a_rule_about_text_may_stand_at_the_element():
    paths = {"$.a.b": RuleSet((Rule("regex", {"regex": r"\d+"}),))}

    assert compare("<a><b>1</b></a>", "<a><b>22</b></a>", paths) == ()
    assert compare("<a><b>1</b></a>", "<a><b>x</b></a>", paths) != ()


@pytest.mark.parametrize("path", ["$.a['@id']", "$.a[*]['@id']"])
def test_a_rule_about_an_attribute(path):
    paths = {path: RuleSet((Rule("regex", {"regex": r"\d+"}),))}

    assert compare('<a id="1"/>', '<a id="22"/>', paths) == ()
    assert compare('<a id="1"/>', '<a id="x"/>', paths) != ()


@pytest.mark.parametrize(
    ("actual", "path"),
    [
        ('<a id="1" more="2"><b/></a>', "$.a['@more']"),
        ('<a id="1"><b/><c/></a>', "$.a.c"),
        ('<a id="1"><b/><b/></a>', "$.a.b"),
        ('<a id="1"><b><c/></b></a>', "$.a.b.c"),
    ],
)
def test_only_a_request_refuses_what_it_does_not_expect(actual, path):
    expected = '<a id="1"><b/></a>'

    assert compare(expected, actual) == ()
    assert [mismatch.path for mismatch in compare(expected, actual, strict=True)] == [path]


def test_a_request_may_have_more_elements_where_a_rule_says_so():
    paths = {"$.a": RuleSet((Rule("type", {"min": 1}),))}

    assert compare("<a><b/></a>", "<a><b/><b/></a>", paths, strict=True) == ()


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/soap+xml"])
def test_the_matchers_serve_every_kind_of_xml(kind):
    same, other = xml("<a> <b/></a>", kind), xml("<a><b/></a>", kind)

    assert match_request(Request(body=same), Request(body=other), bodies=BODIES) == ()
    assert match_response(Response(body=same), Response(body=other), bodies=BODIES) == ()
    assert match_message(Message(body=same), Message(body=other), bodies=BODIES) == ()
    assert match_message(Message(body=same), Message(body=xml("<c/>", kind)), bodies=BODIES) != ()


def test_what_the_core_gives_up_on_is_a_mismatch(capfd):
    body = '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--X--\r\n'

    (mismatch,) = core_mismatches(body, body, {}, "multipart/form-data; boundary=X")

    assert "the Pact core cannot compare multipart/form-data" in mismatch.message
    capfd.readouterr()


VALUES = [1, 2, 1.5, "x", "12", True, None, "2020-01-01"]
RULES = [{"match": name} for name in ("type", "integer", "decimal", "number", "boolean", "null", "equality")]
RULES += [
    {"match": "regex", "regex": r"\w+"},
    {"match": "include", "value": "1"},
    {"match": "type", "min": 1},
]


@pytest.mark.parametrize("seed", range(200))
def test_our_own_engine_judges_json_as_the_core_does(seed):
    chance = random.Random(seed)  # noqa: S311 - chance for cases, not for secrets
    expected = {"a": chance.choice(VALUES), "b": [chance.choice(VALUES)], "c": {"d": chance.choice(VALUES)}}
    actual = {"a": chance.choice(VALUES), "b": chance.choices(VALUES, k=chance.randint(0, 3)), "c": {"d": 1}}
    paths = chance.sample(["$", "$.a", "$.*", "$.b", "$.b[*]", "$.b[0]", "$.c", "$.c.d", "$.c.*"], k=2)
    chosen = {path: chance.choice(RULES) for path in paths if path not in {"$", "$.*", "$.c"}}
    attributes = {
        path: {key: value for key, value in rule.items() if key != "match"} for path, rule in chosen.items()
    }

    core = core_mismatches(
        json.dumps(expected),
        json.dumps(actual),
        {path: {"matchers": [rule]} for path, rule in chosen.items()},
        "application/json",
    )

    body_rules = {path: RuleSet((Rule(rule["match"], attributes[path]),)) for path, rule in chosen.items()}
    own = match_response(
        Response(
            body=Body(Presence.PRESENT, expected, "application/json"), rules=MatchingRules(body=body_rules)
        ),
        Response(body=Body(Presence.PRESENT, actual, "application/json")),
    )
    assert (own == ()) == (core == ()), (expected, actual, chosen)
