"""How a run ends: exit code 0, 1 or 2, and what the user is told."""

import json
import subprocess

import pytest
from factories import a_pact, an_interaction
from serving import TALLY

from verifier.reporting.curl import curl_line
from verifier.reporting.wording import shortened
from verifier.results import Sent

PAID = {"id": 1, "status": "paid"}


def test_a_kept_contract_passes(keeping, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url)

    assert ended.exit_code == 0
    assert "Pact between Shop and Orders" in ended.stdout
    assert "✓ a request for order 1, given an order exists (id=1)" in ended.stdout
    assert "Passed: 1 passed, 0 failed" in ended.stdout
    assert ended.stderr == ""


def test_a_broken_contract_fails_and_says_what_where_and_how_to_reproduce_it(
    provider, tally_verify, pact_file
):
    provider.on("GET", "/orders/1", {"id": 1, "status": "lost"})

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert "✗ a request for order 1, given an order exists (id=1) [body]" in ended.stdout
    assert "body $.status" in ended.stdout
    assert 'Expected "paid" at $.status, but got "lost"' in ended.stdout
    assert f"GET {provider.url}/orders/1" in ended.stdout
    assert "200 OK" in ended.stdout
    assert f"curl -i {provider.url}/orders/1" in ended.stdout
    assert "Failed: 0 passed, 1 failed" in ended.stdout


