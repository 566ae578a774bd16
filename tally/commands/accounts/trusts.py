"""`tally trusts`: which pipelines get a token for the id token of their provider, without a stored secret."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from tally.broker_client import BrokerClient
from tally.commands import answers
from tally.commands import output as printing
from tally.commands.accounts import following
from tally.commands.options import FORMATS, broker_options, output_option
from tally.errors import UsageError
from tally.option_values import WholeNumber

TESTED = ("UUID", "ACCOUNT", "FITS", "CHECK", "EXPECTED", "FOUND")
RELATION = "tally:trusts"
HEADINGS = ("ACCOUNT", "KIND", "REPOSITORY", "WORKFLOW", "CONDITIONS", "SCOPES", "UUID")
KINDS = ("github", "gitlab", "other")
SCOPES = (
    "read",
    "publish",
    "verify",
    "deploy",
    "override",
    "delete",
    "delete-pacticipant",
    "webhooks",
    "manage-team",
    "administer",
    "accounts",
)
LARGEST_ID_TOKEN = 65_536
_REPOSITORY = {"github": "repository_id", "gitlab": "project_id", "other": "sub"}


@click.group()
def trusts() -> None:
    """Trust pipelines: they get a token for the id token of their provider, without a stored secret.

    \b
    Examples:
      tally trusts add --account payments-ci --kind gitlab --project-id 20
      tally trusts test "$TALLY_ID_TOKEN"
    """


@trusts.command("list")
@click.option("--team", metavar="NAME", help="Only those of this team.")
@output_option()
@broker_options
def list_trusts(*, broker: BrokerClient, team: str | None, output: str) -> None:
    """List the trusts that you may change.

    \b
    Example:
      tally trusts list --team payments
    """
    listed = broker.get(following.link(broker, RELATION).expand(), params=[("team", team)] if team else [])
    rows = [_row(trust) for trust in listed.embedded("trusts")]
    nothing = "There are no trusts yet: tally trusts add"
    answers.listing(listed.state, output, rows, headings=HEADINGS, nothing=nothing)


@trusts.command()
@click.option("--account", metavar="NAME", required=True, help="The service account whose tokens they get.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="Whose id tokens they are.")
@click.option("--issuer", metavar="URL", help="The provider, where it is not github.com or gitlab.com.")
@click.option("--audience", metavar="TEXT", help="Whom id tokens must be for, if not the broker's address.")
@click.option("--repository-id", metavar="ID", help="GitHub: the number of the repository.")
@click.option("--repository-owner-id", metavar="ID", help="GitHub: the number of its owner.")
@click.option("--project-id", metavar="ID", help="GitLab: the number of the project.")
@click.option("--workflow", metavar="FILE", help="The file of the pipeline: ci.yml, or .gitlab-ci.yml.")
@click.option("--environment", metavar="NAME", help="The environment that the job must name.")
@click.option("--protected-ref", is_flag=True, help="The branch or tag must be protected.")
@click.option("--ref", "refs", metavar="REF", multiple=True, help="Such as refs/heads/main, refs/tags/v*.")
@click.option("--claim", "claims", metavar="NAME=VALUE", multiple=True, help="Another claim that is exact.")
@click.option(
    "--scope",
    "scopes",
    metavar="SCOPE",
    multiple=True,
    type=click.Choice(SCOPES),
    help=f"What the tokens may do: {', '.join(SCOPES)}. By default publish and verify.",
)
@click.option("--minutes", metavar="N", type=WholeNumber(1, 15), help="How long they live: 15 at most.")
@output_option(*FORMATS, "id")
@broker_options
def add(*, broker: BrokerClient, output: str, **given: Any) -> None:
    """Trust a pipeline.

    What it may do besides publishing and verifying needs an environment or a protected branch or tag, as
    whoever may push a branch could do it otherwise. The numbers do not change when names do:
    gh api repos/OWNER/REPOSITORY --jq ".id, .owner.id"

    \b
    Example:
      tally trusts add --account payments-ci --kind github --repository-id 1296269 \\
        --repository-owner-id 583231 --workflow deploy.yml --environment production --scope deploy
    """
    added = broker.post(following.link(broker, RELATION).expand(), _document(given)).state
    sentence = f"Trusted a pipeline for {added['account']} ({added['uuid']})."
    answers.outcome(added, output, sentence, _row(added))


@trusts.command()
@click.argument("uuid")
@broker_options
def remove(*, broker: BrokerClient, uuid: str) -> None:
    """Trust a pipeline no more. The tokens that it has are valid no more, either.

    \b
    Example:
      tally trusts remove 8d4d4a3c-5d1b-4a34-8a55-2f6f1b6a8b5e
    """
    with answers.not_found(f"There is no trust {uuid} that you may remove. See them all: tally trusts list"):
        broker.delete(following.link(broker, "tally:trust").expand(uuid=uuid))
    printing.say(f"Removed the trust {uuid}, and the tokens that pipelines got by it.", "success")


@trusts.command()
@click.argument("id_token", metavar="JWT")
@click.option("--account", metavar="NAME", help="The service account that the pipeline names, if it does.")
@output_option()
@broker_options
def test(*, broker: BrokerClient, id_token: str, account: str | None, output: str) -> None:
    """Say which check of each trust an id token does not pass. It is not used by that.

    With `-`, the id token is read from standard input. Ends with 1 when the pipeline would get no token.

    \b
    Example:
      tally trusts test "$TALLY_ID_TOKEN"
    """
    is_piped = id_token == "-"  # noqa: S105 - no password
    text = sys.stdin.read(LARGEST_ID_TOKEN + 1).strip() if is_piped else id_token.strip()
    if not text:
        raise UsageError("There is no id token to test.")
    body = {"token": text, "account": account} if account else {"token": text}
    tested = broker.post(following.link(broker, "tally:test-trusts").expand(), body)
    if output == "text":
        _say_what_failed(tested.state, tested.embedded("trusts"))
        _say_which_account(tested.state, account)
    elif output == "table":
        printing.table(TESTED, _tested(tested.embedded("trusts")))
    else:
        printing.document(tested.state, output)
    sys.exit(0 if tested.state["accepted"] else 1)


def _tested(tested: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a row for each check that a trust does not pass, and one for each trust that fits."""
    rows = []
    for trust in tested:
        of_trust = [trust["uuid"], trust["account"]]
        if trust["fits"]:
            rows.append([*of_trust, "yes", "", "", ""])
        rows += [
            [*of_trust, "no", str(failure["check"]), str(failure["expected"]), str(failure["found"])]
            for failure in trust["failures"]
        ]
    return rows


