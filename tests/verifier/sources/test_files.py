"""Which contracts and interactions are verified, and what is refused before anything is sent."""

import json

import pytest
from support.factories import a_message_pact, a_pact, an_interaction


def test_a_folder_is_all_its_pacts(keeping, tally_verify, pact_file):
    pact_file(a_pact(consumer="App"), "a.json")
    folder = pact_file(a_pact(consumer="Shop"), "b.json").parent

    ended = tally_verify(folder, "--provider-url", keeping.url)

    assert ended.exit_code == 0
    assert "Pact between App and Orders" in ended.stdout
    assert "Pact between Shop and Orders" in ended.stdout


def test_only_the_pacts_for_the_provider_are_taken_from_a_folder(keeping, tally_verify, pact_file):
    pact_file(a_pact(provider="Invoices"), "a.json")
    folder = pact_file(a_pact(), "b.json").parent

    ended = tally_verify("--dir", folder, "--provider-url", keeping.url, "--provider", "Orders")

    assert ended.exit_code == 0
    assert "Invoices" not in ended.stdout


def test_a_pact_at_a_url_is_verified(keeping, tally_verify):
    keeping.on("GET", "/pact.json", a_pact())

    ended = tally_verify("--url", f"{keeping.url}/pact.json", "--provider-url", keeping.url)

    assert ended.exit_code == 0, ended


