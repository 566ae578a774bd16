"""Published pacts. Equal content between two pacticipants is stored once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite as well

from broker.domain.model import Pacticipant, Version
from broker.domain.pacts.pact import CurrentContent, PublishedPact
from broker.domain.pacts.publication import Content, StoredContent
from broker.storage.conditions import id_of, is_current, newest_of_pair
from broker.storage.dialects import AS_BYTES, ONE, is_in
from broker.storage.direct_statements import later
from broker.storage.pacts.newest import (
    CANDIDATES,
    newest_on_branch,
    newest_untagged,
    newest_with_content,
    newest_with_content_of,
    newest_with_tag,
)
from broker.storage.pacts.parties import KnownContent
from broker.storage.standing_marks import StandingMarks
from broker.storage.tables import (
    pact_publications,
    pact_usages,
    pact_versions,
    pacticipants,
    versions,
)
from broker.storage.values_of_rows import values_of
from tally.values import dataclass

_LARGE = 1024 * 1024
CONSUMERS = pacticipants.alias("consumers")
PROVIDERS = pacticipants.alias("providers")
JOINED = (
    pact_publications.join(CONSUMERS, CONSUMERS.c.id == pact_publications.c.consumer_id)
    .join(PROVIDERS, PROVIDERS.c.id == pact_publications.c.provider_id)
    .join(versions, versions.c.id == pact_publications.c.consumer_version_id)
    .join(pact_versions, pact_versions.c.id == pact_publications.c.pact_version_id)
)
BETWEEN = (CONSUMERS.c.name == bindparam("consumer"), PROVIDERS.c.name == bindparam("provider"))

_PUBLISHED = (
    select(
        CONSUMERS.c.name,
        PROVIDERS.c.name,
        versions.c.number,
        versions.c.id,
        pact_versions.c.sha,
        pact_versions.c.content,
        pact_publications.c.created_at,
    )
    .select_from(JOINED)
    .where(*BETWEEN)
    .execution_options(**AS_BYTES)
)
_WHOLE = _PUBLISHED.where(is_current(pact_publications))
_consumer_id, _provider_id = id_of("consumer"), id_of("provider")
_PAIR = (_consumer_id, _provider_id)
_version = versions.alias("the_version")
_version_id = (
    select(_version.c.id)
    .where(_version.c.pacticipant_id == _consumer_id, _version.c.number == bindparam("version"))
    .scalar_subquery()
)
_OF_VERSION = _WHOLE.where(pact_publications.c.consumer_version_id == _version_id)


def _chosen(publication_id: ColumnElement[int]) -> Select[Any]:
    return _PUBLISHED.where(pact_publications.c.id == publication_id)


_ever = newest_with_content(*_PAIR, bindparam("sha"))
_still = _ever.where(is_current(CANDIDATES))
_preferred = newest_with_content_of(
    *_PAIR, bindparam("sha"), versions.c.number.in_(bindparam("numbers", expanding=True))
)
_WITH_SHA_OF_VERSIONS = _chosen(_preferred.limit(ONE).correlate(None).scalar_subquery())
_WITH_SHA = _chosen(_still.limit(ONE).scalar_subquery())
_ONCE_WITH_SHA = _chosen(_ever.limit(ONE).scalar_subquery())
_LATEST = _chosen(newest_of_pair(*_PAIR))
_WITH_TAG = _chosen(newest_with_tag(*_PAIR, bindparam("tag")))
_UNTAGGED = _chosen(newest_untagged(*_PAIR))
_ON_BRANCH = _chosen(newest_on_branch(*_PAIR, bindparam("branch")))

_CURRENT_OF_VERSION = (
    select(
        pact_publications.c.id.label("publication_id"),
        PROVIDERS.c.name.label("provider"),
        pact_versions.c.sha,
        pact_publications.c.revision,
        pact_versions.c.digits,
    )
    .select_from(JOINED)
    .where(is_current(pact_publications), pact_publications.c.consumer_version_id == _version_id)
)
_TEXTS = (
    select(pact_publications.c.id, pact_versions.c.content)
    .join_from(pact_publications, pact_versions)
    .where(pact_publications.c.id.in_(bindparam("ids", expanding=True)))
    .execution_options(**AS_BYTES)
)
_ADD_CONTENT = (
    insert(pact_versions)
    .on_conflict_do_nothing(index_elements=["consumer_id", "provider_id", "sha"])
    .returning(pact_versions.c.provider_id, pact_versions.c.sha, pact_versions.c.id)
)
_WRITE_AGAIN = (
    update(pact_versions)
    .where(
        pact_versions.c.consumer_id == bindparam("of_consumer"),
        pact_versions.c.provider_id == bindparam("of_provider"),
        pact_versions.c.sha == bindparam("of_sha"),
    )
    .values(content=bindparam("text"), digits=bindparam("new_digits"), outline=bindparam("new_outline"))
)
_CONTENTS = (
    select(
        pact_versions.c.provider_id,
        pact_versions.c.sha,
        pact_versions.c.id,
        pact_versions.c.digits,
        pact_usages.c.pact_version_id,
    )
    .outerjoin_from(pact_versions, pact_usages)
    .where(
        pact_versions.c.consumer_id == bindparam("consumer_id"),
        is_in(pact_versions.c.provider_id, "provider_ids"),
        is_in(pact_versions.c.sha, "shas"),
    )
)
_SUPERSEDE = (
    update(pact_publications)
    .where(pact_publications.c.id.in_(bindparam("ids", expanding=True)))
    .values(superseded=True)
)
_ADD_PUBLICATION = insert(pact_publications)
_DELETE = delete(pact_publications).where(
    pact_publications.c.consumer_version_id == bindparam("version_id"),
    pact_publications.c.provider_id == _provider_id,
)


@dataclass(frozen=True)
class NewPublication:
    """A content to store for a provider. *replaces* is what the version had published for it before.

    *known* is the content as it was found to be stored; *is_first* tells that the two have no pact so far.
    """

    provider: Pacticipant
    content: Content
    replaces: CurrentContent | None = None
    known: KnownContent | None = None
    is_first: bool = False


class Pacts:
    """Published pacts. Only the newest revision of each counts."""

    def __init__(self, connection: Connection, marks: StandingMarks) -> None:
        self._connection = connection
        self._marks = marks

    def of_version(self, provider: str, consumer: str, version: str) -> PublishedPact | None:
        """Return the pact of this consumer version."""
        return self._one(_OF_VERSION, provider, consumer, version=version)

    def with_content(
        self, provider: str, consumer: str, sha: str, preferred: Collection[str] = ()
    ) -> PublishedPact | None:
        """Return the newest pact with this content, of a *preferred* consumer version if one has it.

        When no version has the content any more, return the newest pact that once had it (reference §4.8).
        """
        pair = (provider, consumer)
        return (
            (self._one(_WITH_SHA_OF_VERSIONS, *pair, sha=sha, numbers=preferred) if preferred else None)
            or self._one(_WITH_SHA, *pair, sha=sha)
            or self._one(_ONCE_WITH_SHA, *pair, sha=sha)
        )

    def latest(self, provider: str, consumer: str) -> PublishedPact | None:
        """Return the pact of the latest version that has one with the provider."""
        return self._one(_LATEST, provider, consumer)

    def latest_with_tag(self, provider: str, consumer: str, tag: str) -> PublishedPact | None:
        """Return the pact of the latest version with the tag that has one."""
        return self._one(_WITH_TAG, provider, consumer, tag=tag)

    def latest_untagged(self, provider: str, consumer: str) -> PublishedPact | None:
        """Return the pact of the latest version without any tag that has one."""
        return self._one(_UNTAGGED, provider, consumer)

    def latest_on_branch(self, provider: str, consumer: str, branch: str) -> PublishedPact | None:
        """Return the pact of the latest version on the branch that has one."""
        return self._one(_ON_BRANCH, provider, consumer, branch=branch)

    def current_of_version(self, consumer: str, version: str) -> Mapping[str, CurrentContent]:
        """Return the current contents of the consumer version, by the name of the provider."""
        rows = self._connection.execute(_CURRENT_OF_VERSION, {"consumer": consumer, "version": version})
        return {row.provider: CurrentContent(*row) for row in rows}

    def texts(self, publication_ids: Collection[int]) -> Mapping[int, bytes]:
        """Return the JSON of the publications with these ids."""
        rows = self._connection.execute(_TEXTS, {"ids": list(publication_ids)})
        return {row.id: row.content for row in rows}

    def publish(
        self, consumer: Pacticipant, version: Version, new: Sequence[NewPublication], now: datetime
    ) -> list[StoredContent]:
        """Store publications, and contents as far as they are not known.

        It takes as many statements for many pacts as for one. Rows are inserted in the order of the
        providers. Otherwise two publications at once could each wait for a row that the other has inserted.
        """
        if not new:
            return []
        in_order = sorted(new, key=lambda item: item.provider.id)
        stored = self._stored(consumer, in_order, now)
        if replaced := [item.replaces.publication_id for item in in_order if item.replaces]:
            later(self._connection, _SUPERSEDE, {"ids": replaced})
        publications = [
            {
                "consumer_id": consumer.id,
                "provider_id": item.provider.id,
                "consumer_version_id": version.id,
                "pact_version_id": content.id,
                "revision": item.replaces.revision + 1 if item.replaces else 1,
                "superseded": False,
                "position": version.position,
                "created_at": now,
            }
            for item, content in zip(in_order, stored, strict=True)
        ]
        later(self._connection, _ADD_PUBLICATION, values_of(publications))
        are_new = any(item.is_first for item in new)
        ids = [item.provider.id for item in in_order]
        self._marks.published(consumer, version.id, ids, are_new=are_new)
        return stored

    def _stored(
        self, consumer: Pacticipant, new: Sequence[NewPublication], now: datetime
    ) -> list[StoredContent]:
        """Store the contents that are not known, and return all of them."""
        known = {(item.provider.id, item.content.sha): item.known for item in new if item.known}
        added: dict[tuple[int, str], int] = {}
        if unknown := [item for item in new if item.known is None]:
            self._close_after_large(item.content.text for item in unknown)
            rows = [_content_row(consumer, item, now) for item in unknown]
            for provider_id, sha, content_id in self._connection.execute(_ADD_CONTENT, values_of(rows)):
                added[provider_id, sha] = content_id
            known |= self._known(
                consumer, [item for item in unknown if (item.provider.id, item.content.sha) not in added]
            )
        stored, otherwise = [], []
        for item in new:
            key = (item.provider.id, item.content.sha)
            found = known.get(key) or KnownContent(added[key], item.content.digits, has_usage=False)
            stored.append(StoredContent(found.id, item.provider, item.content, key in added, found.has_usage))
            if found.digits != item.content.digits:
                otherwise.append(item)
        self.write_again(consumer, otherwise)
        return stored

    def _known(
        self, consumer: Pacticipant, new: Sequence[NewPublication]
    ) -> dict[tuple[int, str], KnownContent]:
        """Return contents that are stored although nobody knew: somebody was faster, or a merge made them."""
        if not new:
            return {}
        wanted = {
            "consumer_id": consumer.id,
            "provider_ids": [item.provider.id for item in new],
            "shas": [item.content.sha for item in new],
        }
        return {
            (provider_id, sha): KnownContent(content_id, digits, usage_id is not None)
            for provider_id, sha, content_id, digits, usage_id in self._connection.execute(_CONTENTS, wanted)
        }

    def write_again(self, consumer: Pacticipant, contents: Sequence[NewPublication]) -> None:
        """Let contents that are stored already be shown as they were published last: with 2.300 for 2.3."""
        if contents:
            self._close_after_large(item.content.text for item in contents)
            self._connection.execute(
                _WRITE_AGAIN,
                [
                    {
                        "of_consumer": consumer.id,
                        "of_provider": item.provider.id,
                        "of_sha": item.content.sha,
                        "text": item.content.text,
                        "new_digits": item.content.digits,
                        "new_outline": item.content.outline,
                    }
                    for item in sorted(contents, key=lambda item: item.provider.id)
                ],
            )

    def delete(self, version: Version, provider: str) -> bool:
        """Remove the pact of a consumer version with a provider. Return whether there was one."""
        values = {"version_id": version.id, "provider": provider}
        self._marks.removed([version.pacticipant])
        return self._connection.execute(_DELETE, values).rowcount > 0

    def _one(
        self, statement: Select[Any], provider: str, consumer: str, **values: str | Collection[str]
    ) -> PublishedPact | None:
        wanted = {"provider": provider, "consumer": consumer, **values}
        row = self._connection.execute(statement, wanted).first()
        if row is None:
            return None
        found = PublishedPact(*row)  # _PUBLISHED has the fields in their order
        self._close_after_large([found.text])
        return found

    def _close_after_large(self, texts: Iterable[bytes]) -> None:
        """Close the connection after the transaction if a text was large: it would keep that memory."""
        if any(len(text) > _LARGE for text in texts):
            self._connection.detach()


def _content_row(consumer: Pacticipant, new: NewPublication, now: datetime) -> dict[str, object]:
    return {
        "consumer_id": consumer.id,
        "provider_id": new.provider.id,
        "sha": new.content.sha,
        "content": new.content.text,
        "interactions_count": new.content.interactions,
        "messages_count": new.content.messages,
        "digits": new.content.digits,
        "outline": new.content.outline,
        "created_at": now,
    }
