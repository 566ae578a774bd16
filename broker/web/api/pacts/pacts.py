"""One pact: publishing, reading and deleting it (reference §4.6, §4.8)."""

from collections.abc import Callable, Sequence
from functools import partial
from string import printable
from urllib.parse import quote

from flask import Response

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.errors import ValidationError
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pacts.publication import Document, NewContract, OnConflict, VersionWithPacts
from broker.domain.pacts.publication_plan import PublicationOutcome
from broker.domain.verifications.url_metadata import Metadata, decode, encode
from broker.services.pacts import pacts
from broker.services.pacts.publish import publish_pact
from broker.web import parsing
from broker.web.api import extended
from broker.web.api.pacts.documents import represent, represent_remaining, shown
from broker.web.api.pacts.publish import broken_lists, name_inside
from broker.web.comparing_at_once import after_comparing
from broker.web.content_types import EXTENDED, HAL, JSON
from broker.web.context import circumstances, links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.operation import Description
from broker.web.hal import Hal
from broker.web.resource import ApiResource

api = ApiResource("pacts", __name__)
api.relation(
    "pb:publish-pact",
    "Publish one pact of a version. Prefer pb:publish-contracts.",
    "pact",
    title="Publish a pact",
)
api.relation("pb:pact-version", "The content of a pact, as it was verified.", "pact-version")
api.relation("pb:latest-pact-version", "The latest pact of the consumer with this provider.", "latest-pact")
api.relation(
    "pb:latest-tagged-pact-version", "The pact of the newest version with a tag.", "latest-tagged-pact"
)
api.relation(
    "pb:latest-untagged-pact-version", "The pact of the newest version without tags.", "latest-untagged-pact"
)
A_PACT: Description = {"answers": "Pact", "types": (HAL, JSON, EXTENDED)}
PUBLISHES: Description = {
    "takes": "NewPact",
    "answers": "Pact",
    "statuses": (200, 201),
    "types": (HAL, JSON),
    "refuses": (409,),
    "needs": Needs(Action.PUBLISH, "consumer"),
}
Find = Callable[..., PublishedPact]
"""A service that finds a pact by names."""
_PRINTABLE = printable.strip() + " "


@api.put("pact", "pact-versions-alias", "pact-alias", **PUBLISHES)
def publish(provider: str, consumer: str, consumer_version: str) -> tuple[Response, int]:
    """Store the pact of a consumer version."""
    return _publish(provider, consumer, consumer_version, "overwrite")


@api.patch("pact", "pact-versions-alias", "pact-alias", **PUBLISHES)
def merge(provider: str, consumer: str, consumer_version: str) -> tuple[Response, int]:
    """Merge interactions into the pact of a consumer version."""
    return _publish(provider, consumer, consumer_version, "merge")


@api.delete(
    "pact", "pact-versions-alias", "pact-alias", answers="DeletedPact", needs=Needs(Action.DELETE, "consumer")
)
def delete(provider: str, consumer: str, consumer_version: str) -> Hal:
    """Remove the pact of a consumer version."""
    with transaction() as storage:
        latest = pacts.delete(storage, provider, consumer, consumer_version, now=now())
    return represent_remaining(latest, links())


@api.get("pact", "pact-versions-alias", "pact-alias", **A_PACT)
def show(provider: str, consumer: str, consumer_version: str) -> Response:
    """Show the pact of a consumer version."""
    return shown(*_read(pacts.of_version, provider, consumer, consumer_version), links())


@api.get("pact-version", "pact-version-with-metadata", **A_PACT)
def show_content(provider: str, consumer: str, sha: str, metadata: str = "") -> Response:
    """Show the newest pact with this content, of the versions that the metadata names if they have it."""
    named = decode(metadata).consumer_versions
    find = partial(pacts.with_content, versions=named)
    return shown(*_read(find, provider, consumer, sha), links(), metadata=metadata, named=named)


@api.get("latest-pact", "latest-pact-alias", **A_PACT)
def show_latest(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version that has one."""
    return _latest(pacts.latest, provider, consumer)


@api.get("latest-tagged-pact", **A_PACT)
def show_latest_tagged(provider: str, consumer: str, tag: str) -> Response:
    """Show the pact of the latest version with the tag."""
    return _latest(pacts.latest_with_tag, provider, consumer, tag)


@api.get("latest-untagged-pact", **A_PACT)
def show_latest_untagged(provider: str, consumer: str) -> Response:
    """Show the pact of the latest version without tags."""
    return _latest(pacts.latest_untagged, provider, consumer)


@api.get("latest-branch-pact", **A_PACT)
def show_latest_on_branch(provider: str, consumer: str, branch: str) -> Response:
    """Show the pact of the latest version on the branch."""
    return _latest(pacts.latest_on_branch, provider, consumer, branch)


def _contract(
    document: Document, provider: str, consumer: str, version: str, *, on_conflict: OnConflict
) -> NewContract:
    errors = {key: [message] for key, message in broken_lists(document).items()}
    for role, name in (("consumer", consumer), ("provider", provider)):
        said = name_inside(document, role)
        if not name.strip():
            errors[f"{role}.name"] = ["cannot be blank"]
        elif said is not None and said != name:
            errors[f"{role}.name"] = [
                f"'{str(said)[: limits.NAME]}' does not match the {role} name in the path, '{name}'"
            ]
    if not version.strip():
        errors["consumer_version_number"] = ["cannot be blank"]
    if errors:
        raise ValidationError(errors)
    return NewContract(consumer, provider, document, on_conflict)


def _publish(provider: str, consumer: str, version: str, on_conflict: OnConflict) -> tuple[Response, int]:
    contract = parsing.once(
        lambda document: _contract(document, provider, consumer, version, on_conflict=on_conflict)
    )
    publication = VersionWithPacts(consumer, version, (contract,))
    with transaction((consumer, provider)) as storage:
        published = publish_pact(storage, publication, circumstances())
    created = published.outcome is PublicationOutcome.CREATED
    answer = represent(published.pact, links()), 201 if created else 200
    return after_comparing(published.to_compare, lambda _: answer)


def _read(find: Find, *names: str) -> tuple[PublishedPact, Sequence[str] | None]:
    """Return the pact, and if the extended document is wanted, the tags for which it is the newest."""
    with reading() as storage:
        found = find(storage, *names)
        return found, pacts.tags_of_newest(storage, found) if extended.is_wanted() else None


def _latest(find: Find, *names: str) -> Response:
    found, tags = _read(find, *names)
    answer = shown(found, tags, links(), metadata=encode(Metadata((found.version,))))
    # Headers hold ASCII only; a version that is ASCII stays as it is.
    answer.headers["X-Pact-Consumer-Version"] = quote(found.version, safe=_PRINTABLE)
    return answer
