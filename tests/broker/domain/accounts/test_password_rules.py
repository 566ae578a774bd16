"""Which passwords people can choose."""

import pytest

from broker.domain.accounts.password_rules import broken_password_rule


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "hammer-Elch-7-Teich",
        "welcome to the pub",
        "Grüße aus Köln",
        "密码是很长的一句话没有人知道",
        "x" * 4 + "y7Qm-" * 50,
    ],
)
def test_a_long_password_that_nobody_guesses_is_accepted(password):
    assert broken_password_rule(password, "anna") is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "12 characters at least (it has 0)"),
        ("ab3$ab3$ab3", "12 characters at least (it has 11)"),
        ("aB3$" * 65, "longer than 256"),
        ("correct\nhorse battery", "control character"),
        ("correct \ud800 battery", "control character"),
        ("aaaaaaaaaaaaaaa", "too few different"),
        ("abababababab", "too few different"),
        ("123456789012", "a row of them"),
        ("abcdefghijklm", "a row of them"),
        ("password1234", "common"),
        ("P@ssw0rd2026!", "common"),
        ("passwordpassword", "common"),
        ("1q2w3e4r5t6y", "common"),
        ("sunshine-monkey1", "common"),
        ("Tallystick2026", "common"),
        ("１２３４５６７８９０１２", "a row of them"),  # noqa: RUF001 - that they look alike is the point
        ("Anna.Schmidt99", "name of the account"),
    ],
)
def test_a_password_that_is_guessed_soon_is_refused_with_the_reason(password, why):
    assert why in broken_password_rule(password, "anna.schmidt")
