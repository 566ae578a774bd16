"""The statement of version_details_now.py, for a moment in the past."""

from sqlalchemy import BigInteger, cast, literal, null, union_all

from broker.storage.decisions.explanations import ExplanationStatements
from broker.storage.decisions.past import IN_ENVIRONMENT, ON_BRANCH, TAGGED, head, newest_tagged, was_there
from broker.storage.decisions.version_details_now import Detail, rows_of
from broker.storage.dialects import is_in_unseen
from broker.storage.tables import branches

_NO_ID = literal(0)
"""In place of an id: those of one moment come in the order of their names.

Ids of two tables cannot be compared: a tag that was removed is in another table than one that is left.
"""
STATEMENTS = ExplanationStatements(
    union_all(
        *(
            rows_of(
                Detail.BRANCH,
                {
                    "version_id": table.c.version_id,
                    "name": branches.c.name,
                    "latest": head() == table.c.version_id,
                    "environment_id": cast(null(), BigInteger),
                    "since": table.c.created_at,
                    "id": _NO_ID,
                },
            )
            .join_from(table, branches, branches.c.id == table.c.branch_id)
            .where(is_in_unseen(table.c.version_id, "ids"), was_there(table))
            for table in ON_BRANCH
        ),
        *(
            rows_of(
                Detail.TAG,
                {
                    "version_id": table.c.version_id,
                    "name": table.c.name,
                    "latest": newest_tagged(table, table.c.pacticipant_id, table.c.name)
                    == table.c.version_id,
                    "since": table.c.created_at,
                    "id": _NO_ID,
                },
            ).where(is_in_unseen(table.c.version_id, "ids"), was_there(table))
            for table in TAGGED
        ),
        *(
            rows_of(
                Detail.ENVIRONMENT,
                {
                    "version_id": table.c.version_id,
                    "environment_id": table.c.environment_id,
                    "since": table.c.created_at,
                    "id": _NO_ID,
                },
            ).where(is_in_unseen(table.c.version_id, "ids"), was_current)
            for table, was_current in IN_ENVIRONMENT
        ),
    )
)
