"""Looking at a page in a browser: everything that is asked of every page, at one visit."""

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")
WIDE, PHONE, NARROW = (
    {"width": 1440, "height": 900},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
)
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_FOR_A_PHONE = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
    }
}
_TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return null;
    const wide = [...document.querySelectorAll("main *, header *")].filter(
        (one) => one.getBoundingClientRect().right > width + 1
            && !one.closest(".scroll, nav, pre, svg, thead"));
    return wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
}"""
_SAME_TEXT = """async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const sent = new DOMParser().parseFromString(await answer.text(), "text/html");
    const text = (page) => {
        const main = page.querySelector("main").cloneNode(true);
        for (const one of main.querySelectorAll("time, noscript, .needs-script, #explorer")) one.remove();
        // Each request has a reference of its own.
        return main.textContent.replace(/\\s+/g, " ").replace(/reference of this request: \\S+/, "").trim();
    };
    const [plain, scripted] = [text(sent), text(document)];
    return plain === scripted ? null : [plain.slice(0, 200), scripted.slice(0, 200)];
}"""
_HEADINGS = """() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5")].map((one) => +one.tagName[1]);
    const jumps = levels.filter((level, place) => level > (levels[place - 1] ?? 0) + 1);
    return levels.filter((level) => level === 1).length === 1 && !jumps.length ? null : levels;
}"""
_SHIFT = """() => new Promise((done) => {
    let sum = 0;
    const watching = new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
    });
    watching.observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => { watching.disconnect(); done(sum); }, 0));
})"""


def faults(page: Any, url: str) -> list[Any]:
    """Return what is wrong with a page, in both themes, on a wide screen and on a phone."""
    said: list[Any] = []
    hosts = url.split("/")[2]

    def note(message: Any) -> None:
        said.append(("console", message.text))

    def ask(request: Any) -> None:
        if request.url.split("/")[2] not in {hosts, ""} and not request.url.startswith("data:"):
            said.append(("another host", request.url))

    page.on("console", note)
    page.on("request", ask)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    answer = page.goto(url)
    found = [("status", answer.status)] if answer.status != 200 else []
    found += _looked_at(page)
    page.remove_listener("console", note)
    page.remove_listener("request", ask)
    return found + said


def _looked_at(page: Any) -> list[Any]:
    found = []
    if (shift := page.evaluate(_SHIFT)) > 0.02:
        found.append(("layout shift", round(shift, 3)))
    if different := page.evaluate(_SAME_TEXT):
        found.append(("other text with scripts", different))
    if levels := page.evaluate(_HEADINGS):
        found.append(("headings", levels))
    page.evaluate(AXE)
    found += _violations(page, "light, wide", {})
    page.emulate_media(color_scheme="dark")
    found += _violations(page, "dark, wide", _COLOURS)
    page.set_viewport_size(PHONE)
    found += _violations(page, "dark, phone", _FOR_A_PHONE)
    page.emulate_media(color_scheme="light")
    found += _violations(page, "light, phone", _COLOURS)
    page.set_viewport_size(NARROW)
    if wide := page.evaluate(_TOO_WIDE):
        found.append(("too wide for 320 pixels", wide))
    return found


def _violations(page: Any, how: str, options: Any) -> list[Any]:
    results = page.evaluate(
        "(options) => axe.run(document, {resultTypes: ['violations'], ...options})", options
    )
    return [
        (how, item["id"], len(item["nodes"]), item["nodes"][0]["target"], item["nodes"][0]["html"][:160])
        for item in results["violations"]
    ]
