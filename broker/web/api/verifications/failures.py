"""What failed in a result, since when, and which change brought it."""

from broker.domain.overview.failure_origin import Origin
from broker.domain.overview.interaction_history import ResultOfPair
from broker.domain.pacts.pact import PublishedPact
from broker.domain.pagination import Page
from broker.domain.verifications.failing_since import Since
from broker.domain.verifications.interaction_outcomes import Problem
from broker.services.pacts import pacts
from broker.services.verifications import failed_interactions
from broker.services.verifications.failed_interactions import FailedInteractionWithOrigin, ResultFailures
from broker.web import pagination
from broker.web.context import links, reading
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links, timestamp
from broker.web.paths import result_number
from broker.web.resource import ApiResource

api = ApiResource("result_failures", __name__)
api.relation(
    "tally:failures",
    "What failed in this result: each interaction with what was expected and what came, since when it fails, "
    "and whether the pact or the provider changed before that.",
    "result-failures",
)
_FIRST = Page(1, pagination.DEFAULT_SIZE)


@api.get("result-failures", answers="Failures", query=PAGE)
def show(provider: str, consumer: str, sha: str, number: str) -> Hal:
    """Show what failed in a result, and which change brought it."""
    wanted, page = result_number(number), pagination.page(_FIRST)
    with reading() as storage:
        pact = pacts.with_content(storage, provider, consumer, sha)
        found = failed_interactions.of_result(storage, pact, wanted, page)
    return represent(found, links())


def represent(found: ResultFailures, links: Links) -> Hal:
    """Return the HAL document; one interaction after the other, in the order of the pact."""
    pact, result, failure = found.pact, found.result, found.result.failure
    place = {
        "provider": pact.provider,
        "consumer": pact.consumer,
        "sha": pact.sha,
        "number": str(result.number),
    }
    url = links.href("result-failures", **place)
    document: Hal = {
        "success": result.success,
        "consumer": {"name": pact.consumer, "version": pact.version},
        "provider": {"name": pact.provider, "version": result.version, "branch": result.branch},
        "verifiedAt": timestamp(result.at),
        "buildUrl": result.build_url,
        "failed": failure.failed if failure else 0,
        "problem": failure and _problem(failure.problem),
        "failingSince": failure and _since(failure.since),
        "origin": found.origin and _origin(found.origin, pact, links),
        "_embedded": {"failures": [_failure(item, pact, links) for item in found.part.items]},
        "_links": {
            "self": {"href": url, "title": "What failed"},
            "pb:verification-result": links.to("verification-result", "Verification result", **place),
            "curies": links.curies("failures"),
        },
    }
    return pagination.paged(document, found.part, url)


def _failure(item: FailedInteractionWithOrigin, pact: PublishedPact, links: Links) -> Hal:
    judged = item.judged
    return {
        "id": judged.read.id,
        "description": judged.read.interaction.description,
        "request": judged.read.request,
        "problems": [_problem(problem) for problem in judged.outcome.problems],
        "failingSince": judged.since and _since(judged.since),
        "origin": _origin(item.origin, pact, links),
    }


def _problem(problem: Problem) -> Hal:
    return {
        "place": problem.place or f"{problem.attribute} {problem.path}".strip(),
        "text": problem.text,
        "expected": problem.expected,
        "actual": problem.was,
    }


def _since(since: Since) -> Hal:
    return {"version": since.version, "at": timestamp(since.at), "versions": since.versions}


def _origin(origin: Origin, pact: PublishedPact, links: Links) -> Hal:
    first, passed = origin.first, origin.passed
    found: Hal = {
        "changed": origin.changed.value,
        "isNew": origin.is_new,
        "first": first and _result(first, pact, links),
        "passed": passed and _result(passed, pact, links),
    }
    if first and passed and first.sha != passed.sha:
        pair = {"provider": pact.provider, "consumer": pact.consumer}
        diff = links.to(
            "diff-of-contents", "What changed in the pact", **pair, sha=first.sha, other_sha=passed.sha
        )
        found["_links"] = {"pb:diff": diff}
    return found


def _result(result: ResultOfPair, pact: PublishedPact, links: Links) -> Hal:
    place = {"provider": pact.provider, "consumer": pact.consumer, "sha": result.sha}
    return {
        "consumerVersion": result.consumer_version,
        "providerVersion": result.version,
        "branch": result.branch,
        "at": timestamp(result.at),
        "_links": {
            "pb:verification-result": links.to("verification-result", **place, number=str(result.number)),
            "pb:pact-version": links.to("pact-version", "Pact content", result.sha, **place),
        },
    }
