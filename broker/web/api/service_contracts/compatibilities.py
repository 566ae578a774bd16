"""How documents of service contracts compare with those of earlier versions."""

from broker.domain.model import Version
from broker.domain.pagination import Page
from broker.domain.service_contracts.compatibility import (
    ComparedDocument,
    EarlierDocument,
    LackingDocument,
    ListedCompatibility,
)
from broker.services.service_contracts import compatibility
from broker.web.context import links, reading
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.pagination import DEFAULT_SIZE, page, paged
from broker.web.resource import ApiResource

MOST_CHANGES = 100
"""Breaking changes in the answer to a publication."""
api = ApiResource("compatibilities", __name__)
api.relation(
    "tally:compatibility",
    "How a document of a service contract compares with an earlier one: a verdict, and the changes.",
    "compatibility",
)


api.relation(
    "tally:compatibilities",
    "How the documents of a version compare with those of its predecessors and of what is in environments.",
    "service-contract-compatibilities",
)
_FIRST = Page(1, DEFAULT_SIZE)


@api.get("service-contract-compatibilities", answers="Compatibilities", query=PAGE)
def of_version(pacticipant: str, version: str) -> Hal:
    """Show how the documents of a version compare with those of other versions."""
    asked = page(_FIRST)
    with reading() as storage:
        part = compatibility.of_version(storage, pacticipant, version, asked)
    make, place = links(), {"pacticipant": pacticipant, "version": version}
    url = make.href("service-contract-compatibilities", **place)
    document = resource(
        {},
        embedded={"compatibilities": [_in_list(item, pacticipant, make) for item in part.items]},
        links={
            "self": {"href": url, "title": "Compared with other versions"},
            "pb:pacticipant-version": make.to("version", "Pacticipant version", version, **place),
            "tally:service-contract-documents": make.to("service-contract-documents", **place),
            "curies": make.curies("compatibilities"),
        },
    )
    return paged(document, part, url)


def _in_list(item: ListedCompatibility, pacticipant: str, links: Links) -> Hal:
    place = {"pacticipant": pacticipant, "sha": item.sha, "other_sha": item.earlier_sha}
    return resource(
        {
            "document": item.document,
            "verdict": item.verdict.value,
            "mode": item.rules.mode,
            "lenient": item.rules.lenient,
            "versions": [_version(earlier.number, earlier.environment) for earlier in item.versions],
            "comparedAt": timestamp(item.created_at),
        },
        links={"self": links.to("compatibility", "Compatibility", **place)},
    )


@api.get("compatibility", answers="Compatibility")
def show(pacticipant: str, sha: str, other_sha: str) -> Hal:
    """Show how a document of a service contract compares with an earlier one."""
    with reading() as storage:
        found = compatibility.find(storage, pacticipant, sha, other_sha)
    make, document = links(), found.judgement.document
    return resource(
        {
            "verdict": found.judgement.verdict.value,
            "mode": found.rules.mode,
            "lenient": found.rules.lenient,
            "changes": document["changes"],
            "reasons": document.get("reasons"),
            "comparedAt": timestamp(found.created_at),
        },
        links={
            "self": make.to(
                "compatibility", "Compatibility", pacticipant=pacticipant, sha=sha, other_sha=other_sha
            ),
            "tally:service-contract-content": [
                make.to("service-contract-content", title, content, pacticipant=pacticipant, sha=content)
                for title, content in (("Service contract", sha), ("Earlier service contract", other_sha))
            ],
        },
    )


def in_answer(item: ComparedDocument, version: Version, links: Links) -> Hal:
    """Return what the answer to a publication says of a comparison."""
    judgement = item.shown
    place = {"pacticipant": version.pacticipant, "sha": item.sha, "other_sha": item.earlier[0].sha}
    return {
        "document": item.name,
        "verdict": judgement.verdict.value,
        "mode": item.rules.mode,
        "versions": [_earlier(earlier) for earlier in item.earlier],
        "changes": judgement.breaking[:MOST_CHANGES],
        "_links": {"self": links.to("compatibility", "Compatibility", **place)},
    }


def lacking(item: LackingDocument) -> Hal:
    """Return what the answer says of a document that only earlier versions have."""
    return {"document": item.name, "versions": [_earlier(earlier) for earlier in item.earlier]}


def _earlier(document: EarlierDocument) -> Hal:
    return _version(document.version, document.environment)


def _version(number: str, environment: str | None) -> Hal:
    return {"number": number, **({"environment": environment} if environment else {})}
