"""Branches, and the versions on them (reference §4.4)."""

from flask import Response, jsonify, request

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.domain.names import did_you_mean
from broker.domain.pacticipants.details import Branch, BranchVersion
from broker.domain.pagination import Page, PartOfList
from broker.services.pacticipants import branches
from broker.web import pagination, parsing, query
from broker.web.context import circumstances, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.notation import TEXT, many
from broker.web.description.operation import QueryParameter
from broker.web.description.parameters import PAGE, SEARCH
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.resource import ApiResource
from broker.web.responses import created

_EXCLUDE = "exclude"
api = ApiResource("branches", __name__)
api.relation("pb:branches", "The branches of an application; a pact links only to single ones.", "branches")
api.relation("pb:branch", "A branch of the repository of an application.", "branch")
api.relation(
    "pb:branch-version", "A version on a branch. PUT adds the version to the branch.", "branch-version"
)
api.relation(
    "pb:pacticipant-branch",
    "A branch of the repository of an application.",
    "branch",
    title="A branch of a pacticipant",
)
api.relation(
    "pb:pacticipant-branch-version",
    "A version on a branch. PUT adds the version to the branch; DELETE removes it.",
    "branch-version",
    title="A version on a branch",
)


@api.get("branches", answers="Branches", query=(SEARCH, *PAGE))
def index(pacticipant: str) -> Hal:
    """List the branches, the one updated last first; a page of them at a time."""
    page = pagination.page(Page(1, pagination.DEFAULT_SIZE))
    with reading() as storage:
        found = branches.page_of(storage, pacticipant, page, pagination.search())
    return represent_all(pacticipant, found, links())


@api.delete(
    "branches",
    answers="Notices",
    statuses=(202,),
    query=(
        QueryParameter(
            f"{_EXCLUDE}[]",
            "Branches to keep, beside the main branch",
            many(TEXT, maxItems=limits.PARAMETERS),
        ),
    ),
    needs=Needs(Action.DELETE, "pacticipant"),
)
def delete_others(pacticipant: str) -> tuple[Hal, int]:
    """Remove all branches but the main branch and those that the query excludes."""
    kept = _excluded()
    with transaction() as storage:
        removed, remaining = branches.delete_others(storage, pacticipant, kept, now())
    count = "1 branch was" if len(removed) == 1 else f"{len(removed)} branches were"
    left = f"What remains: {', '.join(remaining)}." if remaining else "None remains."
    return {"notices": [{"type": "success", "text": f"{count} removed from {pacticipant}. {left}"}]}, 202


def _excluded() -> tuple[str, ...]:
    """Return the branches to keep. Raises ValidationError for a misspelt parameter, which would keep none."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    given = {*asked.lists, *asked.objects, *(key.partition("[")[0] for key in asked.unread)}
    for name in sorted(given - set(asked.lists) | given - {_EXCLUDE}):
        if did_you_mean(name, [_EXCLUDE], cutoff=0.8):
            raise ValidationError(
                {name: [f"cannot be read: write {_EXCLUDE}[]=NAME for each branch to keep"]}
            )
    return asked.lists.get(_EXCLUDE, ())


@api.get("branch", answers="Branch")
def show(pacticipant: str, branch: str) -> Hal:
    """Show one branch."""
    with reading() as storage:
        found = branches.find(storage, pacticipant, branch)
    return represent(pacticipant, found, links())


@api.delete("branch", needs=Needs(Action.DELETE, "pacticipant"))
def delete(pacticipant: str, branch: str) -> tuple[str, int]:
    """Remove a branch; its versions stay."""
    with transaction() as storage:
        branches.delete(storage, pacticipant, branch, now())
    return "", 204


@api.put(
    "branch-version",
    answers="BranchVersion",
    statuses=(200, 201),
    refuses=(409,),
    takes="Ignored",
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def add_version(pacticipant: str, branch: str, version: str) -> Response:
    """Put a version on a branch; the body does not matter."""
    parsing.json_text()
    with transaction() as storage:
        found, joined = branches.put_version(
            storage, pacticipant, branch, version, circumstances=circumstances()
        )
    document = represent_version(found, links(), pacticipant=pacticipant, branch=branch, version=version)
    return created(document, document["_links"]["self"]["href"]) if joined else jsonify(document)


@api.get("branch-version", answers="BranchVersion")
def show_version(pacticipant: str, branch: str, version: str) -> Hal:
    """Show when a version was added to a branch."""
    with reading() as storage:
        found = branches.find_membership(storage, pacticipant, branch, version)
    return represent_version(found, links(), pacticipant=pacticipant, branch=branch, version=version)


@api.delete("branch-version", needs=Needs(Action.DELETE, "pacticipant"))
def take_off_version(pacticipant: str, branch: str, version: str) -> tuple[str, int]:
    """Take a version off a branch."""
    with transaction() as storage:
        branches.take_off(storage, pacticipant, branch, version, now=now())
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


def represent_version(
    found: BranchVersion, links: Links, *, pacticipant: str, branch: str, version: str
) -> Hal:
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
