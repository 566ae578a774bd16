"""Lists of versions, newest first (reference §4.3)."""

from broker.domain.pacticipants.details import VersionDetails
from broker.domain.pagination import PartOfList
from broker.services.environments import environments
from broker.services.pacticipants import versions
from broker.web import pagination
from broker.web.api.pacticipants.versions import represent
from broker.web.context import links, reading
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links
from broker.web.resource import ApiResource

api = ApiResource("version_lists", __name__)
api.relation("pb:versions", "The versions of an application, newest first.", "versions")


@api.get("versions", answers="Versions", query=PAGE)
def index(pacticipant: str) -> Hal:
    """List all versions."""
    page = pagination.page()
    with reading() as storage:
        found = versions.all_of(storage, pacticipant, page)
    itself = links().to("versions", f"All versions of {pacticipant}", pacticipant=pacticipant)
    return represent_all(pacticipant, found, itself, links())


@api.get("branch-versions", answers="Versions", query=PAGE)
def on_branch(pacticipant: str, branch: str) -> Hal:
    """List the versions on a branch."""
    page = pagination.page()
    with reading() as storage:
        found = versions.on_branch(storage, pacticipant, branch, page)
    title = f"Versions of {pacticipant} on the branch {branch}"
    itself = links().to("branch-versions", title, pacticipant=pacticipant, branch=branch)
    return represent_all(pacticipant, found, itself, links())


@api.get("tag-versions", answers="Versions", query=PAGE)
def with_tag(pacticipant: str, tag: str) -> Hal:
    """List the versions with a tag."""
    page = pagination.page()
    with reading() as storage:
        found = versions.with_tag(storage, pacticipant, tag, page)
    title = f"Versions of {pacticipant} with the tag {tag}"
    itself = links().to("tag-versions", title, pacticipant=pacticipant, tag=tag)
    return represent_all(pacticipant, found, itself, links())


@api.get("environment-versions", answers="Versions", query=PAGE)
def in_environment(pacticipant: str, uuid: str) -> Hal:
    """List the versions that are or were in an environment."""
    page = pagination.page()
    with reading() as storage:
        environment = environments.find(storage, uuid)
        found = versions.ever_in(storage, pacticipant, environment, page)
    title = f"Versions of {pacticipant} deployed or released to {environment.display_name}"
    itself = links().to("environment-versions", title, pacticipant=pacticipant, uuid=uuid)
    return represent_all(pacticipant, found, itself, links())


def represent_all(pacticipant: str, found: PartOfList[VersionDetails], self_link: Hal, links: Links) -> Hal:
    """Return the collection, without the links that only single versions have, such as pb:record-release."""
    numbered = [
        links.to(
            "version",
            f"Version {version.number} - {version.created_at:%d/%m/%Y}",
            pacticipant=pacticipant,
            version=version.number,
        )
        for version in (item.version for item in found.items)
    ]
    owner = links.to("pacticipant", "Pacticipant", pacticipant, pacticipant=pacticipant)
    document: Hal = {
        "_embedded": {"versions": [represent(item, links) for item in found.items]},
        "_links": {
            "self": self_link,
            "pb:pacticipant": owner,
            "pb:versions": numbered,
            "pacticipant": owner,
            "versions": numbered,
        },
    }
    return pagination.paged(document, found, self_link["href"])
