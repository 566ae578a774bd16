"""The rows of a decision: which pacts were verified by which versions, and what service contracts say."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from broker.domain.decisions.contract_facts import NONE, ContractFacts
from broker.domain.decisions.matrix import Row, RowVersion, Verdict
from broker.domain.decisions.selectors import Choice, VersionRef
from broker.storage.decisions.contract_parts import Part
from broker.storage.decisions.contract_rows import contract_facts
from broker.storage.decisions.contract_statements import statement_with_contracts
from broker.storage.decisions.matrix_details import detailed_statement, details
from broker.storage.decisions.matrix_statements import Shape

_VERDICTS = {verdict.value: verdict for verdict in Verdict}
"""By what the column says; the numbers of SQLite are equal to truth values."""


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
        rows, facts, _ = self._find(choices, limit, with_history=with_history, detailed=False)
        return rows, facts

    def find_detailed(
        self,
        choices: Sequence[Choice],
        pairs: Collection[tuple[str, str]],
        *,
        limit: int | None,
        with_history: bool,
    ) -> tuple[list[Row], ContractFacts, dict[int, RowVersion] | None]:
        """Return the same, and what else is known of the versions in the rows, by id.

        It is None where the rows may have versions that were not chosen. *pairs* has the names of all
        consumers and providers among the choices that have a pact.
        """
        # Then the rows have no others.
        detailed = len(choices) > 1 and not any(choice.selector.is_open for choice in choices)
        return self._find(choices, limit, pairs, with_history=with_history, detailed=detailed)

    def _find(
        self,
        choices: Sequence[Choice],
        limit: int | None,
        pairs: Collection[tuple[str, str]] = (),
        *,
        with_history: bool,
        detailed: bool,
    ) -> tuple[list[Row], ContractFacts, dict[int, RowVersion] | None]:
        version_ids = [version.id for choice in choices for version in choice.versions]
        open_ids = [choice.pacticipant_id for choice in choices if choice.selector.is_open]
        count = len(choices) == 1 or any(choice.has_contracts for choice in choices)
        is_list = limit is not None and not with_history and self._at is None and not count
        shape = Shape(
            versions=bool(version_ids),
            open=bool(open_ids),
            alone=len(choices) == 1,
            current=not with_history,
            limited=limit is not None,
            past=self._at is not None,
            detailed=detailed,
            pair=is_list and len(open_ids) == len(choices) and len(pairs) == 1,
        )
        ids = {choice.selector.pacticipant: choice.pacticipant_id for choice in choices}
        consumer, provider = next(iter(pairs)) if shape.pair else ("", "")
        values: dict[str, object] = {
            "version_ids": version_ids,
            "ids": version_ids,
            "open_ids": open_ids,
            "pacticipant_ids": list(ids.values()),
            "specified_ids": [choice.pacticipant_id for choice in choices if choice.specified],
            "consumer": ids.get(consumer),
            "provider": ids.get(provider),
            "limit": limit,
            "at": self._at,
        }
        found = self._connection.execute(
            (statement_with_contracts if count else detailed_statement)(shape), values
        )
        of_rows: list[Any] = []
        of_details: list[Any] = []
        of_contracts: list[Any] = []
        for row in found.all():
            if row[0] == Part.ROW:
                of_rows.append(row)
            else:
                (of_details if row[0] == Part.DETAIL else of_contracts).append(row)
        facts = contract_facts(of_contracts) if count else NONE
        return _rows(of_rows), facts, details(of_details) if detailed else None


def _rows(found: Iterable[Any]) -> list[Row]:
    version = cache(VersionRef)  # many rows are about the same versions
    return [
        Row(
            consumer=consumer,
            consumer_version=version(consumer_version_id, consumer_version, position),
            provider=provider,
            provider_version=None
            if provider_version_id is None
            else version(provider_version_id, provider_version, provider_position),
            verdict=_VERDICTS[success],
            sha=sha,
            published_at=published_at,
            revision=revision,
            result_number=result,
            verified_at=verified_at,
        )
        for (
            _part,
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
            *_,
        ) in found
    ]
