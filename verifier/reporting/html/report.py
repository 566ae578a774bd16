"""The report as one HTML page that needs no server and no other file."""

import base64
import hashlib
from importlib.resources import files

from verifier.reporting.files import Format
from verifier.reporting.html.cases import MARKS, case_markup
from verifier.reporting.html.duration_chart import duration_chart
from verifier.reporting.html.markup import Markup, joined, tag
from verifier.reporting.wording import budget_line, case_title, lines_about_coverage, milliseconds, summary
from verifier.results.result import CaseOutcome, ContractResult, FailureKind, Report
from verifier.results.statistics import Statistics, durations, slowest, statistics

_MOST_SLOWEST = 10
_MOST_LINKS = 20
_VERDICTS = {0: "verdict passed", 1: "verdict failed", 2: "verdict unclear"}


def html_page(report: Report) -> str:
    """Return the report as a page."""
    results = [result for verified in report.contracts for result in verified.results]
    # Requests that were generated have no place of their own, but that of the one that stands for them.
    anchors = {
        id(each): f"case-{number}"
        for number, result in enumerate(results, 1)
        for each in (*result.each, result)
    }
    return _page(
        _title(report),
        _verdict(report, anchors),
        _durations(report, anchors),
        _controls(report),
        tag("main", *(_contract(verified, anchors) for verified in report.contracts)),
    )


def html_of_reason(reason: str) -> str:
    """Return a page with the reason why there is no report."""
    title = "Nothing could be verified"
    return _page(title, tag("header", tag("h1", title), tag("p", reason), class_="card verdict unclear"))


HTML = Format(of_report=html_page, of_reason=html_of_reason)
"""What `--html FILE` writes."""


def _page(title: str, *parts: Markup) -> str:
    # The page with only a reason has nothing to filter, and so needs no script.
    style, script = _resource("page.css"), _resource("page.js") if len(parts) > 1 else Markup("")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · Tallystick"),
        tag("style", style),
    )
    body = tag("body", *parts, tag("script", script) if script else None)
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _resource(name: str) -> Markup:
    return Markup(files("verifier.reporting.html").joinpath(name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: the page may use its own style and script, and load nothing."""
    allowed = ("default-src 'none'", f"style-src {_hash(style)}", f"script-src {_hash(script)}")
    return "; ".join((*allowed, "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _title(report: Report) -> str:
    providers = dict.fromkeys(verified.contract.provider for verified in report.contracts)
    return f"Verification of {', '.join(providers)}"


def _verdict(report: Report, anchors: dict[int, str]) -> Markup:
    budgets = [
        tag("li", budget_line(budget), class_="exceeded" if budget.exceeded else None)
        for budget in report.budgets
    ]
    problems = [tag("li", problem, class_="wrong") for problem in report.problems]
    seen = [tag("li", line) for each in report.contracts for line in lines_about_coverage(each)]
    notes = [*budgets, *seen, *problems, *(tag("li", f"Warning: {text}") for text in report.warnings)]
    return tag(
        "header",
        tag("h1", _title(report)),
        tag("p", summary(report)),
        tag("ul", *notes, class_="notes") if notes else None,
        _failures(report, anchors),
        class_=f"card {_VERDICTS[report.exit_code]}",
    )


def _failures(report: Report, anchors: dict[int, str]) -> Markup | None:
    """Return links to the cases that did not pass, which could be hard to find among hundreds that did."""
    failed = [
        (verified.outcome(result), result)
        for verified in report.contracts
        for result in verified.results
        if not result.passed and result.failure is not FailureKind.NOT_REPLAYED
    ]
    if not failed:
        return None
    links = [
        tag(
            "li",
            tag("span", MARKS[outcome], class_="mark"),
            " ",
            tag("a", case_title(result.case), href=f"#{anchors[id(result)]}"),
            class_=outcome.value,
        )
        for outcome, result in failed[:_MOST_LINKS]
    ]
    more = len(failed) - _MOST_LINKS
    return joined(
        (
            tag("h2", "What did not pass"),
            tag("ul", *links, class_="failures"),
            tag("p", f"and {more} more below", class_="quiet") if more > 0 else None,
        )
    )


def _durations(report: Report, anchors: dict[int, str]) -> Markup:
    measured = statistics(report.contracts)
    if not measured.answered:
        return Markup("")
    results = (each for verified in report.contracts for result in verified.results for each in result.each)
    return tag(
        "section",
        tag("h2", "Durations", id="durations"),
        tag(
            "div",
            tag("div", _numbers(measured), duration_chart(durations(results))),
            tag("div", _slowest(report, anchors)),
            class_="measured",
        ),
        class_="card",
        aria_labelledby="durations",
    )


def _numbers(measured: Statistics) -> Markup:
    named = (("p50", measured.p50), ("p95", measured.p95), ("p99", measured.p99))
    pairs = [
        tag("div", tag("dt", name), tag("dd", milliseconds(value)))
        for name, value in named
        if value is not None
    ]
    errors = tag("div", tag("dt", "errors"), tag("dd", f"{measured.errors} of {measured.asked}"))
    return tag("dl", *pairs, errors, class_="numbers")


def _slowest(report: Report, anchors: dict[int, str]) -> Markup:
    rows = [
        tag(
            "tr",
            tag("td", milliseconds(result.duration_ms)),
            tag("td", tag("a", case_title(result.case), href=f"#{anchors[id(result)]}")),
        )
        for _, result in slowest(report.contracts, _MOST_SLOWEST)
    ]
    return tag("table", tag("caption", "Slowest interactions"), *rows, class_="slowest")


def _controls(report: Report) -> Markup:
    boxes = [
        tag(
            "label",
            tag("input", type="checkbox", name="outcome", value=outcome.value, checked=True),
            f"{report.counts[outcome]} {outcome.value}",
        )
        for outcome in CaseOutcome
        if report.counts[outcome]
    ]
    return tag(
        "search",
        tag(
            "input",
            type="search",
            id="search",
            placeholder="Search: description, path, what is wrong",
            aria_label="Search interactions",
        ),
        tag("fieldset", tag("legend", "Outcomes"), *boxes),
        tag("span", id="shown", class_="quiet", aria_live="polite"),
        class_="controls card",
    )


def _contract(verified: ContractResult, anchors: dict[int, str]) -> Markup:
    contract = verified.contract
    notes = [
        contract.source,
        "pending" if contract.pending else "",
        "published" if verified.published else "",
    ]
    notices = [tag("p", notice.text, class_="quiet") for notice in contract.notices]
    return tag(
        "section",
        tag("h2", contract.name),
        tag("p", " · ".join(filter(None, notes)), class_="quiet"),
        *notices,
        joined(case_markup(verified, result, anchors[id(result)]) for result in verified.results),
        class_="card contract",
    )
