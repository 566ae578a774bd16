"""The page of a pact, by whatever it was asked for."""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from flask import Response, request

from broker.domain.errors import ValidationError
from broker.domain.overview.pact_page import VERDICTS, Filter, JudgedInteraction, PactResult
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.reading import InteractionKind
from broker.services.pacts import pact_page, pacts
from broker.web.context import reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint, chosen_result, page_number
from broker.web.pages.rendering import local, render
from broker.web.pages.tables import Column, Table, download_of
from broker.web.routes import PATHS, rule

ALL = "all"
_LONGEST = 255
_MOST_OPTIONS = 200
_ALL_OPEN = 3
_MOST_WITH_BODIES = 12
_MOST_FAILED = 10
_INTERACTIONS = Table(
    "interactions",
    [
        Column("id", "", lambda item: item.read.id),
        Column("kind", "", lambda item: item.read.kind),
        Column[JudgedInteraction]("description", "", lambda item: item.read.interaction.description),
        Column("request", "", lambda item: item.read.request),
        Column("states", "", lambda item: [state.name for state in item.read.interaction.states]),
        Column("verdict", "", lambda item: item.verdict),
        Column("failing_since", "", lambda item: item.since and item.since.version),
        Column("failing_since_at", "", lambda item: item.since and item.since.at),
        Column("problems", "", lambda item: [problem.text for problem in item.outcome.problems]),
    ],
)

_RESULTS = Table(
    "results",
    [
        Column[PactResult]("provider_version", "", lambda row: row.version),
        Column("branch", "", lambda row: row.branch),
        Column("verdict", "", lambda row: row.status),
        Column("first_problem", "", lambda row: row.failure and row.failure.problem.text),
        Column("failing_since", "", lambda row: row.failure and row.failure.since.version),
        Column("verified_at", "", lambda row: row.at),
    ],
)


@blueprint.get(rule("pact"))
@blueprint.get(rule("pact-versions-alias"))
@blueprint.get(rule("pact-alias"))
@may_lag
def pact(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show the pact of a consumer version."""
    return _pact(pacts.of_version, provider, consumer, consumer_version)


@blueprint.get(rule("pact-version"))
@blueprint.get(rule("pact-version-with-metadata"))
@may_lag
def pact_content(provider: str, consumer: str, sha: str, metadata: str = "") -> Response:  # noqa: ARG001 - the metadata changes nothing here
    """Show the newest pact with this content."""
    return _pact(pacts.with_content, provider, consumer, sha)


@blueprint.get(rule("latest-pact"))
@blueprint.get(rule("latest-pact-alias"))
@may_lag
def latest_pact(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version that has one."""
    return _pact(pacts.latest, provider, consumer)


@blueprint.get(rule("latest-tagged-pact"))
@may_lag
def latest_tagged_pact(provider: str, consumer: str, tag: str) -> Response:
    """Show the pact of the latest version with the tag."""
    return _pact(pacts.latest_with_tag, provider, consumer, tag)


@blueprint.get(rule("latest-untagged-pact"))
@may_lag
def latest_untagged_pact(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version without tags."""
    return _pact(pacts.latest_untagged, provider, consumer)


@blueprint.get(rule("latest-branch-pact"))
@may_lag
def latest_branch_pact(provider: str, consumer: str, branch: str) -> Response:
    """Show the pact of the latest version on the branch."""
    return _pact(pacts.latest_on_branch, provider, consumer, branch)


def _pact(find: Callable[..., PublishedPact], *names: str) -> Response:
    wanted, opened = _filter(), request.args.get("open", "")
    with reading() as storage:
        pact = find(storage, *names)
        part = pact_page.Part(_asked_page(), opened)
        found = pact_page.pact_page(storage, pact, wanted, chosen=chosen_result(), part=part)
    fitting = (item for item in found.judged if wanted.fits(item))
    if download := download_of((_INTERACTIONS, fitting), (_RESULTS, found.results)):
        return download
    return render(
        "pact.html",
        page=found,
        wanted=wanted,
        states=_options(state.name for item in found.judged for state in item.read.interaction.states),
        kinds=_options(item.read.kind.value for item in found.judged),
        badges=_badges(found.pact),
        with_bodies=_with_bodies(found, opened),
        opened=_opened(found, opened),
        is_chosen=chosen_result() is not None,
    )


def _filter() -> Filter:
    """Return which interactions the query string asks for. Raises ValidationError for an unknown value."""
    wanted = {name: request.args.get(name, "").strip() for name in ("text", "state", "verdict", "kind")}
    errors = {
        name: [f"cannot have more than {_LONGEST} characters"]
        for name, value in wanted.items()
        if len(value) > _LONGEST
    }
    for name, known in (("verdict", VERDICTS), ("kind", [kind.value for kind in InteractionKind])):
        if wanted[name] and wanted[name] not in known:
            errors[name] = [f"must be one of: {', '.join(known)}"]
    if errors:
        raise ValidationError(errors)
    return Filter(**wanted)


def _options(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(set(names))][:_MOST_OPTIONS]


def _badges(pact: PublishedPact) -> str:
    """Return the address of the page with the badges of the pair; of the badge while there is none."""
    if "badges" in PATHS:
        return f"{local('badges')}?{urlencode({'consumer': pact.consumer, 'provider': pact.provider})}"
    return local("latest-pact-badge", provider=pact.provider, consumer=pact.consumer)


def _asked_page() -> int | None:
    return page_number() if "page" in request.args else None


def _with_bodies(found: pact_page.PactPage, opened: str) -> set[str]:
    """Return the anchors of the interactions whose bodies are on the page; the others are a link away."""
    items = found.part.items
    if opened == ALL or found.part.total <= _MOST_WITH_BODIES:
        return {item.read.anchor for item in items}
    failed = [item.read.anchor for item in items if item.verdict == "failed"]
    return {*failed[:_MOST_FAILED], opened}


def _opened(found: pact_page.PactPage, opened: str) -> set[str]:
    items = found.part.items
    if opened == ALL or found.part.total <= _ALL_OPEN:
        return {item.read.anchor for item in items}
    failed = [item.read.anchor for item in items if item.verdict == "failed"]
    return {*failed[:_MOST_FAILED], opened}
