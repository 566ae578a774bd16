"""How verdicts are drawn, and the same in words."""

import pytest

from broker.domain.overview.summaries import PactStatus
from broker.web.pages.verdicts import LOOKS, shares, strip


def test_every_verdict_has_a_look():
    assert set(LOOKS) == {status.name for status in PactStatus}
    assert LOOKS["PENDING"].word == "failed (pending)"


def test_a_strip_has_one_path_for_each_kind_and_what_failed_is_taller():
    drawn = strip(["VERIFIED", "VERIFIED", PactStatus.FAILED])

    assert drawn.paths == [("verified", "M0 7h6v11h-6zM8 7h6v11h-6z"), ("failed", "M16 0h6v18h-6z")]
    assert drawn.width == 22
    assert drawn.label == "3 results, the newest last: 2 verified, 1 failed"


def test_no_results_are_no_strip():
    assert strip([]).paths == []


def test_shares_are_the_worst_first_and_fill_the_bar():
    drawn = shares({"VERIFIED": 3, "FAILED": 1, "NEVER": 0})

    assert [kind for kind, _, _ in drawn.parts] == ["failed", "verified"]
    _, begin, width = drawn.parts[-1]
    assert begin + width == pytest.approx(1000, abs=1)
    assert drawn.label == "1 failed, 3 verified"


def test_one_of_ten_thousand_can_be_seen():
    drawn = shares({"VERIFIED": 10_000, "FAILED": 1})

    assert drawn.parts[0][2] >= 5


def test_nothing_has_no_shares():
    assert shares({}).parts == []
