"""Results of verifications (reference §7)."""

from collections.abc import Callable, Iterable

import orjson
from flask import Response, jsonify

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.pacticipants.details import LatestTag
from broker.domain.verifications.result import NewVerification, PactContent, Shard, Verification, Waiting
from broker.domain.verifications.url_metadata import Metadata, decode, encode
from broker.services.pacticipants import tags
from broker.services.verifications import results
from broker.web import parsing
from broker.web.api import extended
from broker.web.content_types import EXTENDED, HAL
from broker.web.context import links, now, reading, told_at, transaction
from broker.web.description.needs import Needs
from broker.web.description.operation import Description
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.paths import result_number
from broker.web.resource import ApiResource
from broker.web.responses import created
from tally.hashing import parse_exactly

api = ApiResource("verification_results", __name__)
api.relation(
    "pb:publish-verification-results", "Publish whether a version of the provider fulfils the contract."
)
api.relation(
    "tally:publish-verification-part",
    "Publish a part of a verification that was divided between machines; the last one completes it.",
)
api.relation("pb:latest-verification-results", "The newest result of verifying this contract.")
api.relation("pb:verification-result", "The result of a verification.", "verification-result")
api.relation(
    "pb:latest-verification-results-where-pacticipant-is-consumer",
    "The newest result of each pact of this version.",
    "consumer-version-verification-results",
)
A_RESULT: Description = {"answers": "VerificationResult", "types": (HAL, EXTENDED)}


@api.post(
    "verification-results",
    "verification-results-with-metadata",
    answers="VerificationResult",
    statuses=(201,),
    also=((202, "WaitingForParts"),),
    takes="NewVerificationResult",
    needs=Needs(Action.VERIFY, "provider"),
)
def publish(provider: str, consumer: str, sha: str, metadata: str = "") -> Response:
    """Store a result; a part of one is accepted (202) until the others have arrived."""
    result = _result(provider, consumer, sha, metadata)
    make = links()
    with transaction((consumer, provider)) as storage:
        recorded = results.record_result(storage, result, now(), told_at())
    stored = recorded()
    if isinstance(stored, Waiting):
        waiting = jsonify({"tally:parts": {"received": stored.received, "count": stored.count}})
        waiting.status_code = 202
        return waiting
    return created(represent(stored, make), make.href("verification-result", **_place(stored)))


@api.get("latest-verification-result", **A_RESULT)
def latest(provider: str, consumer: str, sha: str) -> Hal | Response:
    """Show the newest result of a content."""
    return show_latest(results.find_content, consumer, provider, sha)


@api.get("verification-result", "verification-result-with-metadata", **A_RESULT)
def show(provider: str, consumer: str, sha: str, number: str, metadata: str = "") -> Hal | Response:  # noqa: ARG001 - the metadata changes nothing here
    """Show one result."""
    wanted = result_number(number)
    with reading() as storage:
        content = results.find_content(storage, consumer, provider, sha)
        found = results.find_result(storage, content, wanted)
        its_tags = tags.of_version(storage, *_version(found)) if extended.is_wanted() else None
    return _shown(found, its_tags)


@api.get("consumer-version-verification-results", answers="VerificationResults")
def of_consumer_version(consumer: str, version: str) -> Hal:
    """Show the newest result of each pact of a consumer version."""
    with reading() as storage:
        found, unknown = results.latest_of_consumer_version(storage, consumer, version)
    make = links()
    failed = [result.provider for result in found if not result.success]
    return {
        "success": not failed and not unknown,
        "providerSummary": {
            "successful": [result.provider for result in found if result.success],
            "failed": failed,
            "unknown": unknown,
        },
        "_embedded": {"verificationResults": [represent(result, make) for result in found]},
        "_links": {
            "self": make.to(
                "consumer-version-verification-results",
                f"Latest results for {consumer} {version}",
                consumer=consumer,
                version=version,
            )
        },
    }


