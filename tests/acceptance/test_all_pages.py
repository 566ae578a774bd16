"""Every page of the site map, in a real browser, in the world of a retailer."""

from pprint import pformat

import pytest
from playwright.sync_api import expect
from support.account_world import add_accounts
from support.retail_world import KEY, new_world
from support.serving import serving
from support.site_map import ERRORS, SITE_MAP
from support.visiting import WIDE, faults

from broker.storage.database import Database

pytestmark = pytest.mark.slow
LATER = ("/events", "/favicon.ico", ".svg")
"""Requests that no page waits for: the stream of events, and the icon of the window."""
PARTS = 2
"""Into which the pages are divided, so that two processes can visit them."""


@pytest.fixture(scope="module")
def world():
    with new_world() as world:
        yield world


@pytest.fixture(scope="module")
def people(world):
    """The accounts in the world: who visits the pages administers the broker."""
    database = Database(world.url)
    yield add_accounts(database, "Checkout", "Cart")
    database.close()


@pytest.fixture(scope="module")
def credentials(people):
    return {"Authorization": f"Bearer {people.tokens['ada']}"}


@pytest.fixture(scope="module")
def ids(world, people):
    return {**world.ids, **people.ids}


@pytest.fixture(scope="module")
def retailer(world, people, tmp_path_factory):
    """The base URL of a broker with the world of the retailer, and accounts."""
    assert people
    log, environment = tmp_path_factory.mktemp("retailer") / "log", {"TALLY_SECRETS_KEY": KEY}
    with serving(world.url, log, environment=environment, is_forked=True) as url:
        yield url


@pytest.fixture(scope="module")
def urls(ids, retailer):
    return {name: retailer + path.format(**ids) for name, path in SITE_MAP.items()}


@pytest.fixture(scope="module")
def one_page(chromium, credentials):
    """One page for all visits: what it loads once stays."""
    context = chromium.new_context(
        locale="de-CH", timezone_id="Europe/Zurich", extra_http_headers=credentials
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def visitor(one_page):
    """The page, as wide and light as at the beginning."""
    one_page.set_viewport_size(WIDE)
    one_page.emulate_media(media="screen", color_scheme="light")
    one_page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    return one_page


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_without_fault(urls, visitor, part):
    """Axe, console, other hosts, headings, layout shifts, and the same text without scripts."""
    found = {}

    for name in list(urls)[part::PARTS]:
        if wrong := faults(visitor, urls[name]):
            found[name] = wrong

    assert found == {}, pformat(found, width=180)


def test_pages_of_errors_are_without_fault(retailer, ids, visitor):
    found = {}

    for name, path in ERRORS.items():
        wrong = faults(visitor, retailer + path.format(**ids))
        found[name] = [item for item in wrong if item[0] not in {"status", "console"}]

    assert found == {name: [] for name in ERRORS}


def test_a_first_visit_takes_three_requests_and_the_next_page_one(urls, chromium, credentials):
    context = chromium.new_context(extra_http_headers=credentials)
    page = context.new_page()
    asked = []
    page.on("requestfinished", lambda request: asked.append(request.url))

    page.goto(urls["overview"], wait_until="load")
    first = [url for url in asked if not url.endswith(LATER)]
    asked.clear()
    page.goto(urls["environments"], wait_until="load")
    sent = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.transferSize).map((one) => one.name)"
    )

    context.close()
    assert len(first) == 3
    assert [url for url in sent if not url.endswith(LATER)] == []


def test_the_keyboard_leads_to_the_search_field(urls, visitor):
    visitor.goto(urls["environments"])

    visitor.keyboard.press("/")

    expect(visitor.locator(".top input[type=search]")).to_be_focused()


def test_six_keys_lead_from_the_overview_to_the_first_mismatch(urls, visitor):
    visitor.goto(urls["overview"])

    for key in ("Tab", "Tab", "Enter", "Tab", "Enter"):
        visitor.keyboard.press(key)

    expect(visitor.get_by_role("heading", level=1)).to_contain_text("→")
    expect(visitor.locator("main :is(.problems, .mismatch)").first).to_be_in_viewport()


