"""Publishing a version with all its contracts (reference §4.7)."""

import base64
import binascii
from collections.abc import Sequence

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.model import Notice, NoticeType
from broker.domain.pacts.publication import LISTS, NewContract, VersionWithPacts
from broker.domain.pacts.publication_plan import PublicationOutcome
from broker.domain.text_rules import too_many
from broker.domain.webhooks.events import Event
from broker.services.pacts.publish import Published, PublishedContract, publish_contracts
from broker.services.service_contracts.comparing import MadeComparison
from broker.services.webhooks.notify import PublicationEvents
from broker.web import parsing
from broker.web.api.pacticipants.pacticipants import embedded_pacticipant, embedded_version
from broker.web.api.service_contracts import compared
from broker.web.comparing_at_once import after_comparing
from broker.web.context import circumstances, links, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal, Links
from broker.web.parsing import Fields
from broker.web.resource import ApiResource
from tally.errors import InvalidContractError

api = ApiResource("contracts", __name__)
api.relation(
    "pb:publish-contracts",
    "Publish a version of a consumer with its branch, its tags and all its contracts, all or nothing. "
    "The notices of the answer are for the person who reads the log of the build.",
    "publish-contracts",
    title="Publish contracts",
)
api.relation("pb:contracts", "The contracts that were published.")


@api.post(
    "publish-contracts",
    answers="PublishedContracts",
    refuses=(409,),
    takes="NewContracts",
    needs=Needs(Action.PUBLISH),
)
def publish() -> Hal:
    """Store a consumer version with its pacts, all or nothing."""
    publication = parsing.once(_publication)
    consumer = publication.pacticipant
    pairs = [(consumer, contract.provider) for contract in publication.contracts]
    with transaction((consumer, publication.branch), *pairs) as storage:
        published = publish_contracts(storage, publication, circumstances())
    return after_comparing(
        published.to_compare, lambda made: represent(publication, published, made, links())
    )


def _publication(document: object) -> VersionWithPacts:
    fields = Fields(parsing.an_object(document))
    pacticipant = fields.text("pacticipantName", limit=limits.NAME, required=True) or ""
    version = fields.text("pacticipantVersionNumber", limit=limits.REFERENCE, required=True) or ""
    branch = fields.text("branch", limit=limits.REFERENCE)
    tags = fields.texts("tags", limit=limits.REFERENCE, most=limits.TAGS) or ()
    build_url = fields.text("buildUrl", limit=limits.URL, blank=True)
    items = fields.objects("contracts", most=limits.CONTRACTS, required=True) or []
    contracts = [_contract(item, pacticipant) for item in items]
    fields.done()
    return VersionWithPacts(
        pacticipant,
        version,
        tuple(contract for contract in contracts if contract is not None),
        branch=branch,
        tags=tuple(dict.fromkeys(tags)),
        build_url=build_url or None,
    )


def _contract(fields: Fields, pacticipant: str) -> NewContract | None:
    consumer = fields.text("consumerName", limit=limits.NAME, required=True)
    provider = fields.text("providerName", limit=limits.NAME, required=True)
    if consumer and pacticipant and consumer != pacticipant:
        fields.refuse("consumerName", f"must equal pacticipantName ('{pacticipant}')")
    fields.one_of("specification", ("pact",), required=True)
    fields.one_of("contentType", ("application/json",), required=True)
    on_conflict = fields.one_of("onConflict", ("overwrite", "merge")) or "overwrite"
    document = _document(fields)
    if document is None or consumer is None or provider is None:
        return None
    for key, message in broken_lists(document).items():
        fields.refuse("content", f"{key} {message}")
    for role, name in (("consumer", consumer), ("provider", provider)):
        said = name_inside(document, role)
        if said is not None and said != name:
            said_briefly = str(said)[: limits.NAME]
            fields.refuse(
                f"{role}Name", f"'{name}' must equal the {role} name inside the pact ('{said_briefly}')"
            )
    return NewContract(consumer, provider, document, "merge" if on_conflict == "merge" else "overwrite")


def _document(fields: Fields) -> dict[str, object] | None:
    encoded = fields.text("content", limit=None, required=True, lines=True)
    if not encoded:
        return None
    fields.forget("content")
    try:
        text = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        fields.refuse("content", "is not valid Base64")
        return None
    del encoded
    try:
        document = parsing.bounded_json(text)
    except InvalidContractError as error:
        fields.refuse("content", f"is {error}")
        return None
    if isinstance(document, dict):
        return document
    fields.refuse("content", "must be a JSON object")
    return None


def broken_lists(document: object) -> dict[str, str]:
    """Return what is wrong with the length of the lists of a pact, by their keys."""
    lists = {key: document.get(key) for key in LISTS} if isinstance(document, dict) else {}
    found = {
        key: too_many(items, limits.INTERACTIONS) for key, items in lists.items() if isinstance(items, list)
    }
    return {key: message for key, message in found.items() if message is not None}


def name_inside(document: object, role: str) -> object:
    """Return the name that a pact gives to its consumer or provider; None when it says none."""
    said = document.get(role) if isinstance(document, dict) else None
    return said.get("name") if isinstance(said, dict) else None