def _say_what_failed(state: Mapping[str, Any], tested: Sequence[Mapping[str, Any]]) -> None:
    failed = state.get("failed")
    if failed:
        printing.say(f"The id token itself is refused. {failed['check']}: {failed['message']}", "failure")
    for trust in tested:
        what = f"Trust {trust['uuid']} for {trust['account']}"
        if trust["fits"]:
            printing.say(f"{what} fits.", "success")
            continue
        printing.say(f"{what} does not fit:")
        for failure in trust["failures"]:
            click.echo(f"  {failure['check']} must be {failure['expected']}, and is {failure['found']}")
    if not tested and (not failed or failed["check"] == "iss"):
        printing.say("There is no trust that you may see.")


def _say_which_account(state: Mapping[str, Any], account: str | None) -> None:
    names = ", ".join(state.get("accounts", ()))
    if not names or state["accepted"]:
        return
    if account:
        printing.say(f"No trust of {account} fits. Trusts that fit are of: {names}.", "failure")
        return
    printing.say(f"Trusts of several accounts fit: {names}.", "failure")
    click.echo("  The pipeline must say which one it uses, with the variable TALLY_ACCOUNT.")


def _document(given: Mapping[str, Any]) -> dict[str, Any]:
    claims: dict[str, str] = {}
    for text in given["claims"]:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise UsageError(f"--claim {text!r} must be NAME=VALUE.")
        claims[name] = value
    for name in ("repository_id", "repository_owner_id", "project_id", "environment"):
        if given[name]:
            claims[name] = given[name]
    if given["protected_ref"]:
        claims["ref_protected"] = "true"
    document = {
        name: given[name] for name in ("account", "kind", "issuer", "audience", "workflow", "minutes")
    }
    document |= {"claims": claims, "refs": list(given["refs"]), "scopes": list(given["scopes"]) or None}
    return {name: value for name, value in document.items() if value is not None}


def _row(trust: Mapping[str, Any]) -> dict[str, str]:
    claims = dict(trust["claims"])
    repository = claims.pop(_REPOSITORY[trust["kind"]], "")
    claims.pop("repository_owner_id", None)
    conditions = [f"{name}={value}" for name, value in claims.items()] + list(trust["refs"])
    return {
        "ACCOUNT": trust["account"],
        "KIND": trust["kind"],
        "REPOSITORY": str(repository),
        "WORKFLOW": trust.get("workflow") or "",
        "CONDITIONS": ", ".join(conditions),
        "SCOPES": ", ".join(trust["scopes"]),
        "UUID": trust["uuid"],
    }
