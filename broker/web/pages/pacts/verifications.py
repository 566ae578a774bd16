"""The page of a result."""

from flask import Response

from broker.domain.overview.pact_page import JudgedInteraction
from broker.domain.verifications.interaction_outcomes import Problem
from broker.services.pacts import pacts
from broker.services.verifications import result_page
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table
from broker.web.paths import result_number
from broker.web.routes import rule
from tally.errors import InvalidContractError
from tally.hashing import parse_exactly

_NOTHING = Problem("", "")


@blueprint.get(rule("verification-result"))
@blueprint.get(rule("verification-result-with-metadata"))
@may_lag
def result(provider: str, consumer: str, sha: str, number: str, metadata: str = "") -> Response:  # noqa: ARG001 - the metadata changes nothing here
    """Show what came of a verification."""
    return _result(provider, consumer, sha, result_number(number))


@blueprint.get(rule("latest-verification-result"))
@may_lag
def latest_result(provider: str, consumer: str, sha: str) -> Response:
    """Show the newest result of a content."""
    return _result(provider, consumer, sha, None)


def _result(provider: str, consumer: str, sha: str, number: int | None) -> Response:
    with reading() as storage:
        pact = pacts.with_content(storage, provider, consumer, sha)
        found = result_page.result_page(storage, pact, number, page_number())
    rows = _table(found)
    if download := rows.download(found.part.items):
        return download
    return render(
        "result.html",
        page=found,
        columns=rows.columns,
        longest=max(found.durations.values(), default=0),
        verified_by=_verified_by(found.verified_by),
    )


def _table(page: result_page.ResultPage) -> Table[JudgedInteraction]:
    return Table(
        "interactions",
        [
            Column("id", "", lambda item: item.read.id),
            Column("description", "Interaction", lambda item: item.read.interaction.description),
            Column("request", "", lambda item: item.read.request),
            Column("verdict", "Verdict", lambda item: item.verdict),
            Column("milliseconds", "Took", lambda item: page.durations.get(item.read.anchor), is_amount=True),
            Column("problem", "First problem", lambda item: next(iter(item.outcome.problems), _NOTHING).text),
            Column("failing_since", "Failing since", lambda item: item.since and item.since.version),
            Column("failing_since_at", "", lambda item: item.since and item.since.at),
        ],
    )


def _verified_by(text: bytes | None) -> str:
    """Return the name and the version of the verifier, if they are said."""
    if text is None:
        return ""
    try:
        said = parse_exactly(text)
    except InvalidContractError:
        return ""
    if not isinstance(said, dict):
        return ""
    return " ".join(str(said[name]) for name in ("implementation", "version") if said.get(name))