def test_whatever_has_the_focus_shows_it(urls, visitor):
    """With an outline of 2 px that stands out from what is behind it by 3 : 1, in both themes."""
    weak = []
    for scheme in ("light", "dark"):
        visitor.emulate_media(color_scheme=scheme)
        visitor.goto(urls["overview"])
        for _ in range(25):
            visitor.keyboard.press("Tab")
            ratio = visitor.evaluate(RING)
            if ratio[1] < 3 or ratio[2] != "solid":
                weak.append((scheme, ratio))

    assert weak == []


RING = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const channels = (colour) => {
        const context = document.createElement("canvas").getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => {
        const [red, green, blue] = channels(colour).map((value) => {
            const part = value / 255;
            return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    let behind = one.parentElement;
    const ground_of = (element) => getComputedStyle(element).backgroundColor;
    while (behind.parentElement && channels(ground_of(behind))[3] === 0) behind = behind.parentElement;
    const [ring, ground] = [light(style.outlineColor), light(ground_of(behind))];
    const ratio = (Math.max(ring, ground) + 0.05) / (Math.min(ring, ground) + 0.05);
    return [one.outerHTML.slice(0, 80), parseFloat(style.outlineWidth) >= 2 ? ratio : 0, style.outlineStyle];
}"""


def test_a_theme_that_was_chosen_stays(urls, chromium, credentials):
    context = chromium.new_context(color_scheme="light", extra_http_headers=credentials)
    page = context.new_page()
    page.goto(urls["overview"])
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)

    switch = page.get_by_role("button", name="Theme")
    switch.click()
    expect(switch).to_have_accessible_name("Theme: light")
    switch.click()
    expect(switch).to_have_accessible_name("Theme: dark")
    dark = page.evaluate(ground)
    page.goto(urls["environments"])

    assert page.evaluate(ground) == dark != before
    switch.click()
    assert page.evaluate(ground) == before
    context.close()


def test_times_are_shown_in_the_zone_and_language_of_the_reader(urls, visitor):
    visitor.goto(urls["pact"])
    time = visitor.locator("main time").first

    time.focus()

    shown = visitor.evaluate("getComputedStyle(document.activeElement, '::after').content")
    assert "MEZ" in shown or "MESZ" in shown
    assert " UTC" not in shown


def test_at_twice_the_size_nothing_is_cut_off(urls, visitor):
    """A zoom of 200 % of 1280 pixels is a page that is 640 wide."""
    visitor.set_viewport_size({"width": 640, "height": 450})
    cut_off = []

    for name in ("overview", "environments", "pact", "version", "webhooks"):
        visitor.goto(urls[name])
        if visitor.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            cut_off.append(name)

    assert cut_off == []


def test_on_paper_everything_is_open(urls, visitor):
    visitor.goto(urls["pact"])
    visitor.emulate_media(media="print")
    bodies = visitor.locator("main details pre")

    closed = bodies.evaluate_all("(all) => all.filter((one) => !one.checkVisibility()).length")

    assert bodies.count() > 3
    assert closed == 0


def test_verdicts_keep_their_shapes_in_the_colours_of_the_reader(urls, visitor):
    visitor.emulate_media(forced_colors="active")
    visitor.goto(urls["overview"])

    seen = visitor.evaluate(
        "(() => { const one = getComputedStyle(document.querySelector('main .verdict'), '::before');"
        " const ground = getComputedStyle(document.body).backgroundColor;"
        " return [one.backgroundColor !== ground, one.maskImage.startsWith('url'), one.width]; })()"
    )

    assert seen == [True, True, "16px"]


def test_nothing_moves_for_whoever_asked_for_that(urls, visitor):
    visitor.emulate_media(reduced_motion="reduce")
    visitor.goto(urls["overview"])

    moving = visitor.evaluate(
        "[...document.querySelectorAll('*')].map((one) => getComputedStyle(one))"
        ".filter((one) => one.transitionDuration !== '0s' || one.animationName !== 'none').length"
    )

    assert moving == 0


def test_pages_can_be_read_without_scripts(urls, chromium, credentials):
    context = chromium.new_context(java_script_enabled=False, extra_http_headers=credentials)
    page = context.new_page()

    page.goto(urls["pact"])

    closed = page.locator("main details:not([open]) > summary").first
    closed.click()
    expect(page.locator("main details[open] pre").last).to_be_visible()
    expect(page.get_by_role("button", name="Theme")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    context.close()
