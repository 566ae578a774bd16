"""Lists that are longer than what one statement can be given."""

from sqlalchemy import text
from support.factories import NOON

from broker.services.pacticipants import versions

MORE_THAN_ONE_STATEMENT_TAKES = 66_000  # PostgreSQL binds 65,535 values, SQLite 250,000

_MANY_VERSIONS = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
    "INSERT INTO versions (pacticipant_id, number, position, created_at, updated_at) "
    "SELECT :pacticipant, CAST(n AS varchar), n, :now, :now FROM numbers"
)


def test_all_versions_are_listed_however_many_there_are(database):
    with database.transaction() as storage:
        shop = storage.pacticipants.find_or_create(["Shop"], NOON)["Shop"]
    with database.connection() as connection:
        values = {"count": MORE_THAN_ONE_STATEMENT_TAKES, "pacticipant": shop.id, "now": NOON}
        connection.execute(_MANY_VERSIONS, values)
        connection.commit()

    with database.reading() as storage:
        listed = versions.all_of(storage, "Shop", None)

    assert listed.total == len(listed.items) == MORE_THAN_ONE_STATEMENT_TAKES
    assert listed.items[0].version.number == str(MORE_THAN_ONE_STATEMENT_TAKES)
