"""The statement that finds what the standings of some integrations are judged from, by look-ups by index."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    type_coerce,
)

from broker.storage.conditions import is_current
from broker.storage.decisions.contract_sources import newest_result_of
from broker.storage.dialects import ONE, concatenated, constant, looked_up
from broker.storage.overview.standing_places import ON_MAIN, places_of
from broker.storage.tables import (
    branch_versions,
    comparisons,
    pact_publications,
    pact_versions,
    service_contract_policies,
    service_contract_publications,
    service_contract_set_documents,
    standings,
    verifications,
    versions,
)

LOOK_BACK = 100
"""How many of the newest results of an integration may tell how it stood before."""
RESULTS = 12
"""How many of the newest results are kept as letters."""
SUCCESS = "v"
JUDGED = (
    *("verdict", "consumer_version_id", "provider_version_id", "pact_version_id", "verification_id"),
    *("interactions", "since_version_id", "since", "failures", "results"),
)
"""The columns of a standing that are renewed."""
BROKEN, PROMISED, KEPT = range(3)
_provider_version = versions.alias("provider_version")
_replay, _earlier, _first_failure = (
    verifications.alias(name) for name in ("replay", "earlier", "first_failure")
)
_documents = service_contract_publications.alias("documents")
_policy = service_contract_policies.alias("policy")
_comparison = comparisons.alias("comparison")


@cache
def statement(marks: frozenset[str], *, with_results: bool) -> Select[Any]:
    """Return the statement for the integrations that parameters of these names mark; without any, for all."""
    places = places_of(marks)
    return select(*_columns(places, with_results=with_results)).select_from(_joined(places))


def _columns(places: CTE, *, with_results: bool) -> Iterator[ColumnElement[Any]]:
    """Yield the columns, in the order in which `standing_renewal` reads them."""
    is_main = places.c.place == ON_MAIN
    yield from (places.c.integration_id, places.c.consumer_id, places.c.provider_id, places.c.place)
    yield from (places.c.consumer_version_id, places.c.provider_version_id, places.c.pact_version_id)
    yield places.c.created_at.label("published_at")
    yield _provider_version.c.created_at.label("provider_created_at")
    yield from _replay_columns(_replay, "replay")
    yield from _replay_columns(_earlier, "earlier")
    yield from _replay_columns(_first_failure, "first")
    counts = or_(_documents.c.decides, _policy.c.evidence.is_not(None))
    yield case((counts, _documents.c.set_id)).label("set_id")
    yield _policy.c.evidence
    yield _comparison.c.id.label("comparison_id")
    yield _comparison.c.verdict.label("comparison")
    yield _comparison.c.created_at.label("compared_at")
    yield _own_results(_documents).label("own_results")
    is_without_result = and_(not_(is_main), _replay.c.id.is_(None))
    yield case((is_without_result, _was_verified(places))).label("was_verified")
    is_other_pact = standings.c.pact_version_id.is_distinct_from(places.c.pact_version_id)
    yield case((is_other_pact, _interactions(places)), else_=standings.c.interactions).label("interactions")
    # A parameter would make PostgreSQL plan it for each transaction.
    newest_results = case((is_main, _newest_results(places))) if with_results else type_coerce(null(), String)
    yield newest_results.label("newest_results")
    yield standings.c.id.label("kept_id")
    yield from (standings.c[name].label(f"kept_{name}") for name in JUDGED)


def _joined(places: CTE) -> FromClause:
    is_main = places.c.place == ON_MAIN
    version_id = places.c.provider_version_id
    same_content = and_(
        looked_up(_replay.c.pact_version_id, places.c.pact_version_id),
        looked_up(_replay.c.provider_version_id, version_id),
    )
    is_undecided = and_(is_main, _replay.c.id.is_(None))
    is_failure = and_(is_main, not_(func.coalesce(_replay.c.success, _earlier.c.success)))
    compared = and_(
        looked_up(_comparison.c.pact_version_id, places.c.pact_version_id),
        looked_up(_comparison.c.set_id, _documents.c.set_id),
        looked_up(_comparison.c.guaranteed, func.coalesce(_policy.c.guaranteed, false())),
    )
    kept = and_(
        looked_up(standings.c.integration_id, places.c.integration_id),
        looked_up(standings.c.place, places.c.place),
    )
    return (
        places.outerjoin(_provider_version, looked_up(_provider_version.c.id, version_id))
        .outerjoin(_replay, and_(same_content, is_current(_replay)))
        .outerjoin(_earlier, looked_up(_earlier.c.id, case((is_undecided, _newest_on_main(places)))))
        .outerjoin(
            _first_failure,
            looked_up(_first_failure.c.id, case((is_failure, _first_of_failures(places)))),
        )
        .outerjoin(_documents, looked_up(_documents.c.version_id, version_id))
        .outerjoin(_policy, looked_up(_policy.c.pacticipant_id, places.c.provider_id))
        .outerjoin(_comparison, compared)
        .outerjoin(standings, kept)
    )


def _replay_columns(replay: FromClause, prefix: str) -> list[ColumnElement[Any]]:
    names = ("id", "provider_version_id", "success", "pending", "created_at")
    return [replay.c[name].label(f"{prefix}_{name}") for name in names]


def _own_results(documents: FromClause) -> ColumnElement[int]:
    """Return the worst result of the documents of a version: BROKEN, PROMISED without one, or KEPT."""
    of_set = service_contract_set_documents
    result = newest_result_of(of_set.c.service_contract_id, documents.c.version_id, "success", past=False)
    said = func.coalesce(cast(result, Integer) * constant(KEPT), constant(PROMISED))
    worst = select(func.min(said)).where(looked_up(of_set.c.set_id, documents.c.set_id))
    return worst.correlate(documents).scalar_subquery()


def _was_verified(places: FromClause) -> ColumnElement[bool]:
    return (
        exists()
        .where(looked_up(verifications.c.pact_version_id, places.c.pact_version_id), verifications.c.success)
        .correlate(places)
    )


def _interactions(places: FromClause) -> ColumnElement[int]:
    return (
        select(pact_versions.c.interactions_count + pact_versions.c.messages_count)
        .where(pact_versions.c.id == places.c.pact_version_id)
        .correlate(places)
        .scalar_subquery()
    )


def _recent(places: FromClause, name: str, most: int) -> FromClause:
    """Return the newest results of an integration, the newest first.

    As it has a limit, databases keep its order: the first that fulfils a condition is found without a look at
    the others.
    """
    found = verifications.alias(f"{name}_result")
    return (
        select(
            found.c.id,
            found.c.pact_version_id,
            found.c.provider_version_id,
            found.c.success,
            found.c.pending,
        )
        .where(found.c.consumer_id == places.c.consumer_id, found.c.provider_id == places.c.provider_id)
        .order_by(found.c.id.desc())
        .limit(constant(most))
        .correlate(places)
        .subquery(name)
    )


def _is_on_main(result: FromClause, places: FromClause) -> ColumnElement[bool]:
    """Whether a result is of versions on the main branches of both, as far as they have one."""
    provider, consumer = branch_versions.alias("on_provider_main"), branch_versions.alias("on_consumer_main")
    published = pact_publications.alias("published_on_main")
    by_provider = exists().where(
        looked_up(provider.c.branch_id, places.c.provider_branch_id),
        looked_up(provider.c.version_id, result.c.provider_version_id),
    )
    # Not joined: PostgreSQL might begin with all versions on the branch.
    membership = (
        select(consumer.c.id)
        .where(
            consumer.c.branch_id == places.c.consumer_branch_id,
            consumer.c.version_id == published.c.consumer_version_id,
        )
        .correlate(places, published)
        .scalar_subquery()
    )
    of_same_content = looked_up(published.c.pact_version_id, result.c.pact_version_id)
    by_consumer = exists().where(of_same_content, membership.is_not(None))
    return and_(
        or_(places.c.provider_branch_id.is_(None), by_provider.correlate(result, places)),
        or_(
            places.c.consumer_branch_id.is_(None),
            result.c.pact_version_id == places.c.pact_version_id,
            by_consumer.correlate(result, places),
        ),
    )


def _newest_on_main(places: FromClause) -> ColumnElement[int]:
    recent = _recent(places, "recent", LOOK_BACK)
    return (
        select(recent.c.id).where(_is_on_main(recent, places)).limit(ONE).correlate(places).scalar_subquery()
    )


def _first_of_failures(places: FromClause) -> ColumnElement[int]:
    """Return the first of the failures on main since the last success there."""
    recent, successes = _recent(places, "failures", LOOK_BACK), _recent(places, "successes", LOOK_BACK)
    last_success = (
        select(successes.c.id)
        .where(successes.c.success, _is_on_main(successes, places))
        .limit(ONE)
        .correlate(places)
        .scalar_subquery()
    )
    return (
        select(func.min(recent.c.id))
        .where(
            not_(recent.c.success),
            recent.c.id > func.coalesce(last_success, literal_column("0")),
            _is_on_main(recent, places),
        )
        .correlate(places)
        .scalar_subquery()
    )


def _newest_results(places: FromClause) -> ColumnElement[str]:
    """Return a letter for each of the newest results, the newest first."""
    newest = _recent(places, "newest_results", RESULTS)
    letter = case(
        (newest.c.success, literal_column(f"'{SUCCESS}'")),
        (newest.c.pending, literal_column("'p'")),
        else_=literal_column("'f'"),
    )
    return select(concatenated(letter)).select_from(newest).correlate(places).scalar_subquery()
