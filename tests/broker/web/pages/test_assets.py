"""The files that pages load."""

import gzip
import re

import pytest
from support.reading_pages import A_BROWSER

LOADED = re.compile(r'(?:href|src)="([^"]*/static/[^"]+)"')


def files_of(broker, page="/"):
    return LOADED.findall(broker.get(page, headers=A_BROWSER).text)


def test_a_page_loads_one_style_sheet_and_one_script_that_browsers_keep_for_a_year(broker):
    files = files_of(broker)

    assert [file.rpartition(".")[2] for file in files] == ["svg", "css", "js"]
    for file in files:
        answer = broker.get(file)
        assert (answer.status_code, bool(answer.data)) == (200, True)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["tally.css", "tally-0123456789ab.css"])
def test_a_name_of_another_release_is_answered_with_the_file_of_this_one_and_not_kept(broker, name):
    (sheet,) = (file for file in files_of(broker) if file.endswith(".css"))

    answer = broker.get(f"/static/{name}")

    assert answer.data == broker.get(sheet).data
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "..%2F__init__.py", "tally-0123456789ab.txt", "a/b.css"])
def test_nothing_else_is_served(broker, name):
    assert broker.get(f"/static/{name}").status_code == 404


def test_styles_and_scripts_are_small(broker):
    """What the design allows: 12 kB of styles and 5 kB of scripts, as they are sent."""
    sizes = {}
    for file in files_of(broker):
        sizes[file.rpartition(".")[2]] = len(gzip.compress(broker.get(file).data))

    assert sizes["css"] <= 12_000
    assert sizes["js"] <= 5_000


def test_a_page_has_no_style_of_its_own(broker):
    text = broker.get("/", headers=A_BROWSER).text

    assert "style=" not in text
    assert "<style" not in text


@pytest.mark.parametrize(
    ("cookie", "tag"),
    [
        ("dark", '<html lang="en" data-theme="dark">'),
        ("light", '<html lang="en" data-theme="light">'),
        ("", '<html lang="en">'),
        ('"><script>', '<html lang="en">'),
    ],
)
def test_the_theme_is_that_of_the_cookie_or_of_the_browser(broker, cookie, tag):
    broker.set_cookie("theme", cookie)

    page = broker.get("/", headers=A_BROWSER)

    assert tag in page.text
