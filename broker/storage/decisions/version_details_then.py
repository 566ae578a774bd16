"""What else is told of versions, as of a moment: see version_details_now.py."""

from sqlalchemy import BigInteger, cast, literal, null, select, union_all

from broker.storage.decisions.explanations import ExplanationStatements
from broker.storage.decisions.past import IN_ENVIRONMENT, ON_BRANCH, TAGGED, head, newest_tagged, was_there
from broker.storage.decisions.version_details_now import BRANCH, ENVIRONMENT, TAG
from broker.storage.dialects import among
from broker.storage.tables import branches

STATEMENTS = ExplanationStatements(
    union_all(
        *(
            select(
                literal(BRANCH).label("kind"),
                table.c.version_id.label("version_id"),
                branches.c.name.label("name"),
                (head() == table.c.version_id).label("latest"),
                cast(null(), BigInteger).label("environment_id"),
                table.c.created_at.label("since"),
                literal(0).label("id"),  # tags of one moment are in the order of their names
            )
            .join_from(table, branches, branches.c.id == table.c.branch_id)
            .where(among(table.c.version_id, "ids"), was_there(table))
            for table in ON_BRANCH
        ),
        *(
            select(
                literal(TAG),
                table.c.version_id,
                table.c.name,
                newest_tagged(table, table.c.pacticipant_id, table.c.name) == table.c.version_id,
                null(),
                table.c.created_at,
                literal(0),
            ).where(among(table.c.version_id, "ids"), was_there(table))
            for table in TAGGED
        ),
        *(
            select(
                literal(ENVIRONMENT),
                table.c.version_id,
                null(),
                null(),
                table.c.environment_id,
                table.c.created_at,
                literal(0),
            ).where(among(table.c.version_id, "ids"), was_current)
            for table, was_current in IN_ENVIRONMENT
        ),
    )
)
