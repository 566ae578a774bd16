"""How a run ends: exit code 0, 1 or 2, and what the user is told."""

import subprocess
import sys

from support.factories import a_pact, an_interaction
from support.serving import TALLY

PAID = {"id": 1, "status": "paid"}


def test_a_kept_contract_passes(keeping, tally_verify, pact_file):
    ended = tally_verify(pact_file(a_pact()), "--provider-url", keeping.url)

    assert ended.exit_code == 0
    assert "Pact between Shop and Orders" in ended.stdout
    assert "✓ a request for order 1, given an order exists (id=1)" in ended.stdout
    assert "Passed: 1 passed, 0 failed" in ended.stdout
    assert ended.stderr == ""


def test_a_run_of_a_file_loads_nothing_that_it_does_not_need(keeping, pact_file, tmp_path):
    code = (
        "import sys\nfrom tally.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "except SystemExit as ended:\n    assert ended.code == 0\nprint(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "verify", pact_file(a_pact()), "--provider-url", keeping.url]

    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)

    unneeded = {
        "asyncio",
        "ssl",
        "email",
        "importlib.metadata",
        "jsonschema_rs",
        "requests",
        "rich",
        "pact_ffi",
    }
    assert unneeded.isdisjoint(ended.stderr.split())


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

    ended = tally_verify(pact_file(pact), "--provider-url", provider.url, "--verbose")

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
    assert "did not respond within 0.2 s (--timeout)" in ended.stdout


def test_a_provider_that_hangs_up_breaks_the_contract(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", lambda _: provider.hang_up())

    ended = tally_verify(pact_file(a_pact()), "--provider-url", provider.url)

    assert ended.exit_code == 1
    assert "closed the connection without a response" in ended.stdout


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
    assert "it expects no reply to its message" in ended.stdout
    assert "1 passed, 0 failed, 2 not-checked" in ended.stdout


def test_the_address_of_the_provider_is_needed_and_checked(tally_verify, pact_file):
    missing = tally_verify(pact_file(a_pact()))
    wrong = tally_verify(pact_file(a_pact()), "--provider-url", "localhost:8080")

    assert (missing.exit_code, wrong.exit_code) == (2, 2)
    assert "--provider-url" in missing.stderr
    assert (
        "--provider-url 'localhost:8080' is not an address: write it as http://localhost:8080" in wrong.stderr
    )


def test_help_explains_itself_with_examples(tally_verify):
    ended = tally_verify("--help")

    assert ended.exit_code == 0
    assert "tally verify pacts/ --provider-url http://localhost:8080" in ended.stdout
    assert "1 when one is broken" in ended.stdout


def test_the_address_of_a_provider_may_be_wrong_in_every_way_but_shows_no_password(tally_verify, pact_file):
    for address in ("ftp://ada:secret@host", "http://[", "http://host:port", "http://"):
        ended = tally_verify(pact_file(a_pact()), "--provider-url", address)

        assert ended.exit_code == 2
        assert "is not an address" in ended.stderr
        assert "secret" not in ended.stderr


def test_standard_error_and_exit_code_are_the_same_through_the_tally_command(pact_file, unused_address):
    command = [TALLY, "verify", pact_file(a_pact()), "--provider-url", unused_address]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Error: {unused_address}/orders/1 could not be reached")
