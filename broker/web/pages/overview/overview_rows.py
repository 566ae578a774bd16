"""The rows of the overview as a template prints them: what many rows have alike is made once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup, escape

from broker.domain.overview.overview_parts import NewestDelivery
from broker.domain.overview.standings import ShortStanding, Standing
from broker.domain.overview.summaries import PactStatus
from broker.domain.webhooks.delivery import Status
from broker.services.overview.overview_page import OverviewRow
from broker.web.pages.verdicts import look, strip
from tally.amounts import ago, short_age

_NOTHING = Markup("")
_EMPTY = Markup('<td class="only-wide"></td>')
_ICON = Markup(
    '<td class="only-wide"><span class="verdict icon {kind}" role="img"'
    ' aria-label="{place}: {word}" title="{word}"></span></td>'
)
_STRIP = Markup(
    '<svg class="strip" role="img" aria-label="{label}" width="{width}" height="18" viewBox="0 0 {width} 18">'
    "{paths}</svg>"
)
_DELIVERED = Markup('<span role="img" aria-label="delivered">✓</span>')
_BROKEN = Markup('<a class="broken" href="{}">{} failed</a>')
_WAITS = Markup('<span class="quiet">waits</span>')
_PATH = Markup('<path class="{}" d="{}"/>')


def shown_rows(
    rows: Sequence[OverviewRow], columns: Sequence[str], url: Callable[..., str], now: datetime
) -> Markup:
    """Return the rows as HTML; *columns* are the environments that have one."""
    icons: dict[tuple[str, PactStatus], Markup] = {}
    webhooks = url("webhooks")
    return Markup("\n").join(
        _row(
            row,
            "".join([_icon(row.environments, name, icons) for name in columns]),
            _delivery(row.delivery, webhooks),
            url=url,
            now=now,
        )
        for row in rows
    )


def pact_of(found: Standing, url: Callable[..., str]) -> str:
    """Return the address of the pact that counts on main, or of the consumer where there is none."""
    if found.consumer_version is None:
        return url("pacticipant", pacticipant=found.consumer)
    return url(
        "pact", provider=found.provider, consumer=found.consumer, consumer_version=found.consumer_version
    )


def _row(
    row: OverviewRow, places: str, delivery: Markup, *, url: Callable[..., str], now: datetime
) -> Markup:
    main = row.main
    one = look(main.verdict)
    text = f"{main.failures.count} of {main.interactions}" if main.failures else one.word
    consumer, provider = (
        f'<a class="name" href="{escape(url("pacticipant", pacticipant=name))}">{escape(name)}</a>'
        for name in (main.consumer, main.provider)
    )
    results = _drawn(main.newest_results) if main.newest_results else ""
    changed = _age(main.changed_at, now) if main.changed_at else ""
    return Markup(  # noqa: S704 - what is from outside is escaped; a template takes four times as long
        f'<tr><th scope="row">{consumer}</th><td data-label="needs">{provider}</td>'
        f'<td><a class="verdict {one.kind}" href="{escape(pact_of(main, url))}">{text}</a></td>'
        f'{places}<td>{results}</td><td class="only-wide">{changed}</td>'
        f'<td class="only-wide">{delivery}</td></tr>'
    )


def _icon(
    there: Mapping[str, ShortStanding], name: str, icons: dict[tuple[str, PactStatus], Markup]
) -> Markup:
    if name not in there:
        return _EMPTY
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


def _delivery(found: NewestDelivery | None, webhooks: str) -> Markup:
    """Return what became of the newest delivery."""
    if found is None:
        return _NOTHING
    if found.status is Status.SUCCESS:
        return _DELIVERED
    return _BROKEN.format(webhooks, found.failed) if found.failed else _WAITS
