"""The rows of a decision as a table, for people and for machines."""

from collections.abc import Iterable, Iterator

from broker.domain.decisions.can_i_deploy import Decision
from broker.domain.decisions.matrix import Row, Verdict
from broker.web.hal import Links
from broker.web.pages.decisions.decision_links import evidence, result
from broker.web.pages.tables import Column, Table

WORDS = {Verdict.SUCCESS: "verified", Verdict.FAILED: "failed", Verdict.UNKNOWN: "never verified"}


def of_rows(links: Links) -> Table[tuple[Row, bool]]:
    """Return the table; each row comes with whether it is ignored. *links* are for machines."""
    return Table(
        "contracts",
        (
            Column("consumer", "Consumer", lambda item: item[0].consumer),
            Column("consumer_version", "Version", lambda item: item[0].consumer_version.number),
            Column("provider", "Provider", lambda item: item[0].provider),
            Column("provider_version", "Version", lambda item: _number(item[0])),
            Column("verdict", "Verdict", lambda item: WORDS[item[0].verdict]),
            Column("evidence", "Evidence", lambda item: _evidence(item[0])),
            Column("ignored", "", lambda item: item[1]),
            Column("published_at", "Published", lambda item: item[0].published_at),
            Column("verified_at", "When", lambda item: item[0].verified_at),
            Column("url", "", lambda item: result(item[0], links)),
        ),
    )


def rows(decision: Decision) -> Iterator[tuple[Row, bool]]:
    """Yield the rows of a decision, those that are ignored last."""
    yield from _with(decision.considered, is_ignored=False)
    yield from _with(decision.ignored, is_ignored=True)


def _with(found: Iterable[Row], *, is_ignored: bool) -> Iterator[tuple[Row, bool]]:
    return ((row, is_ignored) for row in found)


def _number(row: Row) -> str | None:
    return row.provider_version.number if row.provider_version else None


def _evidence(row: Row) -> str | None:
    return None if row.verdict is Verdict.UNKNOWN else evidence(row)
