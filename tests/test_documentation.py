import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HIDDEN = re.compile(r"/\.")
"""pytest leaves a page of its own in a hidden folder of the examples."""
PAGES = [
    *ROOT.glob("*.md"),
    *(page for page in ROOT.glob("docs/**/*.md") if not HIDDEN.search(page.relative_to(ROOT).as_posix())),
]
RELATIVE_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
LINK_TO_HEADING = re.compile(r"\]\((?!\w+:)([^)#\s]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
REFERENCE = ROOT / "docs/reference/pact-broker-api.md"
SECTION = re.compile(r"^#+ (\d+(?:\.\d+)*)\.? ", re.MULTILINE)
CITATION = re.compile(r"(?<!RFC \d{4} )§(\d+(?:\.\d+)*)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LEAST_DESCRIPTION = 40
SVG = "{http://www.w3.org/2000/svg}"
INSTALLING = ROOT / "docs/installing.md"
INSTALL = re.compile(r"pip install [^`\n]*(?:tallystick|'\.)[^`\n]*")
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_links_of_a_page_lead_somewhere(page):
    targets = RELATIVE_LINK.findall(page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_to_a_heading_find_it(page):
    targets = LINK_TO_HEADING.findall(page.read_text(encoding="utf-8"))

    lost = [(path, anchor) for path, anchor in targets if anchor not in _anchors(page.parent / path, page)]
    assert lost == []


def test_the_sections_that_code_tests_and_pages_cite_are_in_the_reference():
    folders = ("broker", "consumer_sdk", "tally", "verifier", "tests", "docs")
    files = {
        path for folder in folders for kind in ("py", "html") for path in (ROOT / folder).rglob(f"*.{kind}")
    }
    sections = set(SECTION.findall(REFERENCE.read_text(encoding="utf-8")))

    cited = {(path, section) for path in files.union(PAGES) for section in _cited(path)}
    lost = [
        (path.relative_to(ROOT).as_posix(), section) for path, section in cited if section not in sections
    ]
    assert cited
    assert lost == []


def test_every_page_of_the_documentation_is_in_its_navigation_and_the_other_way_round():
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]

    pages = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if ROOT / "docs" in page.parents}
    assert set(_leaves(navigation)) == pages


@pytest.mark.parametrize(
    "record", sorted(ROOT.glob("docs/decisions/0*.md")), ids=lambda record: record.name[:4]
)
def test_a_decision_has_its_number_and_its_line_in_the_list(record):
    number, title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
    listed = (record.parent / "README.md").read_text(encoding="utf-8").splitlines()

    assert record.name.startswith(f"{int(number):04}-")
    assert f"{number}. [{title}]({record.name})" in listed


def test_decisions_stand_in_their_order_in_the_list_and_in_the_navigation():
    records = [record.name for record in sorted(ROOT.glob("docs/decisions/0*.md"))]

    listed = RELATIVE_LINK.findall((ROOT / "docs/decisions/README.md").read_text(encoding="utf-8"))
    navigation = _leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    assert [name for name in listed if name in records] == records
    assert [page for page in navigation if page.startswith("decisions/0")] == [
        f"decisions/{name}" for name in records
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_only_the_page_on_installing_says_how_to_install(page):
    """Until there is a release, what is said elsewhere would be wrong sooner or later."""
    commands = INSTALL.findall(page.read_text(encoding="utf-8"))

    known = set(INSTALL.findall(INSTALLING.read_text(encoding="utf-8")))
    from_the_wheel = [command for command in commands if "@ $TALLYSTICK_WHEEL" in command]
    of_a_message = [command for command in commands if "[…]" in command]
    assert [command for command in commands if command not in {*known, *from_the_wheel, *of_a_message}] == []


SHOWN_TO_PEOPLE = [*PAGES, *ROOT.glob("broker/web/pages/templates/*.html")]


@pytest.mark.parametrize("page", SHOWN_TO_PEOPLE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_curl_needs_no_option_that_is_new(page):
    """`--json` came with curl 7.82, which older distributions that are still supported do not have."""
    lines = page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()

    assert [line for line in lines if "curl " in line and "--json" in line] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_picture_says_what_it_shows(page):
    pictures = PICTURE.findall(page.read_text(encoding="utf-8"))

    assert [target for text, target in pictures if len(text) < LEAST_DESCRIPTION] == []


@pytest.mark.parametrize("picture", sorted(ROOT.glob("docs/images/*.svg")), ids=lambda picture: picture.name)
def test_a_drawing_has_a_text_for_those_who_do_not_see_it_and_a_background_for_the_dark(picture):
    root = ET.parse(picture).getroot()  # noqa: S314 - our own file

    children = list(root)
    texts = {child.tag.removeprefix(SVG): (child.text or "").strip() for child in children}
    first = next(child for child in children if child.tag == f"{SVG}rect")
    assert texts["title"]
    assert len(texts["desc"]) >= LEAST_DESCRIPTION
    assert root.attrib["aria-labelledby"] == "title description"
    assert (first.attrib["class"], first.attrib["width"]) == ("card", root.attrib["viewBox"].split()[2])


def _cited(path):
    return CITATION.findall(path.read_text(encoding="utf-8"))


def _leaves(node):
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node
    return [leaf for child in children for leaf in _leaves(child)]


def _anchors(target, page):
    """Return what the headings of a page, or of this one, are called in links."""
    text = (target if target.is_file() else page).read_text(encoding="utf-8")
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
