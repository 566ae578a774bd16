"""The HTML page, in a browser, from a file."""

import re

import pytest
from support.factories import a_pact, an_interaction

from verifier.reporting.html.duration_chart import classes, duration_chart
from verifier.reporting.html.markup import tag

PAID = {"id": 1, "status": "paid"}
NAMES = ("kept", "broken <b>bold</b>", "silent")


@pytest.fixture
def report(provider, tally_verify, pact_file, tmp_path):
    """The page of a run in which one interaction passed, one failed and one had no answer."""
    provider.on("GET", "/orders/0", PAID)
    provider.on("GET", "/orders/1", {"id": 1, "status": "</script><script>alert(1)</script>", "more": [1]})
    provider.on("GET", "/orders/2", lambda _: provider.hang_up())
    interactions = (
        an_interaction(name, providerStates=[], request={"method": "GET", "path": f"/orders/{number}"})
        for number, name in enumerate(NAMES)
    )
    file = tmp_path / "report.html"
    pact = pact_file(a_pact(*interactions))
    tally_verify(pact, "--provider-url", provider.url, "--html", file, "--max-p95", "0")
    return file


@pytest.fixture
def opened(page, report):
    page.goto(report.as_uri())
    return page


def visible(page):
    return [case.get_attribute("id") for case in page.locator(".case").all() if case.is_visible()]


def test_the_page_shows_the_verdict_the_budgets_and_what_failed(opened):
    assert opened.title() == "Verification of Orders · Tallystick"
    assert "Failed: 1 passed, 2 failed" in opened.inner_text("header")
    assert "Budget exceeded: the 95th percentile" in opened.inner_text(".exceeded")
    assert opened.locator("details[open]").count() == 2
    assert "broken <b>bold</b>" in opened.inner_text("#case-2 summary")
    assert "curl -i" in opened.inner_text("#case-2")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("get /orders/2", ["case-3"]),
        ("$.status", ["case-2"]),
        ("shop", ["case-1", "case-2", "case-3"]),
        ("closed the connection", ["case-3"]),
    ],
)
def test_an_interaction_is_found_by_its_request_its_consumer_and_what_is_wrong(opened, words, found):
    opened.fill("#search", words)

    assert visible(opened) == found


def test_what_differs_is_marked_side_by_side(opened):
    (row,) = opened.locator("#case-2 .differs").all()

    expected, actual = row.locator("td").all_inner_texts()
    assert expected.strip() == '"status": "paid"'
    assert actual.strip() == '"status": "</script><script>alert(1)</script>"'


def test_searching_and_unticking_choose_what_is_shown(opened):
    opened.fill("#search", "KEPT")
    searched = visible(opened)
    opened.fill("#search", "")
    opened.uncheck("input[value=failed]")
    ticked = visible(opened)
    opened.fill("#search", "broken")

    assert (searched, ticked, visible(opened)) == (["case-1"], ["case-1"], [])
    assert opened.inner_text("#shown") == "0 of 3 interactions"


def test_a_link_to_an_interaction_opens_it_even_when_it_was_filtered_away(opened):
    opened.uncheck("input[value=passed]")
    opened.get_by_role("link", name="kept").click()

    opened.locator("#case-1[open]").wait_for(state="visible")
    assert opened.get_by_role("checkbox", name="passed").is_checked()


def test_what_did_not_pass_is_linked_at_the_top(opened):
    links = opened.locator(".failures a")

    assert links.all_inner_texts() == ["broken <b>bold</b>", "silent"]
    links.last.click()
    opened.locator("#case-3:target").wait_for(state="visible")


def test_nothing_is_fetched_and_no_foreign_script_may_run(opened, report):
    html = report.read_text()

    policy = opened.locator("meta[http-equiv]").get_attribute("content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"<(link|img|iframe)|\b(src|href)=\"(?!#)", html)
    assert html.count("<script") == 1
    assert opened.evaluate("performance.getEntriesByType('resource').length") == 0


def test_the_page_says_in_words_what_the_chart_shows(opened):
    chart = opened.get_by_role("img", name="Durations")

    assert chart.is_visible()
    assert chart.locator("desc").text_content().startswith("Of 2 responses, half took at most ")


def test_controls_have_names_and_are_used_with_the_keyboard(opened):
    opened.get_by_role("searchbox", name="Search interactions").focus()
    opened.keyboard.press("Tab")

    assert opened.evaluate("document.activeElement.value") == "passed"
    assert opened.get_by_role("group", name="Outcomes").get_by_role("checkbox").count() == 2
    assert opened.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_enough_contrast(opened, scheme):
    opened.emulate_media(color_scheme=scheme)

    for selector in ("h1", ".quiet", ".exceeded", ".case.failed .mark", ".case.passed .mark", ".time"):
        assert opened.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


CONTRAST = """element => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = element;
  while (parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


def test_without_scripts_everything_is_there_and_no_control_that_does_nothing(chromium, report):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())

    assert page.locator(".case").count() == 3
    assert not page.locator("#search").is_visible()
    context.close()


def test_a_page_without_a_report_says_why(page, tally_verify, tmp_path):
    file = tmp_path / "report.html"
    tally_verify("none.json", "--provider-url", "http://localhost:1", "--html", file)

    page.goto(file.as_uri())

    assert page.inner_text("h1") == "Nothing could be verified"
    assert "none.json: there is no such file" in page.inner_text("header")


def test_what_is_no_markup_is_escaped():
    assert (
        tag("p", "<&>", tag("b", "x"), None, title='"<') == '<p title="&quot;&lt;">&lt;&amp;&gt;<b>x</b></p>'
    )
    assert tag("input", hidden=True, checked=False) == "<input hidden>"


def test_times_are_counted_in_classes_from_the_fastest_to_the_slowest():
    assert classes([4, 5, 5.1, 150_000]) == [
        ("≤ 5 ms", 2),
        ("≤ 10 ms", 1),
        *[(name, 0) for name in BETWEEN],
        ("> 50 s", 1),
    ]
    assert classes([]) == []
    assert duration_chart([]) == ""


BETWEEN = (
    *("≤ 20 ms", "≤ 30 ms", "≤ 50 ms", "≤ 100 ms", "≤ 200 ms", "≤ 300 ms", "≤ 500 ms"),
    *("≤ 1 s", "≤ 2 s", "≤ 3 s", "≤ 5 s", "≤ 10 s", "≤ 20 s", "≤ 30 s", "≤ 50 s"),
)
