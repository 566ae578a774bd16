"""What deployments and releases have in common: records of a version in an environment."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, select

from broker.storage.environments.environments import ENVIRONMENT
from broker.storage.tables import environments, pacticipants, versions


class Records:
    """The statements that read the records of *table*.

    A row has the uuid, the names of the pacticipant and the version, when the record was made and changed,
    the columns *own*, and those of the environment. *current* is the condition that the version is still
    there. What a version or a pacticipant has is read oldest first.
    """

    def __init__(self, table: Table, *own: Column[Any], current: ColumnElement[bool]) -> None:
        record = table.c
        self.found = found = (
            select(
                record.uuid,
                pacticipants.c.name.label("pacticipant"),
                versions.c.number.label("version"),
                record.created_at,
                record.updated_at,
                *own,
                *ENVIRONMENT,
            )
            .join_from(table, versions, versions.c.id == record.version_id)
            .join(pacticipants, pacticipants.c.id == record.pacticipant_id)
            .join(environments, environments.c.id == record.environment_id)
        )
        newest_first, oldest_first = record.id.desc(), record.id
        of_version = record.version_id == bindparam("version_id")
        there = record.environment_id == bindparam("environment_id")
        self.by_uuid = found.where(record.uuid == bindparam("uuid"))
        self.of_versions = found.where(
            record.version_id.in_(bindparam("version_ids", expanding=True))
        ).order_by(oldest_first)
        self.of_version_in = found.where(of_version, there).order_by(newest_first)
        self.newest_current = found.where(there, current).order_by(newest_first)
        self.oldest_current = found.where(there, current).order_by(oldest_first)
        # The subquery needs ids only, which the partial index of current records has. Without it, SQLite
        # reads all records that the application ever had, as it does not know how few are current.
        ids = select(record.id).where(record.pacticipant_id == bindparam("pacticipant_id"), current)
        self.everywhere = found.where(record.id.in_(ids.correlate(None))).order_by(oldest_first)


OF_PACTICIPANT = pacticipants.c.name == bindparam("pacticipant")
