"""What failed in results, and since when. That of the results that are there is read from them."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from broker.domain.pacts import outline
from broker.domain.pacts.outline import Outline
from broker.domain.verifications.failing_since import EarlierResult, FailedResult, NewResult, what_failed
from tally.errors import TallyError

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
MOST_CONTENTS = 50
MOST_RESULTS = 500
LOOKED_AT = 60
CONTENTS = sa.text("SELECT id, content FROM pact_versions WHERE id > :last ORDER BY id LIMIT :most")
SET_OUTLINE = sa.text("UPDATE pact_versions SET outline = :outline WHERE id = :id").bindparams(
    sa.bindparam("outline", type_=sa.LargeBinary())
)
OUTLINE = sa.text("SELECT outline FROM pact_versions WHERE id = :id")
RANK = sa.text("SELECT max(position) FROM pact_publications WHERE pact_version_id = :id")
BRANCHES = sa.text("SELECT branch_id FROM branch_versions WHERE version_id = :id")
PAIRS = sa.text("SELECT DISTINCT consumer_id, provider_id FROM verifications WHERE NOT success")
RESULTS = sa.text(
    "SELECT r.id, r.pact_version_id, r.provider_version_id, r.success, r.created_at, v.number,"
    " CASE WHEN r.success THEN NULL ELSE r.test_results END AS test_results"
    " FROM verifications r JOIN versions v ON v.id = r.provider_version_id"
    " WHERE r.consumer_id = :consumer_id AND r.provider_id = :provider_id AND r.id > :last"
    " ORDER BY r.id LIMIT :most"
).columns(created_at=MOMENT, success=sa.Boolean())
FAILED_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("verification_id", BIG_ID, nullable=False, autoincrement=False),
    sa.Column("failed", sa.Integer(), nullable=False),
    sa.Column("place", sa.Text(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("expected", sa.Text(), nullable=False),
    sa.Column("was", sa.Text(), nullable=False),
    sa.Column("since_result", BIG_ID, nullable=False),
    sa.Column("since_version", sa.String(), nullable=False),
    sa.Column("since_at", MOMENT, nullable=False),
    sa.Column("versions", sa.Integer(), nullable=False),
    sa.Column("interactions", sa.LargeBinary(), nullable=False),
)
FAILED = sa.table("failed_results", *(sa.column(each.name, each.type) for each in FAILED_COLUMNS))


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "failed_results",
        *FAILED_COLUMNS,
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            ondelete="CASCADE",
            name=op.f("fk_failed_results_verification_id_verifications"),
        ),
        sa.PrimaryKeyConstraint("verification_id", name=op.f("pk_failed_results")),
    )
    op.add_column("pact_versions", sa.Column("outline", sa.LargeBinary()))
    _outline_contents()
    for consumer_id, provider_id in op.get_bind().execute(PAIRS).all():
        _read_results(consumer_id, provider_id)


def _outline_contents() -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(CONTENTS, {"last": last, "most": MOST_CONTENTS}).all():
        connection.execute(SET_OUTLINE, [{"id": row.id, "outline": _outline(row.content)} for row in rows])
        last = rows[-1].id


def _outline(content: Any) -> bytes:
    # What an earlier release accepted may be refused today; then nothing is known of it.
    found = Outline()
    with suppress(TallyError, ValueError, RecursionError):
        found = outline.outline_of(orjson.loads(content))
    return outline.written(found)


def _read_results(consumer_id: int, provider_id: int) -> None:
    """Keep what failed in the results of a pair, from the first to the last."""
    connection = op.get_bind()

    @lru_cache(maxsize=LOOKED_AT)
    def outlined(content_id: int) -> tuple[Outline, int]:
        key = {"id": content_id}
        stored = connection.scalar(OUTLINE, key)
        return outline.read(stored and bytes(stored)), connection.scalar(RANK, key) or 0

    @lru_cache(maxsize=MOST_RESULTS)
    def branches(version_id: int) -> tuple[int | None, ...]:
        return tuple(connection.scalars(BRANCHES, {"id": version_id})) or (None,)

    before: dict[int | None, deque[tuple[int, EarlierResult]]] = {}
    for row in _results(consumer_id, provider_id):
        outlines, rank = outlined(row.pact_version_id)
        earlier = [item for name in branches(row.provider_version_id) for item in before.get(name, ())]
        newest_first = [item for _, item in sorted(set(earlier), key=lambda each: -each[0])]
        failure = None
        if not row.success:
            known = {item.content_id: outlined(item.content_id)[0] for item in newest_first}
            failure = _failure(row, newest_first, {**known, row.pact_version_id: outlines})
            connection.execute(FAILED.insert(), _values(failure))
        kept = EarlierResult(row.pact_version_id, row.provider_version_id, rank, failure)
        for name in branches(row.provider_version_id):
            before.setdefault(name, deque(maxlen=LOOKED_AT)).append((row.id, kept))


def _results(consumer_id: int, provider_id: int) -> Iterator[Any]:
    connection, last = op.get_bind(), 0
    pair = {"consumer_id": consumer_id, "provider_id": provider_id}
    while rows := connection.execute(RESULTS, {**pair, "last": last, "most": MOST_RESULTS}).all():
        yield from rows
        last = rows[-1].id


def _failure(row: Any, earlier: list[EarlierResult], outlines: dict[int, Outline]) -> FailedResult:
    at: datetime = row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
    content, version = row.pact_version_id, row.provider_version_id
    result = NewResult(row.id, content, version, row.number, at, row.test_results)
    with suppress(TallyError, ValueError, RecursionError):
        return what_failed(result, earlier, outlines)
    return what_failed(NewResult(row.id, content, version, row.number, at, None), earlier, outlines)


def _values(failure: FailedResult) -> dict[str, Any]:
    return {
        "verification_id": failure.number,
        "failed": failure.failed,
        "place": failure.problem.place,
        "text": failure.problem.text,
        "expected": failure.problem.expected,
        "was": failure.problem.was,
        "since_result": failure.since.result,
        "since_version": failure.since.version,
        "since_at": failure.since.at,
        "versions": failure.since.versions,
        "interactions": failure.stored,
    }
