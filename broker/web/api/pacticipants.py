"""Pacticipants (reference §4.2)."""

from flask import Blueprint

from broker.domain.model import Pacticipant, Version
from broker.services import pacticipants
from broker.web.context import links, reading
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.routes import rule

blueprint = Blueprint("pacticipants", __name__)


@blueprint.get(rule("pacticipants"))
def index() -> Hal:
    """List the pacticipants."""
    with reading() as storage:
        found = storage.pacticipants.all()
    return represent_all(found, links())


@blueprint.get(rule("pacticipant"))
def show(pacticipant: str) -> Hal:
    """Show one pacticipant."""
    with reading() as storage:
        found = pacticipants.find(storage, pacticipant)
        latest = storage.versions.latest(found)
    return represent(found, latest, links())


def represent_all(found: list[Pacticipant], links: Links) -> Hal:
    """Return the collection; without the latest versions, which would cost a statement each."""
    return {
        "_embedded": {"pacticipants": [represent(pacticipant, None, links) for pacticipant in found]},
        "_links": {
            "self": links.to("pacticipants"),
            "pb:pacticipants": [
                links.to("pacticipant", "Pacticipant", item.name, pacticipant=item.name) for item in found
            ],
        },
    }


def represent(pacticipant: Pacticipant, latest: Version | None, links: Links) -> Hal:
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
        embedded={"latestVersion": embedded_version(latest, links)} if latest else {},
        links={
            "self": links.to("pacticipant", pacticipant=name),
            "pb:versions": links.to("versions", pacticipant=name),
            "pb:version": links.template("version", "A version", pacticipant=name),
            "pb:version-tag": links.template("version-tag", "A tag of a version", pacticipant=name),
            "pb:branch-version": links.template("branch-version", "A version on a branch", pacticipant=name),
            "curies": links.curies("pacticipant"),
        },
    )


def embedded_pacticipant(name: str, links: Links) -> Hal:
    """Return what other documents say of a pacticipant (reference §3)."""
    return {"name": name, "_links": {"self": links.to("pacticipant", pacticipant=name)}}


def embedded_version(version: Version, links: Links) -> Hal:
    """Return what other documents say of a version (reference §3)."""
    self_link = links.to(
        "version", "Version", version.number, pacticipant=version.pacticipant, version=version.number
    )
    return {"number": version.number, "_links": {"self": self_link}}
