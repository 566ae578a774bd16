"""Regular expressions of other languages, judged as the Rust core judges them."""

import warnings

import pytest
from differential.bodies import TYPE, core_mismatches

from tally.matching.regular_expressions import RegexError, full_match

LIKE_THE_CORE = [
    (r"[[:alpha:]]+", ["abc", "ab1", ""]),
    (r"^[[:alpha:]]+$", ["abc", "ab1"]),
    (r"[[:digit:][:upper:]_]+", ["1A_", "1a"]),
    (r"[^[:space:]]+", ["ab", "a b"]),
    (r"[[:^alpha:]]+", ["12", "a"]),
    (r"[[:word:]]+", ["a_1", "a-1"]),
    (r"[[:xdigit:]]{2}", ["fF", "fg"]),
    (r"[[:punct:]]+", ["!?", "a"]),
    (r"[a-z&&[^aeiou]]+", ["bcd", "abc"]),
    (r"[a-z&&b-d]+", ["bcd", "xyz"]),
    (r"[a-c[x-z]]+", ["axz", "m"]),
    (r"[a||b]+", ["a|b", "c"]),
    (r"[a~~b]+", ["a~b", "c"]),
    (r"[\w.\-]+", ["a-.", "a b"]),
    (r"[]a]+", ["]a", "b"]),
    (r"(?<n>a|b)\k<n>", ["aa", "ab"]),
    (r"(?<n>a|b)\k'n'", ["bb", "ba"]),
    (r"(?'n'x)", ["x", "y"]),
    (r"(a|b)\1", ["aa", "ab"]),
    (r"(?<n>a|b)\g<n>", ["ab", "ac"]),
    (r"\((?:[^()]|\g<0>)*\)", ["(a(b))", "(a"]),
    (r"\h+", ["af09", "xyz", " \t"]),
    (r"[\h-]+", ["af-09", "xyz"]),
    (r"\H+", ["xyz", "abc"]),
    (r"a\Rb", ["a\r\nb", "a\nb", "a b"]),
    (r"\X", ["é", "ab"]),
    (r"\e\[1m", ["\x1b[1m", "e[1m"]),
    (r"\N+", ["ab", "\n"]),
    (r"\O", ["\n", "a", "ab"]),
    (r"a{2}{3}", ["aaaaaa", "aa"]),
    (r"(?:ab){1,2}{2}", ["abab", "ababab", "ab"]),
    (r"[ab]{2}{2}", ["abab", "ab"]),
    (r"a{1,2}+", ["aaa", ""]),
    (r"a**", ["", "aaa", "b"]),
    (r"a++b", ["aab", "b"]),
    (r"a*+a", ["aaa"]),
    (r"(?>a+)b", ["aab", "a"]),
    (r"a+?b??", ["aa", "ab"]),
    (r"x{", ["x{", "x"]),
    (r"\{\w+\}", ["{a}", "a"]),
    (r"\p{Lu}\p{L}*", ["Žo", "žo"]),
    (r"\p{^L}+", ["12", "ab"]),
    (r"\x{41}\cA", ["A\x01", "A"]),
    (r"a(?i)b", ["aB", "AB"]),
    (r"(?i:a)b", ["Ab", "AB"]),
    (r"(?#c)a", ["a", "c"]),
    (r"\Aabc\z", ["abc", "abc\n"]),
    (r"(?<!a)b|.(?<=a|bc)", ["b", "a"]),
    (r"a|ab", ["ab", "a", "b"]),
    (r"^$", ["", "a"]),
    (r"\/\-\_\é", ["/-_é"]),
    (r"[\b]", ["\x08"]),
]


def by_the_core(expression, text):
    rules = {"$.a": {"matchers": [{"match": "regex", "regex": expression}]}}
    return core_mismatches({"a": "x"}, {"a": text}, rules, TYPE) == ()


@pytest.mark.parametrize(("expression", "texts"), LIKE_THE_CORE)
def test_an_expression_is_read_as_the_rust_core_reads_it(expression, texts):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judged = [full_match(expression)(text) for text in texts]

    assert judged == [by_the_core(expression, text) for text in texts]


@pytest.mark.parametrize(
    ("expression", "fits", "unfit"),
    [
        (r"\Qa.b\E+", "a.bbb", "axb"),
        (r"[\Q^-]\E]+", "^-]", "a"),
        (r"\p{IsLatin}+", "ab", "αβ"),
        (r"\p{Script=Greek}+", "αβ", "ab"),
        (r"(?<first-name>a|b)\k<first-name>", "aa", "ab"),
        (r"\u{1F600}", "\U0001f600", "u"),
        (r"(?U)a(?-d)b", "ab", "AB"),
        (r"(?s).", "\n", ""),
        (r"[^[\]]+", "ab", "a]"),
        (r"(?x) a b # c", "ab", "a b"),
        (r"(?P<n>a)(?P=n)", "aa", "ab"),
    ],
)
def test_words_that_the_core_does_not_know_mean_what_they_mean_elsewhere(expression, fits, unfit):
    matches = full_match(expression)

    assert matches(fits)
    assert not matches(unfit)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (r"\y", r"\\y is not known"),
        (r"\i[a]", r"\\i is not known"),
        ("(", "missing"),
        ("[", "set"),
        ("*a", "repeat"),
        (r"\p{javaLowerCase}", "property"),
        (r"(?<n>a)\k<other>", "group"),
        ("a\\", "escape"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(expression, reason):
    with pytest.raises(RegexError, match=rf"cannot be read \(.*{reason}"):
        full_match(expression)
