"""Two interfaces: what one calls, the other offers."""

import time

import pytest
from support.shop_interfaces import Orders, Payments, PaymentsThatCallBack, Shop, StrictPayments

from tally.errors import InvalidContractError
from tally.interfaces.reports import Severity
from tally.service_contract import assert_pair, contract_of, depends_on, verify_pair


def codes(report, severity=Severity.ERROR):
    return [each.code for each in report.findings if each.severity is severity]


def calling(*needs, **options):
    """An interface that calls other services."""

    def place(self, amount: int) -> int: ...

    return depends_on(*needs, **options)(type("Caller", (), {"place": place}))


def test_what_one_calls_the_other_offers():
    report = verify_pair(Orders, Payments)

    assert (report.passed, report.findings, report.checked) == (True, (), ("pay",))


def test_both_directions_are_checked():
    report = verify_pair(PaymentsThatCallBack, Orders)

    assert report.findings == ()
    assert sorted(report.checked) == ["pay", "place"]


def test_interfaces_may_need_each_other():
    class Billing:
        def bill(self, amount: int) -> int: ...

    class Stock:
        def take(self, amount: str) -> int: ...

    depends_on(Stock)(Billing)
    depends_on(Billing)(Stock)

    report = verify_pair(Billing, Stock)

    assert (report.findings, sorted(report.checked)) == ((), ["bill", "take"])


def test_arguments_and_results_that_do_not_fit_are_found():
    report = verify_pair(Orders, StrictPayments)

    assert codes(report) == ["argument-refused", "result-unexpected"]
    assert codes(report, Severity.WARNING) == ["error-unknown"]
    with pytest.raises(AssertionError, match="Orders may call pay with what Payments does not take"):
        assert_pair(Orders, StrictPayments)


def test_an_operation_that_is_not_offered_is_found_with_one_that_is_like_it():
    report = verify_pair(calling("Payments", "pays"), Payments)

    assert codes(report) == ["operation-missing"]
    assert "Caller calls pays, but Payments offers no pays; did you mean 'pay'?" in str(report)


def test_what_is_not_required_is_a_warning():
    assert verify_pair(calling("Payments", "refund", required=False), Payments).passed


@pytest.mark.parametrize(
    ("version", "errors", "warnings"),
    [("1.4.0", [], []), ("2.0.0", ["version"], []), (None, [], ["version-unknown"])],
)
def test_versions_are_in_the_range(version, errors, warnings):
    caller = calling("Payments", "pay", versions=">=1.4 <2")

    report = verify_pair(caller, contract_of(Payments, version=version))

    assert (codes(report), codes(report, Severity.WARNING)) == (errors, warnings)


def test_an_odd_range_is_refused():
    with pytest.raises(InvalidContractError, match="no range of versions"):
        contract_of(calling("Payments", "pay", versions="new"))


def test_a_pair_that_declares_nothing_is_an_error():
    report = verify_pair(Shop, Payments)

    assert codes(report) == ["nothing-declared"]
    assert "neither of Shop and Payments declares that it calls the other" in str(report)
    other = verify_pair(calling("Mail", "send"), Payments)
    assert "declared are dependencies on Mail" in str(other)


def test_a_dependency_that_names_no_operation_is_told():
    assert codes(verify_pair(calling("Payments"), Payments), Severity.WARNING) == ["nothing-named"]


def test_a_pair_is_checked_in_half_a_second():
    began = time.process_time()

    verify_pair(Orders, Payments)

    assert time.process_time() - began < 0.5
