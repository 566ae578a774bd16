"""What is said of a gate agrees with how it was judged, however near to the threshold a value is."""

import pytest

from broker.domain.insights.counts import Counts
from broker.domain.insights.gates import (
    Facts,
    GateDescription,
    GateState,
    Judgement,
    Metric,
    explained,
    judge,
    shown,
)

NEAR = [
    ("success_rate", 95, 94.96, "Success rate is 94.96 % over 30 days, and must be at least 95 %"),
    ("success_rate", 94.98, 94.96, "Success rate is 94.96 % over 30 days, and must be at least 94.98 %"),
    ("success_rate", 99.95, 90.0, "Success rate is 90 % over 30 days, and must be at least 99.95 %"),
    (
        "flaky_share",
        1,
        1.0004,
        "Share of flaky interactions is 1.0004 % over 30 days, and must be at most 1 %",
    ),
    ("p95", 2000, 2004.0, "P95 of a verification is 2.004 s over 30 days, and must be at most 2 s"),
    ("p95", 900.4, 900.44, "P95 of a verification is 900.44 ms over 30 days, and must be at most 900.4 ms"),
    ("p95", 86_400_000, 9e7, "P95 of a verification is 90000 s over 30 days, and must be at most 86400 s"),
    ("result_age", 30, 30.0007, "Age of the newest result is 30.001 days, and must be at most 30 days"),
]


@pytest.mark.parametrize(("metric", "threshold", "value", "said"), NEAR)
def test_a_value_that_is_just_wrong_is_not_said_to_be_the_limit(metric, threshold, value, said):
    what = GateDescription(Metric(metric), threshold)

    assert explained(what, Judgement(GateState.FAILED, value)) == said


def test_a_value_that_is_the_limit_keeps_the_gate_and_is_said_to_be_it():
    for passed, threshold in ((19, 95), (999, 99.9), (1, 100 / 3)):
        of = {19: 20, 999: 1000, 1: 3}[passed]
        what = GateDescription(Metric.SUCCESS_RATE, threshold)

        judgement = judge(what, Facts({30: Counts(passed, of - passed)}))

        assert judgement.state is GateState.PASSED
        assert float(shown(what.metric, judgement.value, threshold).removesuffix(" %")) == threshold


def test_a_value_without_a_limit_is_short():
    found = [shown(Metric.P95, value) for value in (0.5, 9.876, 98.76, 999.6, 1234.5, 1_234_567)]

    assert found == ["0.5 ms", "9.88 ms", "98.8 ms", "1000 ms", "1.23 s", "1235 s"]
    assert [shown(Metric.RESULT_AGE, value) for value in (1, 2.0, 45.67)] == ["1 day", "2 days", "45.7 days"]
