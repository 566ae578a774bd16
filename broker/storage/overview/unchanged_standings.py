"""Writes that change no standing, as most do: results where all is verified, publications beside main.

The statement of a renewal looks at main and at all environments, which takes PostgreSQL 0.33 ms for one pair.
These take it 0.04 ms. What they are told is all that the transaction has done, and the standings of the
pairs are locked.
"""

from collections.abc import Collection

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    exists,
    not_,
    or_,
    select,
    update,
)

from broker.domain.overview.standings import RANK
from broker.domain.overview.summaries import PactStatus
from broker.storage.dialects import ONE, constant, is_in_unseen
from broker.storage.direct_statements import later
from broker.storage.overview.standing_facts import RESULTS, SUCCESS
from broker.storage.overview.standing_places import ON_MAIN, is_there
from broker.storage.standing_marks import AddedPublication, AddedResult, StandingMarks
from broker.storage.tables import (
    branch_versions,
    branches,
    deployed_versions,
    integrations,
    pacticipants,
    released_versions,
    standings,
    verifications,
)

_CONSUMER: BindParameter[int] = bindparam("consumer")
_PROVIDER: BindParameter[int] = bindparam("provider")
_VERSION: BindParameter[int] = bindparam("version")


def are_unchanged(connection: Connection, marks: StandingMarks) -> bool:
    """Return whether all standings are as before but for the newest results, which are renewed here."""
    if success := marks.only_success:
        return _after_success(connection, success)
    publications = marks.beside_main
    return bool(publications) and _after_publications(connection, publications)


def _after_success(connection: Connection, success: AddedResult) -> bool:
    consumer_id, provider_id, content_id, version_id, _ = success
    values = {"consumer": consumer_id, "provider": provider_id, "content": content_id, "version": version_id}
    row = connection.execute(_ALL_VERIFIED, values).first()
    if row is None:
        return False
    results = (row.results + SUCCESS)[-RESULTS:]
    if results != row.results:
        later(connection, _ADD_LETTER, {"of_id": row.id, "with_letter": results})
    return True


def _after_publications(connection: Connection, publications: Collection[AddedPublication]) -> bool:
    one = next(iter(publications))
    provider_ids = [each.provider_id for each in publications]
    values = {"consumer": one.consumer_id, "version": one.version_id, "providers": provider_ids}
    return len(connection.execute(_SHOWN_OF_MAIN, values).all()) == len(publications)


def _all_verified() -> Select[tuple[int, str]]:
    """Select the standing on main if all places are verified, and show another pact or another version."""
    integration = select(integrations.c.id).where(
        integrations.c.consumer_id == _CONSUMER, integrations.c.provider_id == _PROVIDER
    )
    # Of a provider without a branch, the version with the newest result is on main.
    head = (
        select(branches.c.head_version_id)
        .join_from(pacticipants, branches, branches.c.pacticipant_id == pacticipants.c.id)
        .where(pacticipants.c.id == _PROVIDER, branches.c.name == pacticipants.c.main_branch)
    )
    # An environment shows the worst of what is in it, and of several that are as bad, the newest.
    place = standings.alias("place")
    concerned = exists().where(
        place.c.integration_id == standings.c.integration_id,
        or_(place.c.verdict != constant(RANK[PactStatus.VERIFIED]), _is_of_same(place)),
    )
    # Others may have added results meanwhile, with higher numbers: letters are in the order of these.
    newest = (
        select(verifications.c.pact_version_id, verifications.c.provider_version_id)
        .where(verifications.c.consumer_id == _CONSUMER, verifications.c.provider_id == _PROVIDER)
        .order_by(verifications.c.id.desc())
        .limit(ONE)
        .subquery("newest")
    )
    return select(standings.c.id, standings.c.results).where(
        standings.c.integration_id == integration.scalar_subquery(),
        standings.c.place == ON_MAIN,
        standings.c.provider_version_id == head.scalar_subquery(),
        not_(concerned),
        exists(select(newest).where(_is_of_same(newest))),
    )


def _is_of_same(rows: FromClause) -> ColumnElement[bool]:
    return and_(rows.c.pact_version_id == bindparam("content"), rows.c.provider_version_id == _VERSION)


def _shown_of_main() -> Select[tuple[int]]:
    """Select each standing on main of a pact of that branch, if the version is not there, and not in use.

    Of a consumer without pacts of a main branch, main shows one with a tag, or the latest of all.
    """
    shown, own = branch_versions.alias("shown"), branch_versions.alias("own")
    is_in_use = [
        exists().where(each.c.pacticipant_id == _CONSUMER, each.c.version_id == _VERSION, is_there(each))
        for each in (deployed_versions, released_versions)
    ]
    on_main = and_(standings.c.integration_id == integrations.c.id, standings.c.place == ON_MAIN)
    main = and_(branches.c.pacticipant_id == pacticipants.c.id, branches.c.name == pacticipants.c.main_branch)
    is_shown = and_(shown.c.branch_id == branches.c.id, shown.c.version_id == standings.c.consumer_version_id)
    return (
        select(standings.c.id)
        .join_from(integrations, standings, on_main)
        .join(pacticipants, pacticipants.c.id == integrations.c.consumer_id)
        .join(branches, main)
        .join(shown, is_shown)
        .where(
            integrations.c.consumer_id == _CONSUMER,
            is_in_unseen(integrations.c.provider_id, "providers"),
            not_(exists().where(own.c.branch_id == branches.c.id, own.c.version_id == _VERSION)),
            *map(not_, is_in_use),
        )
    )


_ALL_VERIFIED, _SHOWN_OF_MAIN = _all_verified(), _shown_of_main()
_ADD_LETTER = (
    update(standings).where(standings.c.id == bindparam("of_id")).values(results=bindparam("with_letter"))
)
