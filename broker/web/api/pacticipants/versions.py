"""Versions of pacticipants (reference §4.3)."""

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.model import Version
from broker.domain.pacticipants.details import VersionChange, VersionDetails
from broker.services.pacticipants import branches, pacticipants, versions
from broker.web import parsing
from broker.web.content_types import JSON, MERGE_PATCH
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links, resource, timestamps
from broker.web.parsing import Fields
from broker.web.resource import ApiResource

api = ApiResource("versions", __name__)
api.relation("pb:version", "A version of an application: a commit, or a build of it.", "version")
api.relation(
    "pb:pacticipant-version",
    "A version of an application, with links to its pacts and environments.",
    "version",
    title="A version of a pacticipant",
)
api.relation(
    "pb:latest-version",
    "The version of an application that was created last.",
    "latest-version",
    title="Latest pacticipant version",
)
api.relation(
    "pb:latest-tagged-version",
    "The newest version with a tag.",
    "latest-tagged-version",
    title="Latest pacticipant version with a tag",
)
api.relation("pb:consumer-version", "The version of the consumer that published the pact.", "version")
api.relation("pb:consumer-versions", "The consumer versions whose pact this is.", "version")


@api.get("version", answers="Version")
def show(pacticipant: str, version: str) -> Hal:
    """Show one version."""
    with reading() as storage:
        found = versions.details(storage, pacticipants.find_version(storage, pacticipant, version))
    return represent(found, links())


@api.get("latest-version", answers="Version")
def latest(pacticipant: str) -> Hal:
    """Show the version that was created last."""
    with reading() as storage:
        found = versions.details(storage, versions.latest(storage, pacticipant))
    return _represent_at(found, "latest-version", pacticipant=pacticipant)


@api.get("latest-tagged-version", answers="Version")
def latest_tagged(pacticipant: str, tag: str) -> Hal:
    """Show the version with the tag that was created last."""
    with reading() as storage:
        found = versions.details(storage, versions.latest(storage, pacticipant, tag))
    return _represent_at(found, "latest-tagged-version", pacticipant=pacticipant, tag=tag)


@api.get("branch-latest-version", answers="Version")
def latest_of_branch(pacticipant: str, branch: str) -> Hal:
    """Show the version that was added to the branch last."""
    with reading() as storage:
        found = versions.details(storage, branches.head(storage, pacticipant, branch))
    return _represent_at(found, "branch-latest-version", pacticipant=pacticipant, branch=branch)


