"""A broker in process, in a world of difficult names, of which every link is asked for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import request
from support.difficult_names import Names
from support.difficult_world import build
from support.hal_crawler import Link, crawl, hal_links, html_links
from support.reading_pages import A_BROWSER

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database

MOUNT = "/a/path"
BASE = f"https://broker.example.org{MOUNT}"
A_CLIENT = {"Accept": "application/hal+json"}
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
OF_ACCOUNTS = frozenset({"accounts", "audit", "exchange", "me", "teams", "tokens", "trusts"})
"""The resources of a broker with accounts, which these worlds are not: they have tests of their own."""
_VARIABLE = re.compile(r"\{(\w+)\}")
_QUESTIONS = {"tally:matrix", "tally:deploy-plan"}


@dataclass(frozen=True)
class Visit:
    """An address that was asked for, and what came of it.

    *relations* are those that led there, and *rule* is the route that answered, or "".
    """

    address: str
    relations: frozenset[str]
    rule: str
    answer: Any

    @property
    def links(self) -> list[Link]:
        """The links of the document; none of a page, a drawing or a refusal."""
        is_hal = self.answer.mimetype == "application/hal+json" and self.answer.status_code == 200
        return list(hal_links(self.answer.json)) if is_hal else []

    @property
    def is_itself(self) -> bool:
        """Whether this is the address that the document says it has; True if it says none."""
        if not self.links or isinstance(self.answer.json, list):
            return True
        itself = self.answer.json.get("_links", {}).get("self", {})
        return bool(itself.get("href", self.address) == self.address)


class SurveyedBroker:
    """The broker behind BASE, with a world of these names in it."""

    def __init__(self, database: Database, names: Names) -> None:
        settings = Settings(base_url=BASE, secrets_key=(KEY,), allow_deleting_all_integrations=True)
        self.app = create_app(settings, database)
        self.app.before_request(self._note_rule)
        self._client = self.app.test_client()
        self._rule = ""
        self._relations: dict[str, set[str]] = {}
        self.world = build(self.send, names)

    def documents(self, templates: Iterable[str] = ()) -> list[Visit]:
        """Ask for everything that documents link to, beginning with the index and with these paths.

        The answer to a publication, which nothing leads back to, has an address as well.
        """
        named = (found for path in templates for found in self.expanded(BASE + path))
        starts = [BASE, self.world.compatibility, *named]
        visits = crawl(starts, self.visit, self._onward)
        return [
            Visit(visit.address, frozenset(self._relations.get(address, ())), visit.rule, visit.answer)
            for address, visit in visits.items()
        ]

    def pages(self, templates: Iterable[str], *, beside: str = "") -> list[Visit]:
        """Ask as a browser for these paths, and for everything that the pages link to.

        Links to paths that begin with *beside* are not followed.
        """
        starts = [found for path in templates for found in self.expanded(MOUNT + path, path)]

        def onward(_address: str, visit: Visit) -> list[str]:
            links = html_links(visit.answer.text) if visit.answer.mimetype == "text/html" else []
            followed = [found for found in links if found.startswith(MOUNT)]
            return [found for found in followed if not (beside and found.startswith(MOUNT + beside))]

        return list(crawl(starts, lambda address: self.visit(address, A_BROWSER), onward).values())

    def visit(self, address: str, headers: dict[str, str] = A_CLIENT, method: str = "GET") -> Visit:
        """Ask for an address, which must be one of this broker's."""
        assert address.startswith((BASE, MOUNT)), address
        path = address.removeprefix(BASE).removeprefix(MOUNT)
        self._rule = ""
        answer = self._client.open(path or "/", method=method, headers=headers, buffered=True)
        return Visit(address, frozenset(), self._rule, answer)

    def send(self, method: str, path: str, json: Any, content_type: str = "application/json") -> Any:
        """Send a request to a path of this broker."""
        return self._client.open(path, method=method, data=orjson.dumps(json), content_type=content_type)

    def _note_rule(self) -> None:
        self._rule = request.url_rule.rule if request.url_rule else ""

    def _onward(self, _address: str, visit: Visit) -> Iterator[str]:
        for link in visit.links:
            for address in self._addresses(link):
                self._relations.setdefault(address, set()).add(link.relation)
                yield address

    def _addresses(self, link: Link) -> list[str]:
        """Return what a client would ask for: templates filled in, and questions asked."""
        if "{" in link.href:
            return list(self.expanded(link.href, link.relation))
        if link.relation not in _QUESTIONS:
            return [link.href]
        names = self.world.names
        query = [("q[][pacticipant]", names.consumer), ("q[][version]", names.version)]
        return [f"{link.href}?{urlencode([*query, ('environment', names.environment)])}"]

    def expanded(self, template: str, relation: str = "") -> Iterator[str]:
        """Yield the address with its variables filled in, for each of the two applications."""
        for values in self._values(relation):
            filled = {name: quote(value, safe="") for name, value in values.items()}
            yield _VARIABLE.sub(lambda match: filled[match[1]], template)  # noqa: B023 - called at once

    def _values(self, relation: str) -> Iterator[dict[str, str]]:
        names, values = self.world.names, self.world.variables(relation)
        yield {**values, "pacticipant": names.provider}
        if not relation.endswith(("tally:service-contract", "/service-contract")):  # only the provider has it
            yield {**values, "pacticipant": names.consumer}


def explanations(relation: str, curies: Iterable[tuple[str, str]]) -> list[str]:
    """Return the addresses of the pages that explain a relation; *curies* are (prefix, template)."""
    prefix, _, name = relation.rpartition(":")
    return [template.replace("{rel}", quote(name, safe="")) for curie, template in curies if curie == prefix]
