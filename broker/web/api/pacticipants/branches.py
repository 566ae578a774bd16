"""Branches, and the versions on them (reference §4.4)."""

from flask import Blueprint, Response, jsonify, request

from broker.domain.pacticipants.details import Branch, BranchVersion
from broker.domain.paging import Page, PartOfList
from broker.services.pacticipants import branches, pacticipants
from broker.web import pagination, parsing
from broker.web.answering import created
from broker.web.context import links, now, reading, settings, transaction
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.routes import rule

blueprint = Blueprint("branches", __name__)


@blueprint.get(rule("branches"))
def index(pacticipant: str) -> Hal:
    """List the branches, the one updated last first; a page of them at a time."""
    page = pagination.page(Page(1, pagination.DEFAULT_SIZE))
    with reading() as storage:
        known = pacticipants.find(storage, pacticipant)
        found = storage.branches.all(known, page, pagination.search())
    return represent_all(pacticipant, found, links())


@blueprint.delete(rule("branches"))
def delete_others(pacticipant: str) -> tuple[Hal, int]:
    """Remove all branches but the main branch and those that the query excludes."""
    kept = request.args.getlist("exclude[]")
    with transaction() as storage:
        removed, remaining = branches.delete_others(storage, pacticipant, kept, now())
    count = "1 branch was" if len(removed) == 1 else f"{len(removed)} branches were"
    left = f"What remains: {', '.join(remaining)}." if remaining else "None remains."
    return {"notices": [{"type": "success", "text": f"{count} removed from {pacticipant}. {left}"}]}, 202


@blueprint.get(rule("branch"))
def show(pacticipant: str, branch: str) -> Hal:
    """Show one branch."""
    with reading() as storage:
        found = branches.find(storage, pacticipant, branch)
    return represent(pacticipant, found, links())


@blueprint.delete(rule("branch"))
def delete(pacticipant: str, branch: str) -> tuple[str, int]:
    """Remove a branch; its versions stay."""
    with transaction() as storage:
        branches.delete(storage, pacticipant, branch, now())
    return "", 204


@blueprint.put(rule("branch-version"))
def add_version(pacticipant: str, branch: str, version: str) -> Response:
    """Put a version on a branch; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, joined = branches.put_version(storage, pacticipant, branch, version, now(), settings())
    document = represent_version(found, links(), pacticipant, branch, version)
    return created(document, document["_links"]["self"]["href"]) if joined else jsonify(document)


@blueprint.get(rule("branch-version"))
def show_version(pacticipant: str, branch: str, version: str) -> Hal:
    """Show since when a version is on a branch."""
    with reading() as storage:
        found = branches.find_membership(storage, pacticipant, branch, version)
    return represent_version(found, links(), pacticipant, branch, version)


@blueprint.delete(rule("branch-version"))
def take_off_version(pacticipant: str, branch: str, version: str) -> tuple[str, int]:
    """Take a version off a branch."""
    with transaction() as storage:
        branches.take_off(storage, pacticipant, branch, version, now())
    return "", 204


def represent_all(pacticipant: str, found: PartOfList[Branch], links: Links) -> Hal:
    """Return the collection."""
    document: Hal = {
        "_embedded": {"branches": [represent(pacticipant, branch, links) for branch in found.items]},
        "_links": {
            "self": links.to("branches", f"{pacticipant} branches", pacticipant=pacticipant),
            "pb:branches": [
                links.to("branch", None, branch.name, pacticipant=pacticipant, branch=branch.name)
                for branch in found.items
            ],
        },
    }
    return pagination.paged(document, found, links.href("branches", pacticipant=pacticipant))


def represent(pacticipant: str, branch: Branch, links: Links) -> Hal:
    """Return the HAL document of a branch."""
    place = {"pacticipant": pacticipant, "branch": branch.name}
    return resource(
        {"name": branch.name, **timestamps(branch.created_at, branch.updated_at)},
        links={
            "self": links.to("branch", "Branch", **place),
            "pb:latest-version": links.to("branch-latest-version", "Version that was added last", **place),
        },
    )


def represent_version(found: BranchVersion, links: Links, pacticipant: str, branch: str, version: str) -> Hal:
    """Return the HAL document of a version's place on a branch."""
    return resource(
        timestamps(found.created_at, found.updated_at),
        links={
            "self": links.to(
                "branch-version", "Branch version", pacticipant=pacticipant, branch=branch, version=version
            ),
            "pb:branch": links.to("branch", "Branch", branch, pacticipant=pacticipant, branch=branch),
            "pb:version": links.to("version", "Version", version, pacticipant=pacticipant, version=version),
        },
    )
