"""What a person sees of a page, from its HTML."""

from html.parser import HTMLParser
from typing import Any

A_BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_BLOCKS = {"dd", "div", "dt", "h1", "h2", "h3", "h4", "li", "p", "pre"}
_WITHOUT_END = {"link", "meta", "img", "input"}


class Page:
    """The text, the rows of the lists and the links of a page; *answer* is a response of Flask's client."""

    def __init__(self, answer: Any) -> None:
        assert answer.mimetype == "text/html", answer.text
        self.status = answer.status_code
        reader = _Reader()
        reader.feed(answer.text)
        self.text = " ".join("".join(reader.texts).split())
        self.rows = [tuple(" ".join(cell.split()) for cell in row) for row in reader.rows]
        self.links = {" ".join(text.split()): href for text, href in reader.links}
        self.open_cards = [" ".join(card.split()) for card in reader.open_cards]
        self.is_balanced = reader.unclosed == [] and reader.is_balanced


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.links: list[tuple[str, str]] = []
        self.open_cards: list[str] = []
        self.unclosed: list[str] = []
        self.is_balanced = True
        self._reading: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _BLOCKS:
            self.handle_data(" ")
        if tag not in _WITHOUT_END:
            self.unclosed.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag == "a":
            self.links.append(("", given.get("href") or ""))
        if tag == "details" and "open" in given:
            self.open_cards.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what has no content, such as the paths of a drawing."""

    def handle_endtag(self, tag: str) -> None:
        self.is_balanced &= self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if {"td", "th"}.intersection(self.unclosed):
            self.rows[-1][-1] += data
        if "a" in self.unclosed:
            text, href = self.links[-1]
            self.links[-1] = (text + data, href)
        if "details" in self.unclosed and self.open_cards:
            self.open_cards[-1] += data
