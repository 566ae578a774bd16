"""The rows of the overview as a template prints them: what many rows have alike is made once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from broker.domain.overview.overview_parts import NewestDelivery
from broker.domain.overview.standings import ShortStanding, Standing
from broker.domain.overview.summaries import PactStatus
from broker.domain.webhooks.delivery import Status
from broker.services.overview.overview_page import OverviewRow
from broker.web.pages.verdicts import look, strip
from tally.amounts import ago, short_age

_NOTHING = Markup("")
_ICON = Markup(
    '<span class="verdict icon {kind}" role="img" aria-label="{place}: {word}" title="{word}"></span>'
)
_STRIP = Markup(
    '<svg class="strip" role="img" aria-label="{label}" width="{width}" height="18" viewBox="0 0 {width} 18">'
    "{paths}</svg>"
)
_PATH = Markup('<path class="{}" d="{}"/>')


@dataclass(frozen=True)
class ShownRow:
    """A row with its parts as HTML. *numbers* is "2 of 9" where it is known how many interactions fail."""

    consumer: str
    provider: str
    pact: str
    kind: str
    text: str
    places: Sequence[Markup]
    results: Markup
    changed: Markup
    delivery: str
    is_broken: bool


def shown_rows(
    rows: Sequence[OverviewRow], columns: Sequence[str], url: Callable[..., str], now: datetime
) -> list[ShownRow]:
    """Return the rows; *columns* are the environments that have one."""
    icons: dict[tuple[str, PactStatus], Markup] = {}
    return [_shown(row, columns, icons, url=url, now=now) for row in rows]


def pact_of(found: Standing, url: Callable[..., str]) -> str:
    """Return the address of the pact that counts on main, or of the consumer where there is none."""
    if found.consumer_version is None:
        return url("pacticipant", pacticipant=found.consumer)
    return url(
        "pact", provider=found.provider, consumer=found.consumer, consumer_version=found.consumer_version
    )


def _shown(
    row: OverviewRow,
    columns: Sequence[str],
    icons: dict[tuple[str, PactStatus], Markup],
    *,
    url: Callable[..., str],
    now: datetime,
) -> ShownRow:
    main = row.main
    one = look(main.verdict)
    text = f"{main.failures.count} of {main.interactions}" if main.failures else one.word
    said, is_broken = _delivery(row.delivery)
    return ShownRow(
        main.consumer,
        main.provider,
        pact_of(main, url),
        one.kind,
        text,
        [_icon(row.environments, name, icons) for name in columns],
        _drawn(main.newest_results) if main.newest_results else _NOTHING,
        _age(main.changed_at, now) if main.changed_at else _NOTHING,
        said,
        is_broken,
    )


def _icon(
    there: Mapping[str, ShortStanding], name: str, icons: dict[tuple[str, PactStatus], Markup]
) -> Markup:
    if name not in there:
        return _NOTHING
    verdict = there[name].verdict
    icon = icons.get((name, verdict))
    if icon is None:
        one = look(verdict)
        icon = icons[name, verdict] = _ICON.format(kind=one.kind, word=one.word, place=name)
    return icon


@lru_cache(maxsize=2048)
def _drawn(results: Sequence[PactStatus]) -> Markup:
    drawn = strip(results)
    paths = Markup().join(_PATH.format(kind, d) for kind, d in drawn.paths)
    return _STRIP.format(label=drawn.label, width=drawn.width, paths=paths)


def _age(at: datetime, now: datetime) -> Markup:
    iso = at.isoformat()
    return Markup(  # noqa: S704 - nothing in it is from outside, and Markup.format takes four times as long
        f'<time datetime="{iso}" data-exact="{iso[:10]} {iso[11:19]} UTC" tabindex="0"'
        f' aria-label="{ago(at, now)}">{short_age(at, now)}</time>'
    )


def _delivery(found: NewestDelivery | None) -> tuple[str, bool]:
    """Return what became of the newest delivery in a word, and whether that is bad."""
    if found is None:
        return "", False
    if found.status is Status.SUCCESS:
        return "✓", False
    return (f"{found.failed} failed", True) if found.failed else ("waits", False)
