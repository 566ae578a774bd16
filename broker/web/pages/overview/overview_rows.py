"""The rows of the overview as a template prints them: what many rows have alike is made once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial

from markupsafe import Markup, escape

from broker.domain.overview.overview_parts import NewestDelivery
from broker.domain.overview.standings import ShortStanding, Standing
from broker.domain.overview.summaries import PactStatus
from broker.domain.webhooks.delivery import Status
from broker.services.overview.overview_page import OverviewRow
from broker.web import routes
from broker.web.pages.verdicts import look, strip
from tally.amounts import ago, short_age

_EMPTY = '<td class="only-wide"></td>'
_ICON = Markup(
    '<td class="only-wide"><span class="verdict icon {kind}" role="img"'
    ' aria-label="{place}: {word}" title="{word}"></span></td>'
)
_STRIP = Markup(
    '<svg class="strip" role="img" aria-label="{label}" width="{width}" height="18" viewBox="0 0 {width} 18">'
    "{paths}</svg>"
)
_DELIVERED = '<span role="img" aria-label="delivered">✓</span>'
_WAITS = '<span class="quiet">waits</span>'
_PATH = Markup('<path class="{}" d="{}"/>')


def shown_rows(rows: Sequence[OverviewRow], columns: Sequence[str], base: str, now: datetime) -> Markup:
    """Return the rows as HTML; *columns* are the environments that have one, *base* is before each path."""
    shown = _Rows(columns, str(escape(base)), now)
    # Texts that are escaped already, marked as such once: each step of a Markup takes as long as a row.
    return Markup("\n".join([shown.row(row) for row in rows]))  # noqa: S704 - see above


def pact_of(found: Standing, url: Callable[..., str]) -> str:
    """Return the address of the pact that counts on main, or of the consumer where there is none."""
    if found.consumer_version is None:
        return url("pacticipant", pacticipant=found.consumer)
    return url(
        "pact", provider=found.provider, consumer=found.consumer, consumer_version=found.consumer_version
    )


class _Rows:
    """Makes the rows of one page. Paths have nothing in them to escape: their names are percent-encoded."""

    def __init__(self, columns: Sequence[str], base: str, now: datetime) -> None:
        self._columns = columns
        self._url = partial(_url, base)
        self._now = now
        self._applications: dict[str, str] = {}
        self._icons: dict[tuple[str, PactStatus], str] = {}

    def row(self, row: OverviewRow) -> str:
        """Return a row as HTML."""
        main = row.main
        one = look(main.verdict)
        text = f"{main.failures.count} of {main.interactions}" if main.failures else one.word
        places = "".join([self._icon(row.environments, name) for name in self._columns])
        results = _drawn(main.newest_results) if main.newest_results else ""
        changed = _age(main.changed_at, self._now) if main.changed_at else ""
        return (
            f'<tr><th scope="row">{self._application(main.consumer)}</th>'
            f'<td data-label="needs">{self._application(main.provider)}</td>'
            f'<td><a class="verdict {one.kind}" href="{pact_of(main, self._url)}">{text}</a></td>'
            f'{places}<td>{results}</td><td class="only-wide">{changed}</td>'
            f'<td class="only-wide">{self._delivery(row.delivery)}</td></tr>'
        )

    def _application(self, name: str) -> str:
        shown = self._applications.get(name)
        if shown is None:
            address = self._url("pacticipant", pacticipant=name)
            shown = self._applications[name] = f'<a class="name" href="{address}">{escape(name)}</a>'
        return shown

    def _icon(self, there: Mapping[str, ShortStanding], name: str) -> str:
        if name not in there:
            return _EMPTY
        verdict = there[name].verdict
        icon = self._icons.get((name, verdict))
        if icon is None:
            one = look(verdict)
            icon = self._icons[name, verdict] = str(_ICON.format(kind=one.kind, word=one.word, place=name))
        return icon

    def _delivery(self, found: NewestDelivery | None) -> str:
        """Return what became of the newest delivery."""
        if found is None:
            return ""
        if found.status is Status.SUCCESS:
            return _DELIVERED
        if not found.failed:
            return _WAITS
        return f'<a class="broken" href="{self._url("webhooks")}">{found.failed} failed</a>'


def _url(base: str, route: str, **values: str) -> str:
    return base + routes.path(route, **values)


@lru_cache(maxsize=2048)
def _drawn(results: Sequence[PactStatus]) -> str:
    drawn = strip(results)
    paths = Markup().join(_PATH.format(kind, d) for kind, d in drawn.paths)
    return str(_STRIP.format(label=drawn.label, width=drawn.width, paths=paths))


def _age(at: datetime, now: datetime) -> str:
    iso = at.isoformat()
    return (
        f'<time datetime="{iso}" data-exact="{iso[:10]} {iso[11:19]} UTC" tabindex="0"'
        f' aria-label="{ago(at, now)}">{short_age(at, now)}</time>'
    )
