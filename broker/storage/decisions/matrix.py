"""The rows of a decision: which pacts were verified by which versions, and what service contracts say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from broker.domain.decisions.contract_facts import NONE, ContractFacts
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import Choice, VersionRef
from broker.storage.decisions.contract_parts import Part
from broker.storage.decisions.contract_rows import contract_facts
from broker.storage.decisions.contract_statements import statement_with_contracts
from broker.storage.decisions.matrix_statements import Shape, statement


class Matrix:
    """Which pacts were verified by which versions, now or at a moment: one statement."""

    def __init__(self, connection: Connection, at: datetime | None = None) -> None:
        self._connection = connection
        self._at = at

    def find(
        self, choices: Sequence[Choice], *, limit: int | None = None, with_history: bool = False
    ) -> tuple[list[Row], ContractFacts]:
        """Return the pacts of the chosen versions with each other, and their results (reference §8.3).

        A single choice has rows with every other application. *limit* applies to the pacts and to the rows,
        newest first. *with_history* adds pacts and results that were overwritten. The facts are those about
        service contracts; where no version that was chosen has any, nobody looks for them.
        """
        version_ids = [version.id for choice in choices for version in choice.versions]
        open_ids = [choice.pacticipant_id for choice in choices if choice.selector.is_open]
        shape = Shape(
            versions=bool(version_ids),
            open=bool(open_ids),
            alone=len(choices) == 1,
            current=not with_history,
            limited=limit is not None,
            past=self._at is not None,
        )
        values: dict[str, object] = {
            "version_ids": version_ids,
            "open_ids": open_ids,
            "pacticipant_ids": [choice.pacticipant_id for choice in choices],
            "specified_ids": [choice.pacticipant_id for choice in choices if choice.specified],
            "limit": limit,
            "at": self._at,
        }
        if shape.alone or any(choice.has_contracts for choice in choices):
            found = self._connection.execute(statement_with_contracts(shape), values).all()
            rows = [_row(row[1:15]) for row in found if row.part == Part.ROW]
            return rows, contract_facts(row for row in found if row.part != Part.ROW)
        return [_row(row) for row in self._connection.execute(statement(shape), values).all()], NONE


def _row(columns: Any) -> Row:
    (
        consumer,
        consumer_version_id,
        consumer_version,
        position,
        provider,
        provider_version_id,
        provider_version,
        provider_position,
        success,
        sha,
        published_at,
        revision,
        result,
        verified_at,
    ) = columns
    return Row(
        consumer=consumer,
        consumer_version=VersionRef(consumer_version_id, consumer_version, position),
        provider=provider,
        provider_version=None
        if provider_version_id is None
        else VersionRef(provider_version_id, provider_version, provider_position),
        verdict=Verdict(None if success is None else bool(success)),
        sha=sha,
        published_at=published_at,
        revision=revision,
        result_number=result,
        verified_at=verified_at,
    )
