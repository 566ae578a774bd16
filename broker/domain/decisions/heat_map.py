"""Which versions go together, as a grid: consumer versions beside each other's provider versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import VersionRef
from tally.values import dataclass

MOST_ELEMENTS = 1500
"""How large a grid may be: a page has its limit."""


@dataclass(frozen=True)
class Cell:
    """A result; without *row*, as many versions beside each other as *span* says that have none."""

    row: Row | None
    span: int = 1


@dataclass(frozen=True)
class Line:
    """A version of the consumer, and what came of it with each version of the provider."""

    version: VersionRef
    cells: Sequence[Cell]


@dataclass(frozen=True)
class HeatMap:
    """The newest versions are at the top and at the left. *deployed* are the lines of what is somewhere."""

    consumer: str
    provider: str
    columns: Sequence[VersionRef]
    lines: Sequence[Line]
    deployed: Sequence[Line] = ()
    left_out: Sequence[VersionRef] = field(default_factory=tuple)
    """Versions of the consumer that are not shown, as there would be too many cells."""


def heat_map(
    pair: tuple[str, str],
    rows: Iterable[Row],
    consumers: Sequence[VersionRef] | None = None,
    providers: Sequence[VersionRef] | None = None,
    *,
    there: Iterable[VersionRef] = (),
) -> HeatMap:
    """Return the grid of the rows about pacts, of these *consumers* and *providers* or of all in the rows.

    *there* are versions of the consumer that are in an environment: each has a line of its own above the
    others.
    """
    found = {(row.consumer_version, row.provider_version): row for row in rows if not row.subject}
    with_results = [version for _, version in found if version is not None]
    columns = _newest_first(with_results if providers is None else providers)
    versions = _newest_first((version for version, _ in found) if consumers is None else consumers)
    deployed = [_line(version, columns, found) for version in _newest_first(there)]
    left = MOST_ELEMENTS - sum(map(_elements, deployed))
    lines: list[Line] = []
    for version in versions:
        line = _line(version, columns, found)
        left -= _elements(line)
        if left < 0 and lines:
            break
        lines.append(line)
    return HeatMap(*pair, columns, lines, deployed, versions[len(lines) :])


def heat_maps(rows: Iterable[Row]) -> list[HeatMap]:
    """Return a grid for each pair of applications that the rows are about."""
    by_pair: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if not row.subject:
            by_pair.setdefault((row.consumer, row.provider), []).append(row)
    return [heat_map(pair, of_pair) for pair, of_pair in sorted(by_pair.items())]


def marks(environments: Iterable[str]) -> dict[str, str]:
    """Return a short mark for each environment: its first letter, or more where several begin alike."""
    names = sorted(set(environments))
    found = {}
    for name in names:
        length = next(
            (size for size in (1, 2, 3) if sum(_begins(other, name, size) for other in names) == 1), 3
        )
        found[name] = name[:length].capitalize()
    return found


def _begins(name: str, other: str, size: int) -> bool:
    return name[:size].lower() == other[:size].lower()


def _newest_first(versions: Iterable[VersionRef]) -> list[VersionRef]:
    return sorted(set(versions), key=lambda version: -version.position)


def _line(
    version: VersionRef,
    columns: Sequence[VersionRef],
    found: Mapping[tuple[VersionRef, VersionRef | None], Row],
) -> Line:
    cells: list[Cell] = []
    for column in columns:
        row = found.get((version, column))
        if row is not None and row.verdict is not Verdict.UNKNOWN:
            cells.append(Cell(row))
        elif cells and cells[-1].row is None:
            cells[-1] = Cell(None, cells[-1].span + 1)
        else:
            cells.append(Cell(None))
    return Line(version, cells)


def _elements(line: Line) -> int:
    return sum(2 if cell.row else 1 for cell in line.cells) + 3
