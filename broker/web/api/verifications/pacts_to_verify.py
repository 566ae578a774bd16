"""The pacts that a provider has to verify (reference §6)."""

from collections.abc import Sequence

from broker.domain.verifications import pending, url_metadata
from broker.domain.verifications.pending import Provider, VerificationNotice
from broker.services.verifications import pacts_to_verify
from broker.services.verifications.pacts_to_verify import PactsQuery, PactToVerify
from broker.web.api.verifications import pacts_to_verify_query
from broker.web.context import links, now, reading, settings
from broker.web.description.needs import READS
from broker.web.hal import Hal, Links
from broker.web.resource import ApiResource

_DEPRECATED = VerificationNotice(
    "before_verification",
    "These pacts were asked for with GET, which is deprecated: POST the selectors to the same address.",
)
api = ApiResource("pacts_for_verification", __name__)
api.relation(
    "pb:provider-pacts-for-verification",
    "The pacts that a provider has to verify. POST what to select: branches, environments, whether "
    "pending pacts may fail, and from when work in progress is included.",
    "pacts-for-verification",
    title="Pacts that a provider has to verify",
)
api.relation(
    "beta:provider-pacts-for-verification",
    "The same, under its old name.",
    "pacts-for-verification",
    title="Deprecated: use pb:provider-pacts-for-verification",
)


# It changes nothing: the selectors are too long for a query string.
@api.post(
    "pacts-for-verification", answers="PactsToVerify", takes="PactsQuery", takes_nothing_too=True, needs=READS
)
def ask(provider: str) -> Hal:
    """List the pacts that the selectors in the body select."""
    return _answer(pacts_to_verify_query.from_body(provider))


@api.get("pacts-for-verification", answers="PactsToVerify", query=pacts_to_verify_query.DESCRIBED)
def ask_by_query(provider: str) -> Hal:
    """List the pacts as the deprecated GET does.

    Verifiers ask without parameters, only to find the link to POST to (reference §14).
    """
    return _answer(pacts_to_verify_query.from_query_string(provider), deprecated=True)


def _answer(query: PactsQuery, *, deprecated: bool = False) -> Hal:
    with reading() as storage:
        found = pacts_to_verify.find(storage, query, now(), settings().wip_window)
    return represent(found, query, links(), deprecated=deprecated)


def represent(
    found: Sequence[PactToVerify], query: PactsQuery, links: Links, *, deprecated: bool = False
) -> Hal:
    """Return the pacts to verify (reference §6.3); *deprecated* says that they were asked for with GET."""
    about = [_DEPRECATED] if deprecated else []
    return {
        "_embedded": {"pacts": [_pact(item, query.provider, links, about) for item in found]},
        "_links": {
            "self": links.to("pacts-for-verification", "Pacts to be verified", provider=query.provider.name),
            "curies": links.curies("pacts-for-verification"),
        },
    }


def _pact(item: PactToVerify, provider: Provider, links: Links, about: Sequence[VerificationNotice]) -> Hal:
    pact = item.pact
    segment = url_metadata.encode(pending.metadata_of(pact, pending=item.pending))
    url = links.href(
        "pact-version-with-metadata",
        provider=provider.name,
        consumer=pact.consumer,
        sha=pact.sha,
        metadata=segment,
    )
    notices = pending.notices(pact, provider, url, pending=item.pending, verified_by=item.verified_by)
    properties: Hal = {"notices": [_notice(notice) for notice in (*about, *notices)]}
    if item.pending is not None:
        properties = {"pending": item.pending, **properties}
    if pact.wip:
        properties = {"wip": True, **properties}
    name = f"Pact between {pact.consumer} ({pact.version}) and {provider.name}"
    return {
        "shortDescription": pending.short_description(pact),
        "verificationProperties": properties,
        "_links": {"self": {"href": url, "name": name}},
    }


def _notice(notice: VerificationNotice) -> Hal:
    return {"when": notice.when, "text": notice.text}
