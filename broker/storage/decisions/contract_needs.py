"""What documents declare that they need, and which versions offer it, as parts of one statement."""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    select,
)

from broker.storage.decisions.contract_parts import Part, part_of
from broker.storage.decisions.contract_sources import (
    newest_of,
    publications_then,
)
from broker.storage.decisions.matrix_statements import (
    CONSUMERS,
    PROVIDERS,
    Shape,
)
from broker.storage.dialects import is_in
from broker.storage.tables import (
    service_contract_dependencies,
    service_contract_needs,
    service_contract_operations,
    service_contract_publications,
    service_contract_set_documents,
    versions,
)

_documents = service_contract_set_documents
_published = service_contract_publications.alias("published")


def declared_by(sets: CTE) -> CTE:
    """Return what the documents of the chosen versions need of other services."""
    needed = service_contract_dependencies
    return (
        select(
            needed.c.id,
            needed.c.provider_id,
            needed.c.required,
            needed.c.versions,
            sets.c.version_id,
            sets.c.pacticipant_id,
            sets.c.number,
            sets.c.position,
            sets.c.created_at,
        )
        .select_from(sets)
        .join(_documents, _documents.c.set_id == sets.c.set_id)
        .join(needed, needed.c.service_contract_id == _documents.c.service_contract_id)
        .where(sets.c.is_any == 0)
        .cte("declared")
    )


def needs_of(declared: CTE) -> Select[Any]:
    """Select what is declared, one operation or channel a row."""
    needs = service_contract_needs
    return (
        part_of(
            Part.NEED,
            {
                "consumer": CONSUMERS.c.name,
                "consumer_version_id": declared.c.version_id,
                "consumer_version": declared.c.number,
                "position": declared.c.position,
                "provider": PROVIDERS.c.name,
                "success": declared.c.required,
                "published_at": declared.c.created_at,
                "result": declared.c.id,
                "name": needs.c.name,
                "key": needs.c.key,
                "versions": declared.c.versions,
            },
        )
        .select_from(declared)
        .join(CONSUMERS, CONSUMERS.c.id == declared.c.pacticipant_id)
        .join(PROVIDERS, PROVIDERS.c.id == declared.c.provider_id)
        .outerjoin(needs, needs.c.dependency_id == declared.c.id)
    )


def offers_of(shape: Shape, declared: CTE, part: Part, *, with_keys: bool) -> Select[Any]:
    """Select the versions of the providers that have documents; *with_keys* what they have of what is needed.

    The part says which versions: the chosen ones, or the newest of each provider.
    """
    published: Any = publications_then() if shape.past else _published
    providers = select(declared.c.provider_id).distinct().subquery("needed_providers")
    columns: dict[str, ColumnElement[Any]] = {
        "provider": PROVIDERS.c.name,
        "provider_version_id": versions.c.id,
        "provider_version": versions.c.number,
        "provider_position": versions.c.position,
    }
    if with_keys:
        columns["key"] = service_contract_operations.c.key
    # Sums keep the database from the index on this column, and so from all versions of a provider.
    of_provider = versions.c.pacticipant_id + 0 == providers.c.provider_id + 0
    which = (
        is_in(versions.c.id, "version_ids")
        if part is Part.OFFER
        else versions.c.id == newest_of(providers, past=shape.past)
    )
    found = (
        part_of(part, columns)
        .select_from(providers)
        .join(PROVIDERS, PROVIDERS.c.id == providers.c.provider_id)
        .join(versions, and_(of_provider, which))
        .join(published, published.c.version_id == versions.c.id)
    )
    if not with_keys:
        return found
    needed = select(service_contract_needs.c.key).join_from(
        declared, service_contract_needs, service_contract_needs.c.dependency_id == declared.c.id
    )
    operations = service_contract_operations
    return (
        found.join(_documents, _documents.c.set_id == published.c.set_id)
        .join(operations, operations.c.service_contract_id == _documents.c.service_contract_id)
        .where(operations.c.key.in_(needed))
    )