@pytest.mark.parametrize(
    ("options", "described"),
    [
        (("--filter-description", "^first"), ["first, given an order exists (id=1)"]),
        (("--filter-state", "ORDER|order"), ["first, given an order exists (id=1)"]),
        (("--filter-no-state",), ["second"]),
        (("--filter-state", "order", "--filter-no-state"), ["first, given an order exists (id=1)", "second"]),
        (("--filter-consumer", "Shop", "--filter-description", "second"), ["second"]),
    ],
)
def test_filters_choose_interactions(keeping, tally_verify, pact_file, options, described):
    pact = a_pact(an_interaction("first"), an_interaction("second", providerStates=[]))

    ended = tally_verify(pact_file(pact), "--provider-url", keeping.url, *options)

    lines = [line.strip() for line in ended.stdout.splitlines() if "✓" in line]
    assert [line[2:].rpartition(" (")[0] for line in lines] == described


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--filter-description", "no such"), "The filters match none of the 1 interactions: 'a request for"),
        (
            ("--filter-consumer", "Other"),
            "There is no contract of Other (--filter-consumer): the consumers are Shop.",
        ),
        (("--provider", "Invoices"), "is a pact for the provider 'Orders', not for 'Invoices'"),
        (("--filter-state", "("), "--filter-state '(' is not a regular expression"),
        (("--header", "no colon"), "--header is not a header"),
        (("--header", "X: a\nY: b"), "--header is not a header"),
        (
            ("--state-change-url", "localhost/_states"),
            "--state-change-url 'localhost/_states' is not an address",
        ),
        (("--publish",), "--publish needs --broker-base-url"),
        (("--consumer-version-selectors", "{}"), "choose pacts of a broker"),
        (("--consumer-version-selectors", "{"), "is not JSON"),
        (("--consumer-version-selectors", "1"), "is not a JSON object"),
        (("--include-wip-pacts-since", "soon"), "--include-wip-pacts-since 'soon' is not a date"),
        (("--service-contract-from-broker", "1"), "--service-contract-from-broker needs --broker-base-url"),
        (("--timeout", "0"), "--timeout"),
        (("--colour",), "No such option"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(keeping, tally_verify, pact_file, options, said):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url, *options)

    assert ended.exit_code == 2
    assert said in ended.stderr
    assert keeping.asked == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not valid JSON"),
        ("[]", "expected an object"),
        ('{"name": "package"}', "expected a list of interactions"),
        (json.dumps(a_pact(interactions=[])), "is empty"),
        (json.dumps(a_pact(interactions=[{"request": {}}])), "interactions[0]"),
    ],
)
def test_a_file_that_is_no_pact_or_an_empty_one_is_refused(provider, tally_verify, pact_file, content, said):
    path = pact_file(content)

    ended = tally_verify(path, "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert said in ended.stderr
    assert str(path) in ended.stderr


def test_a_file_that_is_not_there_is_named(provider, tally_verify, tmp_path):
    missing = tally_verify(tmp_path / "no.json", "--provider-url", provider.url)
    (tmp_path / "folder").mkdir()
    empty = tally_verify(tmp_path / "folder", "--provider-url", provider.url)

    assert (missing.exit_code, empty.exit_code) == (2, 2)
    assert "no.json: there is no such file or folder" in missing.stderr
    assert "there is no pact (*.json) in this folder" in empty.stderr


def test_a_folder_with_pacts_for_several_providers_needs_a_provider(provider, tally_verify, pact_file):
    pact_file(a_pact(provider="Invoices"), "a.json")
    folder = pact_file(a_pact(), "b.json").parent

    none = tally_verify(folder, "--provider-url", provider.url)
    other = tally_verify(folder, "--provider-url", provider.url, "--provider", "Carts")

    assert "contracts of several providers: Invoices, Orders. Choose one with --provider" in none.stderr
    assert "no pact here is for the provider 'Carts'; they are for Invoices, Orders" in other.stderr
    assert (none.exit_code, other.exit_code) == (2, 2)


def test_nothing_to_verify_is_an_error(provider, tally_verify):
    ended = tally_verify("--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "There is nothing to verify" in ended.stderr


def test_a_pact_that_cannot_be_read_does_not_stop_the_others(keeping, tally_verify, pact_file):
    pact_file("{", "a.json")
    pact_file(a_pact(an_interaction(response={"stauts": 200})), "b.json")
    folder = pact_file(a_pact(), "c.json").parent

    ended = tally_verify(folder, "--provider-url", keeping.url, "--output", "json")

    assert ended.exit_code == 2
    assert ended.json["summary"]["passed"] == 1
    first, second = ended.json["problems"]
    assert f"{folder / 'a.json'}: is not valid JSON" in first
    assert f"{folder / 'b.json'}: interactions[0].response.stauts: is not known here" in second


def test_when_no_pact_can_be_read_each_is_named(provider, tally_verify, pact_file):
    one, other = pact_file("{", "a.json"), pact_file("[", "b.json")

    ended = tally_verify(one, other, "--provider-url", provider.url)

    assert ended.exit_code == 2
    assert f"{one}: is not valid JSON" in ended.stderr
    assert f"{other}: is not valid JSON" in ended.stderr


def test_nothing_that_is_unfit_keeps_the_others_from_being_verified(
    keeping, tally_verify, pact_file, unused_address, tmp_path
):
    keeping.on("GET", "/page", b"<html>", Content_Type="text/html")
    unfit = {
        pact_file(a_pact(interactions=[]), "empty.json"): "is empty: it has no interaction",
        pact_file({**a_message_pact(), "messages": []}, "none.json"): "is empty: it has no interaction",
        pact_file('{"interactions": [', "cut.json"): "is not valid JSON",
        pact_file("[]", "list.json"): "expected an object",
        tmp_path / "missing.json": "there is no such file or folder",
        f"{keeping.url}/page": "is not valid JSON",
        f"{keeping.url}/nowhere": "404",
        f"{unused_address}/pact.json": "the host does not respond",
    }
    service, no_service = pact_file("openapi: [", "service.yaml"), tmp_path / "none.yaml"
    options = ("--service-contract", service, "--service-contract", no_service)
    fit = pact_file(a_pact(), "fit.json")

    ended = tally_verify(*unfit, fit, *options, "--provider-url", keeping.url, "--output", "json")

    assert ended.exit_code == 2
    assert ended.json["summary"]["passed"] == 1
    problems = ended.json["problems"]
    assert len(problems) == len(unfit) + 2
    said = {**unfit, service: "not YAML", no_service: "there is no such file"}
    for source, text in said.items():
        assert [problem for problem in problems if str(source) in problem and text in problem], source


def test_a_broken_contract_weighs_more_than_an_empty_one(provider, tally_verify, pact_file):
    empty = pact_file(a_pact(interactions=[]), "a.json")

    ended = tally_verify(empty, pact_file(a_pact(), "b.json"), "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert f"Problem: {empty}: Pact between Shop and Orders is empty" in ended.stdout


def test_an_empty_pact_of_a_consumer_that_was_not_asked_for_does_not_matter(keeping, tally_verify, pact_file):
    pact_file(a_pact(interactions=[], consumer="Other"), "a.json")
    folder = pact_file(a_pact(), "b.json").parent

    ended = tally_verify(folder, "--filter-consumer", "Shop", "--provider-url", keeping.url)

    assert ended.exit_code == 0, ended
