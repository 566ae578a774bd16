"""The engine `pact-core`: the Rust verifier of pact-python under the same command."""

import pytest
from support.factories import a_message_pact, a_pact, an_interaction

PAID = {"id": 1, "status": "paid"}
CORE = ("--engine", "pact-core")


def test_a_kept_contract_passes_and_nothing_but_the_report_is_written(
    keeping, tally_verify, pact_file, capfd
):
    keeping.on("POST", "/_states")

    ended = tally_verify(
        pact_file(a_pact(an_interaction("first"), an_interaction("second"))),
        *CORE,
        "--provider-url",
        keeping.url,
        "--state-change-url",
        "/_states",
        "--state-change-teardown",
    )

    assert ended.exit_code == 0, ended
    assert "Passed: 2 passed, 0 failed" in ended.stdout
    actions = [asked.json["action"] for asked in keeping.asked_for("POST", "/_states")]
    assert actions == ["setup", "teardown"] * 2
    assert capfd.readouterr().out == ""


def test_mismatches_have_their_kind_and_place(provider, tally_verify, pact_file):
    provider.on("GET", "/orders/1", {"id": 1, "status": "lost"}, status=201)

    ended = tally_verify(
        pact_file(a_pact(an_interaction(providerStates=[]))),
        *CORE,
        "--provider-url",
        provider.url,
        "-o",
        "json",
    )

    assert ended.exit_code == 1
    (result,) = ended.json["contracts"][0]["results"]
    places = {(mismatch["attribute"], mismatch["identifier"]) for mismatch in result["mismatches"]}
    assert places == {("status", ""), ("body", "$.status")}


def test_a_header_and_a_base_path_go_with_the_request(provider, tally_verify, pact_file):
    provider.on("GET", "/v1/orders/1", PAID)

    ended = tally_verify(
        pact_file(a_pact(an_interaction(providerStates=[]))),
        *CORE,
        "--provider-url",
        provider.url,
        "--base-path",
        "/v1",
        "-H",
        "X-Tenant: acme",
    )

    assert ended.exit_code == 0, ended
    assert {name.lower(): value for name, value in provider.asked[0].headers.items()}["x-tenant"] == "acme"


def test_a_state_that_is_refused_leaves_its_interaction_unchecked(keeping, tally_verify, pact_file):
    keeping.on("POST", "/_states", status=404)

    ended = tally_verify(
        pact_file(a_pact()), *CORE, "--provider-url", keeping.url, "--state-change-url", "/_states"
    )

    assert ended.exit_code == 2
    assert "[provider-state]" in ended.stdout


def test_a_provider_that_is_not_there_means_that_nothing_was_checked(unused_address, tally_verify, pact_file):
    ended = tally_verify(
        pact_file(a_pact(an_interaction(providerStates=[]))), *CORE, "--provider-url", unused_address
    )

    assert ended.exit_code == 2
    assert "Nothing was verified" in ended.stderr


def test_a_message_is_asked_for_by_url(provider, tally_verify, pact_file):
    provider.on("POST", "/_messages", PAID)

    ended = tally_verify(
        pact_file(a_message_pact()),
        *CORE,
        "--provider-url",
        provider.url,
        "--message-url",
        "/_messages",
    )

    assert ended.exit_code == 0, ended


def test_what_only_this_verifier_can_do_is_refused(keeping, tally_verify, pact_file):
    ended = tally_verify(
        pact_file(a_pact()), *CORE, "--provider-url", keeping.url, "--request-filter-command", "cat"
    )

    assert ended.exit_code == 2
    assert "--engine pact-core has no request filters" in ended.stderr


@pytest.fixture
def needs_plugin(pact_file):
    interaction = {
        "type": "Synchronous/HTTP",
        **an_interaction("with a plugin", providerStates=[], response={"status": 200}),
        "pluginConfiguration": {"csv": {}},
    }
    plugins = [{"name": "csv", "version": "0.0.1"}]
    metadata = {"pactSpecification": {"version": "4.0"}, "plugins": plugins}
    return pact_file(a_pact(interaction, metadata=metadata))


def test_what_needs_a_plugin_says_where_the_plugin_is_missing(
    keeping, tally_verify, needs_plugin, monkeypatch, tmp_path
):
    monkeypatch.setenv("PACT_PLUGIN_DIR", str(tmp_path))

    ended = tally_verify(needs_plugin, "--provider-url", keeping.url)

    assert ended.exit_code == 2
    assert f"it needs the plugin 'csv', which is not in {tmp_path}" in ended.stdout


def test_a_plugin_that_is_there_is_left_to_the_rust_core(
    keeping, tally_verify, needs_plugin, monkeypatch, tmp_path
):
    """It does not start here, which only somebody who tried can say."""
    folder = tmp_path / "csv-0.0.1"
    folder.mkdir()
    (folder / "pact-plugin.json").write_text("{}")
    monkeypatch.setenv("PACT_PLUGIN_DIR", str(tmp_path))

    ended = tally_verify(needs_plugin, "--provider-url", keeping.url)

    assert ended.exit_code == 2
    assert "which is not in" not in ended.stdout
    assert "[unsupported]" in ended.stdout
