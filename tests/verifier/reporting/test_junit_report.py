"""The JUnit report, held to the schema that CI systems read."""

import json
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from support.contract_documents import a_native, a_native_operation
from support.factories import a_pact, an_interaction

from verifier.reporting.junit_report import junit_xml
from verifier.results.result import BudgetResult, Report

# What GitHub's, GitLab's and Azure's readers and the Jenkins XSD have in common:
# for each element its attributes (those with "!" must be there) and the elements that may be in it.
SCHEMA = {
    "testsuites": ("name time! tests! failures! errors! skipped!", {"testsuite"}),
    "testsuite": (
        "name! tests! failures! errors! skipped! time! timestamp",
        {"properties", "testcase"},
    ),
    "properties": ("", {"property"}),
    "property": ("name! value!", set()),
    "testcase": ("name! classname! time! file", {"failure", "error", "skipped", "system-out"}),
    "failure": ("message! type!", set()),
    "error": ("message! type!", set()),
    "skipped": ("message!", set()),
    "system-out": ("", set()),
}
NUMBERS = {"tests", "failures", "errors", "skipped"}


def check(element):
    """Assert that *element* and everything in it is as the schema says."""
    attributes, children = SCHEMA[element.tag]
    known = {name.rstrip("!") for name in attributes.split()}
    assert {name[:-1] for name in attributes.split() if name.endswith("!")} <= set(element.attrib) <= known
    for name, value in element.attrib.items():
        if name in NUMBERS:
            assert int(value) >= 0
        if name == "time":
            assert float(value) >= 0
        if name == "timestamp":
            datetime.fromisoformat(value)
    for child in element:
        assert child.tag in children
        check(child)


@pytest.fixture
def junit(tally_verify, pact_file, tmp_path, provider):
    """Verify a pact of these interactions, and return the exit code and the report."""

    def call(*interactions, options=(), **changes):
        file = tmp_path / "reports" / "junit.xml"
        pact = pact_file(a_pact(*interactions, **changes))
        ended = tally_verify(pact, "--provider-url", provider.url, "--junit", file, *options)
        root = ET.fromstring(file.read_bytes())  # noqa: S314 - our own report
        check(root)
        return ended.exit_code, root

    return call


def an_http_interaction(description, path, **changes):
    request, response = {"method": "GET", "path": path}, {"status": 200}
    return an_interaction(description, type="Synchronous/HTTP", request=request, response=response, **changes)


def test_what_passed_fails_could_not_be_asked_or_is_pending_is_told_apart(provider, junit):
    provider.on("GET", "/orders/1", {"id": 1, "status": "paid"})
    provider.on("GET", "/orders/2", status=404)
    provider.on("GET", "/orders/3", lambda _: provider.hang_up())

    exit_code, root = junit(
        an_http_interaction("kept", "/orders/1"),
        an_http_interaction("broken", "/orders/2"),
        an_http_interaction("silent", "/orders/3"),
        an_http_interaction("new", "/orders/2", pending=True),
        metadata={"pactSpecification": {"version": "4.0"}},
    )

    assert exit_code == 1
    assert {name: root.get(name) for name in NUMBERS} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    kept, broken, silent, new = root.iter("testcase")
    assert [child.tag for child in kept] == ["system-out"]
    assert broken.find("failure").get("type") == "mismatch"
    assert "Expected 200 as the status" in broken.find("failure").get("message")
    assert silent.find("error").get("type") == "no-answer"
    assert new.find("skipped").get("message").startswith("pending: ")


def test_a_suite_says_whose_contract_it_is_and_a_case_how_long_it_took(provider, junit):
    provider.on("GET", "/orders/1", lambda _: provider.late(0.02))

    _, root = junit()

    suite = root.find("testsuite")
    properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert (properties["consumer"], properties["provider"]) == ("Shop", "Orders")
    assert suite.get("name") == "Pact between Shop and Orders"
    case = suite.find("testcase")
    assert case.get("classname") == "Orders.Shop"
    assert 0.02 <= float(case.get("time")) < 5
    assert float(suite.get("time")) == pytest.approx(float(case.get("time")))
    assert f"curl -i {provider.url}/orders/1" in case.find("system-out").text


def test_what_xml_cannot_hold_is_replaced(provider, junit):
    provider.on("GET", "/orders/1", "\x00\ud800 & <b>".encode(errors="replace"), Content_Type="text/plain")

    _, root = junit(an_interaction("a \x1b \ufffe & <b>", providerStates=[]))

    assert root.find(".//testcase").get("name") == "a \ufffd \ufffd & <b>"


@pytest.mark.usefixtures("keeping")
def test_a_budget_is_a_test_case_of_its_own(junit):
    exit_code, root = junit(options=["--max-p95", "0", "--max-error-rate", "5"])

    contract, besides = root.iter("testsuite")
    assert exit_code == 1
    assert (contract.get("failures"), besides.get("failures")) == ("0", "1")
    assert besides.find("testcase/failure").get("type") == "budget"
    assert len(besides.findall("testcase")) == 2


def test_a_run_that_could_not_be_leaves_a_report_that_fails(tally_verify, tmp_path):
    file = tmp_path / "junit.xml"
    file.write_text("<from-yesterday/>")

    ended = tally_verify("no-such-file.json", "--provider-url", "http://localhost:1", "--junit", file)

    root = ET.fromstring(file.read_bytes())  # noqa: S314 - our own report
    check(root)
    assert ended.exit_code == 2
    assert (root.get("tests"), root.get("errors")) == ("1", "1")
    assert "there is no such file" in root.find(".//error").text


def test_problems_and_budgets_without_a_measurement_are_errors():
    budget = BudgetResult("--max-p95", "95th percentile", 500, None, "ms")
    report = Report(contracts=(), budgets=(budget,), problems=("Not published",))

    root = ET.fromstring(junit_xml(report))  # noqa: S314 - our own report

    check(root)
    assert (root.get("tests"), root.get("errors")) == ("2", "2")
    assert root.find(".//error[@type='problem']").text == "Not published"


def test_the_suite_of_a_service_contract_has_no_consumer(provider, tally_verify, tmp_path):
    file, contract = tmp_path / "junit.xml", tmp_path / "contract.json"
    contract.write_text(json.dumps(a_native(a_native_operation())))

    tally_verify("--service-contract", contract, "--provider-url", provider.url, "--junit", file)

    root = ET.fromstring(file.read_bytes())  # noqa: S314 - our own report
    check(root)
    assert "consumer" not in {each.get("name") for each in root.iter("property")}
