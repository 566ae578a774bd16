"""Options that select contracts and interactions, and options that limit a run."""

import click

from tally.option_values import Number, WholeNumber

CONTRACTS = (
    click.option(
        "--service-contract", "service_contracts", multiple=True, metavar="FILE",
        help="A service contract of the provider (OpenAPI or JSON); may be repeated.",
    ),
    click.option(
        "--service-contract-from-broker", "service_contract_version", metavar="VERSION",
        help="Fetch the service contract of this version of the provider from the broker.",
    ),
    click.option(
        "--consumer-version-selectors", "selectors", multiple=True, metavar="JSON",
        help='Which pacts the broker selects, such as \'{"mainBranch": true}\'; may be repeated.',
    ),
    click.option(
        "--consumer-version-tags", "consumer_tags", multiple=True, metavar="TAGS",
        help="Choose the latest pacts with these tags (comma-separated).",
    ),
    click.option(
        "--enable-pending", is_flag=True, envvar="PACT_ENABLE_PENDING",
        help="Pacts that this provider has never kept may fail without failing the run.",
    ),
    click.option(
        "--include-wip-pacts-since", "wip_since", metavar="DATE",
        help="Also verify work in progress since this date (2026-01-31), without failing the run.",
    ),
    click.option(
        "--ignore-no-pacts-error", is_flag=True, help="A run without any pact to verify passes.",
    ),
    click.option(
        "--filter-description", envvar="PACT_DESCRIPTION", metavar="REGEX",
        help="Only interactions whose description matches.",
    ),
    click.option(
        "--filter-state", envvar="PACT_PROVIDER_STATE", metavar="REGEX",
        help="Only interactions with a provider state that matches.",
    ),
    click.option(
        "--filter-no-state", is_flag=True, envvar="PACT_PROVIDER_NO_STATE",
        help="Only interactions without provider states.",
    ),
    click.option(
        "-c", "--filter-consumer", "consumers", multiple=True, metavar="NAME",
        help="Only contracts of this consumer; may be repeated.",
    ),
    click.option(
        "--filter-tag", "tags", multiple=True, metavar="TAG",
        help="Only interactions with this tag in their comments; may be repeated.",
    ),
    click.option(
        "--last-failed", is_flag=True,
        help="Only interactions that did not pass in the last run in this folder.",
    ),
)  # fmt: skip
"""Options that select contracts and interactions."""

RUN_LIMITS = (
    click.option(
        "--fail-fast", "--exit-on-first-error", "fail_fast", is_flag=True,
        help="End the run with the first interaction that fails.",
    ),
    click.option(
        "--repeat", type=WholeNumber(min=1), default=1, metavar="TIMES",
        help="Replay every interaction this often; if it passes only sometimes, it is flaky and fails.",
    ),
    click.option(
        "--max-p95", type=Number(min=0), metavar="MS",
        help="Fail when more than 5 % of the responses take longer than this (milliseconds).",
    ),
    click.option(
        "--max-error-rate", type=Number(min=0, max=100), metavar="PERCENT",
        help="Fail when a larger part of the requests gets no response, or a status of 500 and above.",
    ),
)  # fmt: skip
"""Options that end a run early, repeat it, or set its budgets."""
