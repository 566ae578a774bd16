"""Take the pictures of the documentation: `make screenshots`. They show the world of the retailer.

Each is looked at before it is committed; nothing compares them.
"""

import os
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from support import databases
from support.prerequisites import find_chromium
from support.retail_world import KEY, TURNS, new_world, number_of
from support.serving import serving

FOLDER = Path(__file__).parents[2] / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
PICTURES = {
    "overview": "/",
    "network": "/network",
    "matrix": "/matrix/provider/Search/consumer/web-bff",
    "decision": "/can-i-deploy?pacticipant=Checkout&version={checkout}&environment=production",
    "diff": "/pacts/provider/Checkout/consumer/web-bff/version/{bff}/diff/version/{before}",
}
DARK = ("overview",)
"""Those of which there is a dark one as well."""


def main(*wanted: str) -> None:
    """Write the pictures; with names, only these."""
    databases.begin_run()
    with tempfile.TemporaryDirectory() as folder, new_world() as world, sync_playwright() as playwright:
        names = {**world.ids, "before": number_of("web-bff", TURNS - 3)}
        with serving(world.url, Path(folder) / "log", environment={"TALLY_SECRETS_KEY": KEY}) as base:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(playwright), args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            pages = {name: base + path.format(**names) for name, path in PICTURES.items()}
            _take(browser, "light", pages, wanted)
            _take(browser, "dark", {name: pages[name] for name in DARK}, wanted)
            browser.close()


def _take(browser: Browser, scheme: str, pages: dict[str, str], wanted: Collection[str]) -> None:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, locale="en-GB"
    )
    page = context.new_page()
    for name, address in pages.items():
        if wanted and name not in wanted:
            continue
        page.goto(address)
        path = FOLDER / (f"{name}.png" if scheme == "light" else f"{name}-dark.png")
        page.screenshot(path=path)
        print(f"{path}: {path.stat().st_size // 1024} kB")  # noqa: T201 - what the command says
    context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