@api.put(
    "version",
    answers="Version",
    statuses=(200, 201),
    refuses=(409,),
    takes="VersionDescription",
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def replace(pacticipant: str, version: str) -> tuple[Hal, int]:
    """Create a version, or replace its description."""
    return _change(pacticipant, version, _description((JSON,), keep_what_is_missing=False))


@api.patch(
    "version",
    answers="Version",
    statuses=(200, 201),
    refuses=(409,),
    takes="VersionDescription",
    takes_types=(MERGE_PATCH,),
    needs=Needs(Action.PUBLISH, "pacticipant"),
)
def update(pacticipant: str, version: str) -> tuple[Hal, int]:
    """Create a version, or change what the body names."""
    return _change(pacticipant, version, _description((MERGE_PATCH,), keep_what_is_missing=True))


@api.delete("version", needs=Needs(Action.DELETE, "pacticipant"))
def delete(pacticipant: str, version: str) -> tuple[str, int]:
    """Remove a version with its pacts, results, deployments and releases."""
    with transaction() as storage:
        versions.delete(storage, pacticipant, version, now())
    return "", 204


def _change(pacticipant: str, version: str, change: VersionChange) -> tuple[Hal, int]:
    with transaction() as storage:
        changed, created = versions.change(storage, pacticipant, version, change, now=now())
        found = versions.details(storage, changed)
    return represent(found, links()), 201 if created else 200


def _description(content_types: tuple[str, ...], *, keep_what_is_missing: bool) -> VersionChange:
    document = parsing.json_object(content_types)
    fields = Fields(document)
    build_url = fields.text("buildUrl", limit=limits.URL, blank=True)
    items = fields.objects("tags", most=limits.TAGS)
    tags = [item.text("name", limit=limits.REFERENCE, required=True) or "" for item in items or ()]
    fields.done()
    return VersionChange(
        build_url=build_url or None,
        keeps_build_url=keep_what_is_missing and "buildUrl" not in document,
        tags=None if items is None else tuple(dict.fromkeys(tags)),
    )


def _represent_at(details: VersionDetails, route: str, **values: str) -> Hal:
    """Return the document of a version that was asked for at another URL than its own."""
    make = links()
    document = represent(details, make)
    document["_links"]["self"] = make.to(route, "Version", details.version.number, **values)
    return document


def represent(details: VersionDetails, links: Links) -> Hal:
    """Return the HAL document of a version (reference §4.3)."""
    version = details.version
    return resource(
        {
            "number": version.number,
            "buildUrl": version.build_url,
            **timestamps(version.created_at, version.updated_at),
        },
        embedded=_embedded(version, links),
        links={
            **_of_version(version, links),
            **_pacts(details, links),
            **_places(details, links),
            **_recording(details, links),
            **_service_contract(details, links),
            **_scenario_results(details, links),
            "curies": links.curies("version"),
        },
    )


def _embedded(version: Version, links: Links) -> Hal:
    place = {"pacticipant": version.pacticipant, "version": version.number}
    branches = [
        {
            "name": branch.name,
            "latest": branch.latest,
            "_links": {
                "self": links.to("branch-version", "Branch version", branch.name, **place, branch=branch.name)
            },
        }
        for branch in version.branches
    ]
    tags = [
        {"name": tag, "_links": {"self": links.to("version-tag", "Tag", tag, **place, tag=tag)}}
        for tag in version.tags
    ]
    return {"branches": branches, "branchVersions": branches, "tags": tags}


def _of_version(version: Version, links: Links) -> Hal:
    name, number = version.pacticipant, version.number
    return {
        "self": links.to("version", "Version", number, pacticipant=name, version=number),
        "pb:pacticipant": links.to("pacticipant", "Pacticipant", name, pacticipant=name),
        "pb:tag": links.template("version-tag", "A tag of this version", pacticipant=name, version=number),
        "pb:latest-verification-results-where-pacticipant-is-consumer": links.to(
            "consumer-version-verification-results",
            "Latest results for the pacts of this version",
            consumer=name,
            version=number,
        ),
    }


def _pacts(details: VersionDetails, links: Links) -> Hal:
    return {
        "pb:pact-versions": [
            links.to(
                "pact",
                "Pact",
                pact.name,
                provider=pact.provider,
                consumer=pact.consumer,
                consumer_version=pact.version,
            )
            for pact in details.pacts
        ]
    }


def _places(details: VersionDetails, links: Links) -> Hal:
    """Return the links to the deployments and releases of the version (reference §4.3)."""
    deployed = []
    for item in details.deployed:
        shown = item.environment.display_name
        link = links.to("deployed-version", f"Version deployed to {shown}", shown, uuid=item.uuid)
        link["currently_deployed"] = item.currently_deployed
        if item.application_instance is not None:
            link["application_instance"] = item.application_instance
        deployed.append(link)
    released = []
    for release in details.released:
        shown = release.environment.display_name
        link = links.to("released-version", f"Version released to {shown}", shown, uuid=release.uuid)
        released.append({**link, "currently_supported": release.currently_supported})
    return {"pb:deployed-environments": deployed, "pb:released-environments": released}


def _recording(details: VersionDetails, links: Links) -> Hal:
    if details.environments is None:
        return {}
    place = {"pacticipant": details.version.pacticipant, "version": details.version.number}
    actions = (
        ("pb:record-deployment", "version-deployments", "Record deployment to"),
        ("pb:record-release", "version-releases", "Record release to"),
    )
    return {
        relation: [
            links.to(route, f"{title} {item.display_name}", item.name, **place, uuid=item.uuid)
            for item in details.environments
        ]
        for relation, route, title in actions
    }


def _scenario_results(details: VersionDetails, links: Links) -> Hal:
    place = {"pacticipant": details.version.pacticipant, "version": details.version.number}
    return {"tally:scenario-results": links.to("scenario-results", "Results of scenarios", **place)}


def _service_contract(details: VersionDetails, links: Links) -> Hal:
    if not details.has_service_contract:
        return {}
    place = {"pacticipant": details.version.pacticipant, "version": details.version.number}
    return {"tally:service-contract": links.to("service-contract", "Service contract", **place)}
