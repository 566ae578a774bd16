"""Names that a reader takes for the same, and names that nobody can have."""

import pytest

from broker.domain.accounts.account_names import broken_name_rule, free_name, is_same_name, name_key


@pytest.mark.parametrize(
    "alike",
    [
        "ALICE",
        "\uff41lice",  # wide
        "\u0430lice",  # Cyrillic
        "al\u0456ce",  # Cyrillic
        "a1ice",
        "aIice",
        "\u03b1lice",  # Greek
    ],
)
def test_look_alikes_have_one_key(alike):
    assert name_key(alike) == name_key("alice")


@pytest.mark.parametrize(
    ("one", "other"), [("alice", "alicia"), ("Ian", "lan"), ("josé", "jose"), ("mail", "mall")]
)
def test_names_that_differ_to_a_reader_have_two(one, other):
    assert name_key(one) != name_key(other)


def test_only_case_makes_no_other_name():
    assert is_same_name("Alice", "aLICE")
    assert not is_same_name("alice", "a1ice")


@pytest.mark.parametrize("name", ["ann", "ann.lee+ci@example.org", "Ann Lee", "李雷", "a_b-c", "7"])
def test_usual_names_are_good(name):
    assert broken_name_rule(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a\tb",
        "a\u202eb",
        "a\u00a0b",
        "a  b",
        "a ",
        "a:b",
        "a/b",
        "a%b",
        "-",
        "ME",
        "broker",
        "a" * 65,
        "\ud800a",
    ],
)
def test_odd_names_are_refused(name):
    assert broken_name_rule(name)


def test_a_name_that_is_taken_gets_a_number():
    taken = {name_key("ann"), name_key("ann-2")}

    assert free_name("ann", taken.__contains__) == "ann-3"
