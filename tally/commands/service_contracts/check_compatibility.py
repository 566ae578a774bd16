"""`tally check-compatibility`: whether a new version of a document may take the place of older ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from tally.broker_client import BrokerClient
from tally.commands import output as printing
from tally.commands.options import optional_broker_options, output_option
from tally.commands.usage.asking import is_used_at
from tally.compatibility.documents import PLAIN, VersionedDocument, compare_versions, read_version
from tally.compatibility.model import Change, Compatibility, Flow, Mode, Rules, Verdict, together
from tally.compatibility.usage import with_usage
from tally.compatibility.walk import json_text
from tally.errors import UsageError
from tally.json_schema.answers import NO_VALUE
from tally.service_contract.files import load_schema_or_document
from tally.usage.places import Place

YES, NO, CANNOT_SAY = 0, 1, 2
_STANDARD_INPUT = "-"
_SENTENCES = {
    Verdict.COMPATIBLE: "Compatible: the new version may take the place of the old one.",
    Verdict.BREAKING: "Breaking: somebody who relies on the old version may fail.",
    Verdict.BREAKING_BUT_UNUSED: "Breaking, but nobody uses what changed.",
    Verdict.UNKNOWN: "Unknown: neither a proof nor a counterexample was found.",
}
_EXAMPLES = {
    Flow.RECEIVED: "for example, this was accepted, and is refused now",
    Flow.SENT: "for example, this may be sent now, and could not before",
    Flow.BOTH: "for example",
}
_KINDS = {Verdict.COMPATIBLE: "success", Verdict.BREAKING: "error"}


@click.command()
@click.argument("old", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    help="What the new version must be able to do: `service` for contracts, and `backward` for plain JSON "
    "Schemas, unless you say it.",
)
@click.option(
    "--lenient",
    is_flag=True,
    help="Take for granted that nobody writes properties that no schema declares, and that readers ignore "
    "those.",
)
@click.option(
    "--direction",
    type=click.Choice([flow.value for flow in Flow]),
    help="Of a plain JSON Schema: whether the service receives or sends what it describes. It implies "
    "`--mode service`.",
)
@click.option("--document", default="", metavar="NAME", help="The name of the document, for the changes.")
@click.option(
    "--strict", is_flag=True, help="Exit with 1 for what breaks nobody because nobody uses it, too."
)
@click.option(
    "-a",
    "--service",
    metavar="NAME",
    help="Ask the broker whether anybody uses what has changed in this service's contract.",
)
@click.option(
    "--environment", metavar="NAME", help="With --service: only what is in this environment counts."
)
@output_option("text", "table", "json", "pretty")
@optional_broker_options
def check_compatibility(  # noqa: PLR0913 - one for each option
    *,
    old: tuple[Path, ...],
    new: Path,
    mode: str | None,
    lenient: bool,
    direction: str | None,
    document: str,
    strict: bool,
    service: str | None,
    environment: str | None,
    broker: BrokerClient | None,
    output: str,
) -> None:
    """Say whether a version of a service contract or JSON Schema may take the place of older ones.

    OLD and NEW are documents of one kind: OpenAPI, AsyncAPI, native, or plain JSON Schemas of any draft, as
    JSON or YAML; one of them may be "-", the standard input. Several OLD are compared one by one. A broker is
    asked only with --service: what nobody uses breaks nobody. Exits with 0 for yes, 1 for no, and 2 when it
    cannot be said.

    \b
    Examples:
      tally check-compatibility openapi-1.0.yaml openapi.yaml
      tally check-compatibility order-1.json order-2.json order.json --mode full
      tally check-compatibility openapi-1.0.yaml openapi.yaml --service Orders --environment production
    """
    if [*old, new].count(Path(_STANDARD_INPUT)) > 1:
        raise UsageError('Only one of the documents can be "-", the standard input.')
    versions = [_read(path) for path in (*old, new)]
    rules, flow = _rules(versions[-1], mode, direction, lenient=lenient)
    found = together({each.name: compare_versions(each, versions[-1], rules, flow) for each in versions[:-1]})
    if document:
        found = replace(found, changes=tuple(replace(each, document=document) for each in found.changes))
    if service is not None or environment is not None:
        found = with_usage(found, _is_used(broker, service, environment))
    _print(found, output)
    raise click.exceptions.Exit(_exit_code(found.verdict, strict=strict))


def _is_used(
    broker: BrokerClient | None, service: str | None, environment: str | None
) -> Callable[[Place], bool]:
    if service is None:
        raise UsageError("--environment is for --service: whose contract is it?")
    if broker is None:
        raise UsageError("--service asks a broker who uses what: name it with --broker-base-url.")
    return is_used_at(broker, service, environment)


def _read(path: Path) -> VersionedDocument:
    name = "the standard input" if path == Path(_STANDARD_INPUT) else str(path)
    return read_version(name, load_schema_or_document(path))


def _rules(
    new: VersionedDocument, mode: str | None, direction: str | None, *, lenient: bool
) -> tuple[Rules, Flow]:
    is_plain = new.kind == PLAIN
    if direction is not None and not is_plain:
        raise UsageError(
            f"{new.name} is {new.kind}, which says itself who sends what: leave out --direction."
        )
    if direction is not None and mode is not None and Mode(mode).one_step is not Mode.SERVICE:
        raise UsageError(f"--direction is for --mode service: {mode} is asked in one direction already.")
    default = Mode.BACKWARD if is_plain and direction is None else Mode.SERVICE
    chosen = Mode(mode) if mode else default
    if is_plain and direction is None and chosen.one_step is Mode.SERVICE:
        raise UsageError(
            f"{new.name} is a plain JSON Schema, which does not say who sends it: add --direction "
            "received, sent or both."
        )
    return Rules(chosen, lenient), Flow(direction) if direction else Flow.BOTH


def _exit_code(verdict: Verdict, *, strict: bool) -> int:
    if verdict is Verdict.BREAKING_BUT_UNUSED:
        return NO if strict else YES
    return {Verdict.COMPATIBLE: YES, Verdict.BREAKING: NO, Verdict.UNKNOWN: CANNOT_SAY}[verdict]


def _print(found: Compatibility, output: str) -> None:
    if output in {"json", "pretty"}:
        printing.document(found.as_json(), output)
        return
    if output == "table":
        rows = [(_outcome(each), each.rule, each.old or "/", each.new or "/") for each in found.changes]
        printing.table(("OUTCOME", "RULE", "OLD", "NEW"), rows)
        printing.say(_SENTENCES[found.verdict], _KINDS.get(found.verdict, "warning"), error=True)
        return
    for change in sorted(found.changes, key=lambda each: each.compatible):
        _say(change)
    for reason in found.reasons:
        printing.say(f"not decided: {reason}", "warning")
    printing.say(_SENTENCES[found.verdict], _KINDS.get(found.verdict, "warning"))


def _say(change: Change) -> None:
    where = str(change.place) if change.place is not None else change.new or change.old or "/"
    of = f" ({change.version})" if change.version else ""
    printing.say(f"{_outcome(change)}: {where}: {change.text}{of}", "info" if change.compatible else "error")
    printing.say(f"  {change.rule}, {change.old or '/'} -> {change.new or '/'}", "debug")
    if change.counterexample is not NO_VALUE:
        printing.say(f"  {_EXAMPLES[change.direction]}: {json_text(change.counterexample)}")


def _outcome(change: Change) -> str:
    if change.compatible:
        return "compatible"
    return "unused" if change.is_unused else "breaking"
