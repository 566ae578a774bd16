"""Pacticipants (reference §4.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.environments.deployment import DeployedVersion
from broker.domain.model import Pacticipant, PacticipantDescription, Version
from broker.domain.names import display_name
from broker.domain.pacticipants.details import PacticipantDetails
from broker.domain.pagination import PartOfList
from broker.services.pacticipants import pacticipants
from broker.web import pagination, parsing
from broker.web.content_types import JSON, MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.parameters import PAGE, SEARCH
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from broker.web.responses import created

api = ApiResource("pacticipants", __name__)
api.relation(
    "pb:pacticipants", "The applications that take part in contracts.", "pacticipants", title="Pacticipants"
)
api.relation(
    "pb:pacticipant",
    "An application: a consumer, a provider or both.",
    "pacticipant",
    title="Fetch pacticipant by name",
)
api.relation("pb:consumer", "The application that uses the other one.", "pacticipant")
api.relation("pb:provider", "The application that is used.", "pacticipant")
api.relation("pb:group", "An application with its consumers and providers.", "pacticipant")


@api.get("pacticipants", answers="Pacticipants", query=(SEARCH, *PAGE))
def index() -> Hal:
    """List the pacticipants."""
    page, search = pagination.page(), pagination.search()
    with reading() as storage:
        found, details = pacticipants.page_of(storage, page, search)
    return represent_all(found, details, links().to("pacticipants"), links())


@api.post(
    "pacticipants",
    answers="Pacticipant",
    statuses=(201,),
    refuses=(409,),
    takes="NewPacticipant",
    needs=Needs(Action.PUBLISH),
)
def create() -> Response:
    """Add a pacticipant."""
    fields = Fields(parsing.json_object())
    name = fields.text("name", limit=limits.NAME, required=True) or ""
    description = _description(name, fields)
    with transaction() as storage:
        found, _ = pacticipants.create(storage, name, description, now())
        details = pacticipants.details(storage, found)
    document = represent(found, details, links())
    return created(document, document["_links"]["self"]["href"])


@api.get("pacticipant", answers="Pacticipant")
def show(pacticipant: str) -> Hal:
    """Show one pacticipant."""
    with reading() as storage:
        found = pacticipants.find(storage, pacticipant)
        details = pacticipants.details(storage, found)
    return represent(found, details, links())


@api.put(
    "pacticipant",
    answers="Pacticipant",
    takes="PacticipantDescription",
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def replace(pacticipant: str) -> Hal:
    """Replace the description of a pacticipant; fields that the body leaves out are removed."""
    description = parse(pacticipant, parsing.json_object())
    with transaction() as storage:
        changed = pacticipants.describe(storage, pacticipant, description, now())
        details = pacticipants.details(storage, changed)
    return represent(changed, details, links())


@api.patch(
    "pacticipant",
    answers="Pacticipant",
    statuses=(200, 201),
    refuses=(409,),
    takes="PacticipantDescription",
    takes_types=(JSON, MERGE_PATCH),
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def update(pacticipant: str) -> Response:
    """Add a pacticipant, or change what the body names."""
    document = parsing.json_object((JSON, MERGE_PATCH))
    given = parse(pacticipant, document)
    with transaction() as storage:
        changed, is_new = pacticipants.create(storage, pacticipant, given, now())
        if not is_new:
            merged = _merge(changed, given, document)
            changed = pacticipants.describe(storage, pacticipant, merged, now())
        details = pacticipants.details(storage, changed)
    document = represent(changed, details, links())
    return created(document, document["_links"]["self"]["href"]) if is_new else jsonify(document)


@api.delete("pacticipant", needs=Needs(Action.DELETE_PACTICIPANT, "pacticipant"))
def delete(pacticipant: str) -> tuple[str, int]:
    """Remove a pacticipant with its versions, pacts and results."""
    with transaction() as storage:
        pacticipants.delete(storage, pacticipant, now())
    return "", 204


# The key in the body, the field, and what its text may be.
_PROPERTIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("displayName", "display_name", {}),
    ("repositoryUrl", "repository_url", {"limit": limits.URL, "blank": True}),
    ("repositoryName", "repository_name", {"blank": True}),
    ("repositoryNamespace", "repository_namespace", {"blank": True}),
    ("mainBranch", "main_branch", {"limit": limits.REFERENCE, "spaces": False}),
)


def parse(name: str, document: Mapping[str, Any]) -> PacticipantDescription:
    """Return what the document says; its `name` must be one, but *name* counts. Raises ValidationError."""
    fields = Fields(document)
    fields.text("name", limit=limits.NAME)
    return _description(name, fields)


def _description(name: str, fields: Fields) -> PacticipantDescription:
    values = {field: fields.text(key, **rules) or None for key, field, rules in _PROPERTIES}
    fields.done()
    shown = values.pop("display_name") or display_name(name)
    return PacticipantDescription(shown, **values)


def _merge(
    known: Pacticipant, given: PacticipantDescription, document: Mapping[str, Any]
) -> PacticipantDescription:
    return PacticipantDescription(
        **{field: getattr(given if key in document else known, field) for key, field, _ in _PROPERTIES}
    )


def represent_all(
    found: PartOfList[Pacticipant], details: Mapping[str, PacticipantDetails], itself: Hal, links: Links
) -> Hal:
    """Return the collection; *details* are by the name of the pacticipant."""
    items = [represent(item, details[item.name], links) for item in found.items]
    document: Hal = {
        "_embedded": {"pacticipants": items},
        "pacticipants": [{**item, "title": "Deprecated: use _embedded.pacticipants"} for item in items],
        "_links": {
            "self": itself,
            "pb:pacticipants-with-label": links.template(
                "pacticipants-with-label", "Pacticipants that have a label"
            ),
            "pb:pacticipants": [
                links.to("pacticipant", "Pacticipant", item.name, pacticipant=item.name)
                for item in found.items
            ],
            "pacticipants": [
                links.to("pacticipant", item.name, "Deprecated: use pb:pacticipants", pacticipant=item.name)
                for item in found.items
            ],
        },
    }
    return pagination.paged(document, found, itself["href"])


def represent(pacticipant: Pacticipant, details: PacticipantDetails, links: Links) -> Hal:
    """Return the HAL document of a pacticipant."""
    name = pacticipant.name
    return resource(
        {
            "name": name,
            "displayName": pacticipant.display_name,
            "repositoryUrl": pacticipant.repository_url,
            "repositoryName": pacticipant.repository_name,
            "repositoryNamespace": pacticipant.repository_namespace,
            "mainBranch": pacticipant.main_branch,
            **timestamps(pacticipant.created_at, pacticipant.updated_at),
        },
        embedded={**_latest(details.latest, links), "labels": _labels(name, details, links)},
        links=_links(name, details.deployed, links),
    )


def _links(name: str, deployed: Sequence[DeployedVersion] | None, links: Links) -> Hal:
    return {
        "self": links.to("pacticipant", pacticipant=name),
        "pb:versions": links.to("versions", pacticipant=name),
        "versions": links.to("versions", "Deprecated: use pb:versions", pacticipant=name),
        "pb:branches": links.to("branches", pacticipant=name),
        "tally:network": links.to("pacticipant-network", pacticipant=name),
        "pb:version": links.template("version", "A version", pacticipant=name),
        "pb:version-tag": links.template("version-tag", "A tag of a version", pacticipant=name),
        "pb:branch-version": links.template("branch-version", "A version on a branch", pacticipant=name),
        "pb:can-i-deploy-badge": links.template(
            "can-i-deploy-tag-badge", "Badge: can a tagged version be deployed", pacticipant=name
        ),
        "pb:can-i-deploy-branch-to-environment-badge": links.template(
            "can-i-deploy-branch-badge", "Badge: can a branch be deployed", pacticipant=name
        ),
        "pb:label": links.template("pacticipant-label", "A label", pacticipant=name),
        **({} if deployed is None else {"pb:deployed-environments": _places(deployed, links)}),
        "curies": links.curies("pacticipant"),
    }


def _latest(latest: Version | None, links: Links) -> Hal:
    if latest is None:
        return {}
    embedded = embedded_version(latest, links)
    deprecated = {"title": "Deprecated", "name": "Deprecated: use latestVersion"}
    return {"latestVersion": embedded, "latest-version": {**embedded, **deprecated}}


def _labels(pacticipant: str, details: PacticipantDetails, links: Links) -> list[Hal]:
    return [
        {
            "name": label,
            "_links": {
                "self": links.to("pacticipant-label", "Label", label, pacticipant=pacticipant, label=label)
            },
        }
        for label in details.labels
    ]


def _places(deployed: Sequence[DeployedVersion], links: Links) -> list[Hal]:
    found = []
    for item in deployed:
        shown = item.environment.display_name
        link = links.to("deployed-version", f"Version deployed to {shown}", shown, uuid=item.uuid)
        found.append({**link, "currently_deployed": True})
    return found


def embedded_pacticipant(name: str, links: Links) -> Hal:
    """Return a pacticipant as other documents embed it (reference §3)."""
    return {"name": name, "_links": {"self": links.to("pacticipant", pacticipant=name)}}


def embedded_version(version: Version, links: Links) -> Hal:
    """Return a version as other documents embed it (reference §3)."""
    self_link = links.to(
        "version", "Version", version.number, pacticipant=version.pacticipant, version=version.number
    )
    return {"number": version.number, "_links": {"self": self_link}}