def test_every_mismatch_of_every_interaction_is_shown(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", {"id": 2, "status": "lost"}, status=201)
    pact = a_pact(an_interaction("first"), an_interaction("second"))

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert ended.stdout.count("[status, body]") == 2
    assert ended.stdout.count("   body $.id") == 2
    assert "2) Pact between Shop and Orders" in ended.stdout


def test_xml_is_compared_by_its_elements(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", b'<order id="1"> <status>lost</status> </order>', Content_Type="text/xml")
    response = {
        "status": 200,
        "headers": {"Content-Type": "text/xml"},
        "body": '<?xml version="1.0"?><order id="1"><status>paid</status></order>',
    }

    ended = tally_verify(pact_file(a_pact(an_interaction(response=response))), "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert "body $.order.status" in ended.stdout


def test_no_colour_is_written_into_a_file(provider, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert "\x1b" not in ended.stdout


def test_credentials_are_never_shown(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", status=401, Set_Cookie="session=secret-3")
    request = {"method": "GET", "path": "/orders/1", "headers": {"Cookie": "id=secret-1"}}
    pact = pact_file(a_pact(an_interaction(request=request)))
    options = ("--provider-url", provider.url, "--header", "Authorization: Bearer secret-2")

    text, document = tally_verify(pact, *options), tally_verify(pact, *options, "--output", "json")

    assert provider.asked[0].headers["Authorization"] == "Bearer secret-2"
    assert "[redacted]" in text.stdout
    assert "secret" not in text.stdout + document.stdout


def test_a_provider_that_is_not_there_means_that_nothing_was_checked(tally_verify, pact_file, unused_address):
    pact = pact_file(a_pact(an_interaction("first"), an_interaction("second")))

    ended = tally_verify(pact, "--provider-url", unused_address)

    assert ended.exit_code == 2
    assert f"{unused_address}/orders/1 could not be reached" in ended.stderr
    assert "start the provider, or check --provider-url" in ended.stderr


def test_a_provider_that_goes_away_leaves_the_rest_unchecked(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.last(PAID))
    stateless = an_interaction("first", providerStates=[])
    pact = pact_file(a_pact(stateless, an_interaction("second"), an_interaction("third")))

    ended = tally_verify(
        pact, "--provider-url", provider.url, "--state-change-url", f"{provider.url}/_states"
    )

    assert ended.exit_code == 2
    assert "1 passed, 0 failed, 2 not-checked" in ended.stdout
    assert "Not all could be checked" in ended.stdout


def test_a_provider_that_answers_too_late_breaks_the_contract(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.late(0.6))

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url, "--timeout", "0.2")

    assert ended.exit_code == 1
    assert "gave no answer in 0.2 s (--timeout)" in ended.stdout


def test_a_provider_that_hangs_up_breaks_the_contract(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.hang_up())

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert "closed the connection without an answer" in ended.stdout


def test_a_pending_interaction_may_fail(provider, tally_verify, pact_file):
    interaction = {
        **an_interaction(),
        "type": "Synchronous/HTTP",
        "pending": True,
        "response": {"status": 200},
    }
    pact = a_pact(interaction, metadata={"pactSpecification": {"version": "4.0"}})

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url)

    assert ended.exit_code == 0
    assert "0 passed, 0 failed, 1 pending" in ended.stdout
    assert "Pending failures do not fail this run" in ended.stdout


def test_what_needs_a_plugin_is_reported_as_not_checked(keeping, tally_verify, pact_file):
    interactions = [
        {"type": "Synchronous/HTTP", **an_interaction("plain", response={"status": 200})},
        {
            "type": "Synchronous/HTTP",
            **an_interaction("with a plugin", response={"status": 200}),
            "pluginConfiguration": {"protobuf": {}},
        },
        {"type": "Synchronous/Messages", "description": "a reply", "request": {}, "response": []},
    ]
    metadata = {"pactSpecification": {"version": "4.0"}, "plugins": [{"name": "protobuf", "version": "1"}]}

    ended = tally_verify(pact_file(a_pact(*interactions, metadata=metadata)), "--provider-url", keeping.url)

    assert ended.exit_code == 2
    assert "it needs the plugin 'protobuf'" in ended.stdout
    assert "it is a synchronous message" in ended.stdout
    assert "1 passed, 0 failed, 2 not-checked" in ended.stdout


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
            "No contract is of Other (--filter-consumer): the consumers are Shop.",
        ),
        (("--provider", "Invoices"), "is a pact for the provider 'Orders', not for 'Invoices'"),
        (("--filter-state", "("), "--filter-state '(' is no regular expression"),
        (("--header", "no colon"), "--header is not a header"),
        (("--header", "X: a\nY: b"), "--header is not a header"),
        (("--state-change-url", "localhost/_states"), "--state-change-url 'localhost/_states' is no address"),
        (("--publish",), "--publish needs --broker-base-url"),
        (("--consumer-version-selectors", "{}"), "choose pacts of a broker"),
        (("--consumer-version-selectors", "{"), "is not JSON"),
        (("--consumer-version-selectors", "1"), "is no JSON object"),
        (("--include-wip-pacts-since", "soon"), "--include-wip-pacts-since 'soon' is no date"),
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

    assert "contracts of several providers: Invoices, Orders. Say which with --provider" in none.stderr
    assert "no pact here is for the provider 'Carts'; they are for Invoices, Orders" in other.stderr
    assert (none.exit_code, other.exit_code) == (2, 2)


def test_nothing_to_verify_is_an_error(provider, tally_verify):
    ended = tally_verify("--provider-url", provider.url)

    assert ended.exit_code == 2
    assert "There is nothing to verify" in ended.stderr


def test_the_address_of_the_provider_is_needed_and_checked(tally_verify, pact_file):
    missing = tally_verify(pact_file(a_pact()))
    wrong = tally_verify(pact_file(a_pact()), "--provider-url", "localhost:8080")

    assert (missing.exit_code, wrong.exit_code) == (2, 2)
    assert "--provider-url" in missing.stderr
    assert "--provider-url 'localhost:8080' is no address: write it as http://localhost:8080" in wrong.stderr


def test_help_explains_itself_with_examples(tally_verify):
    ended = tally_verify("--help")

    assert ended.exit_code == 0
    assert "tally verify pacts/ --provider-url http://localhost:8080" in ended.stdout
    assert "1 when one is broken" in ended.stdout


def test_a_long_text_is_cut_and_says_so():
    assert shortened("12345", 5) == "12345"
    assert shortened("1234567", 5) == "12345… (2 more characters)"


def test_a_binary_answer_is_reported_by_its_length_and_kept_in_json(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", b"\x89PNG\xff", Content_Type="image/png")
    pact = pact_file(a_pact())

    text = tally_verify(pact, "--provider-url", provider.url)
    document = tally_verify(pact, "--provider-url", provider.url, "--output", "json")

    assert "(5 bytes that are not text)" in text.stdout
    assert document.json["contracts"][0]["results"][0]["response"]["bodyBase64"] == "iVBOR/8="


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (Sent("GET", "http://p/a"), "curl -i http://p/a"),
        (Sent("HEAD", "http://p/a"), "curl -i --head http://p/a"),
        (Sent("DELETE", "http://p/a"), "curl -i -X DELETE http://p/a"),
        (
            Sent("PUT", "http://p/a?b=c&d", (("X-A", "it's"),), b'{"a": 1}'),
            """curl -i -X PUT 'http://p/a?b=c&d' -H 'X-A: it'"'"'s' --data-raw '{"a": 1}'""",
        ),
        (Sent("PUT", "http://p/a", (), b"\xff"), "curl -i -X PUT http://p/a --data-binary @the-binary-body"),
    ],
)
def test_a_request_can_be_reproduced_in_a_shell(sent, line):
    assert curl_line(sent) == line


def test_the_address_of_a_provider_may_be_wrong_in_every_way_but_shows_no_password(tally_verify, pact_file):
    for address in ("ftp://ada:secret@host", "http://[", "http://host:port", "http://"):
        ended = tally_verify(pact_file(a_pact()), "--provider-url", address)

        assert ended.exit_code == 2
        assert "is no address" in ended.stderr
        assert "secret" not in ended.stderr


def test_standard_error_and_exit_code_are_the_same_through_the_tally_command(pact_file, unused_address):
    command = [TALLY, "verify", pact_file(a_pact()), "--provider-url", unused_address]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Error: {unused_address}/orders/1 could not be reached")