def _result(provider: str, consumer: str, sha: str, segment: str) -> NewVerification:
    fields = Fields(parsing.json_object())
    success = fields.boolean("success", required=True)
    version = fields.text("providerApplicationVersion", limit=limits.REFERENCE, required=True)
    build_url = fields.url("buildUrl")
    shard = _shard(fields)
    fields.done()
    return NewVerification(
        consumer=consumer,
        provider=provider,
        sha=sha,
        provider_version=version or "",
        success=bool(success),
        build_url=build_url,
        test_results=fields.json("testResults"),
        verified_by=fields.json("verifiedBy"),
        metadata=decode(segment),
        shard=shard,
    )


def _shard(fields: Fields) -> Shard | None:
    given = fields.nested("shard")
    if given is None:
        return None
    run = given.text("run", limit=limits.NAME, required=True)
    number, count = given.whole("index", at_least=1), given.whole("count", at_least=1)
    if number is not None and count is not None and number > count:
        given.refuse("index", f"must not be greater than count ({count})")
    return Shard(run or "", number or 1, count or 1)


def show_latest(find_content: Callable[..., PactContent], *names: str | None) -> Hal | Response:
    """Show the newest result of the content that *find_content*, a service, finds by names."""
    with reading() as storage:
        found = results.latest(storage, find_content(storage, *names))
        its_tags = tags.of_version(storage, *_version(found)) if extended.is_wanted() else None
    return _shown(found, its_tags)


def _shown(result: Verification, found: Iterable[LatestTag] | None) -> Hal | Response:
    """Return the document; the extended one with the tags of the provider's version, unless None."""
    make = links()
    document = represent(result, make)
    if found is None:
        return document
    version = {"pacticipant": result.provider, "version": result.provider_version}
    return extended.answer(document, [extended.tag(tag, make, **version) for tag in found])


def represent(result: Verification, links: Links) -> Hal:
    """Return the HAL document of a result (reference §7.2)."""
    return resource(
        {
            "providerName": result.provider,
            "providerApplicationVersion": result.provider_version,
            "success": result.success,
            "verificationDate": timestamp(result.created_at),
            "buildUrl": result.build_url,
            "testResults": orjson.Fragment(result.test_results) if result.test_results else None,
            "verifiedBy": _verified_by(result.verified_by),
        },
        links=_links(result, links),
    )


def _links(result: Verification, links: Links) -> Hal:
    """Return the links; without a link to the pact when its last version was deleted."""
    place = _place(result)
    pact = f"Pact between {result.consumer} ({result.consumer_version or 'deleted'}) and {result.provider}"
    name = f"Verification result {result.number} for {pact}"
    found = {
        "self": links.to("verification-result", "Verification result", name, **place),
        "pb:triggered-webhooks": links.to(
            "result-triggered-webhooks", "Webhooks that this result triggered", **place
        ),
        "tally:failures": links.to("result-failures", "What failed, since when, and what changed", **place),
    }
    if result.consumer_version is not None:
        found["pb:pact-version"] = links.to(
            "pact-version-with-metadata",
            "Pact",
            pact,
            provider=result.provider,
            consumer=result.consumer,
            sha=result.sha,
            metadata=encode(Metadata((result.consumer_version,))),
        )
    return found


def _version(result: Verification) -> tuple[str, str]:
    return result.provider, result.provider_version


def _place(result: Verification) -> dict[str, str]:
    return {
        "provider": result.provider,
        "consumer": result.consumer,
        "sha": result.sha,
        "number": str(result.number),
    }


def _verified_by(stored: bytes | None) -> Hal:
    """Return `verifiedBy` with the keys of the output; those of the input differ (reference §7.2)."""
    said = parse_exactly(stored) if stored else {}
    if not isinstance(said, dict):
        return {}
    language = said.get("clientLanguage")
    client = language if isinstance(language, dict) else {}
    named = {
        "implementation": said.get("implementation"),
        "version": said.get("version"),
        "client_implementation": client.get("name"),
        "client_test_framework": client.get("testFramework"),
        "client_version": client.get("version"),
    }
    return {key: value for key, value in named.items() if value is not None}