def represent(
    publication: VersionWithPacts, published: Published, made: Sequence[MadeComparison], links: Links
) -> Hal:
    """Return the answer with its notices."""
    notices = _notices(publication, published, made, links)
    return {
        "notices": [{"type": notice.type, "text": notice.text} for notice in notices],
        "logs": [
            {
                "level": notice.type,
                "message": notice.text,
                "deprecationWarning": "Use the notices in place of the logs",
            }
            for notice in notices
        ],
        "_embedded": {
            "pacticipant": embedded_pacticipant(publication.pacticipant, links),
            "version": embedded_version(published.version, links),
        },
        "_links": _links(publication, published, links),
    }


def _links(publication: VersionWithPacts, published: Published, links: Links) -> Hal:
    name, number = publication.pacticipant, published.version.number
    return {
        "pb:pacticipant": links.to("pacticipant", "Pacticipant", name, pacticipant=name),
        "pb:pacticipant-version": links.to(
            "version", "Pacticipant version", number, pacticipant=name, version=number
        ),
        "pb:pacticipant-version-tags": [
            links.to("version-tag", "Tag", tag, pacticipant=name, version=number, tag=tag)
            for tag in publication.tags
        ],
        "pb:contracts": [
            links.to(
                "pact",
                "Pact",
                f"Pact between {name} ({number}) and {contract.provider}",
                provider=contract.provider,
                consumer=name,
                consumer_version=number,
            )
            for contract in published.contracts
        ],
    }


def _notices(
    publication: VersionWithPacts, published: Published, made: Sequence[MadeComparison], links: Links
) -> list[Notice]:
    notices = [Notice("debug", _what_was_recorded(publication, created=published.created))]
    if not publication.branch:
        notices.append(
            Notice(
                "prompt",
                "  Next steps:\n    Name the branch of the version (--branch), so that selectors such as "
                "mainBranch find its pacts.",
            )
        )
    for contract in published.contracts:
        notices.extend(_of_contract(publication, contract, links))
        of_contract = [item for item in made if item.pending.provider == contract.provider]
        notices.extend(compared.of_pact(of_contract, links))
    version = links.href("version", pacticipant=publication.pacticipant, version=published.version.number)
    return notices + compared.under_way(len(published.to_compare) - len(made), version)


def _what_was_recorded(publication: VersionWithPacts, *, created: bool) -> str:
    text = f"{'Created' if created else 'Updated'} {publication.pacticipant} version {publication.version}"
    if publication.branch:
        text += f" with branch {publication.branch}"
    if publication.tags:
        text += f"{' and' if publication.branch else ' with'} tags {', '.join(publication.tags)}"
    return text


_OUTCOMES: dict[PublicationOutcome, tuple[NoticeType, str]] = {
    PublicationOutcome.CREATED: ("success", "published"),
    PublicationOutcome.UNCHANGED: ("success", "published again, with the same content"),
    PublicationOutcome.MERGED: ("success", "merged with what was published before"),
    PublicationOutcome.OVERWRITTEN: (
        "warning",
        "overwritten with different content; give each build its own version number, such as its commit",
    ),
}


def _of_contract(publication: VersionWithPacts, contract: PublishedContract, links: Links) -> list[Notice]:
    kind, what = _OUTCOMES[contract.outcome]
    name, number, provider = publication.pacticipant, publication.version, contract.provider
    url = links.href("pact", provider=provider, consumer=name, consumer_version=number)
    notices = [
        Notice(kind, f"Pact of {name} {number} with {provider}: {what}"),
        Notice("debug", f"  View it at {url}"),
        *_of_events(contract.events, provider, links),
    ]
    steps = []
    if not contract.ever_verified:
        steps.append(f"{provider} has not verified a pact of {name} yet: run tally verify there")
    if not contract.events.has_webhooks:
        steps.append(f"No webhook tells {provider} about changed pacts: create one that starts its build")
    if steps:
        notices.append(Notice("prompt", "  Next steps:"))
    return notices + [Notice("prompt", f"    * {step}") for step in steps]


def _of_events(found: PublicationEvents, provider: str, links: Links) -> list[Notice]:
    names = ", ".join(f"{event.value} ({_EVENTS[event]})" for event in found.events)
    notices = [Notice("debug", f"  Events: {names}")]
    for delivery in found.deliveries:
        logs = links.href("triggered-webhook-logs", uuid=delivery.uuid)
        event = f"{delivery.event} for {provider} {delivery.provider_version}"
        event = event if delivery.provider_version else delivery.event
        text = f'  Webhook "{delivery.webhook}" triggered by {event}, its log is at {logs}'
        notices.append(Notice("debug", text))
    for title in found.disabled:
        text = f'  Webhook "{title}" was not triggered: its deliveries kept failing, so it is disabled'
        notices.append(Notice("warning", text))
    if found.has_webhooks and not found.deliveries and not found.disabled:
        notices.append(Notice("debug", "  There are webhooks for this pact, but none for these events"))
    return notices


_EVENTS = {
    Event.CONTRACT_PUBLISHED: "a pact was published, changed or not",
    Event.CONTRACT_CONTENT_CHANGED: "it differs from what was published before",
    Event.CONTRACT_REQUIRING_VERIFICATION_PUBLISHED: "a provider version that must verify it has no result",
}
