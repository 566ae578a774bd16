"""Compare two brokers: how much they have, and what they answer to "can I deploy?"."""

import time
from collections.abc import Iterable, Iterator

from tally.errors import BrokerRefusedError, UnauthorisedError
from tally.importing.brokers import BrokerReader, Document
from tally.importing.environments import environments
from tally.importing.pacts import pairs
from tally.importing.progress import Progress
from tally.values import dataclass

COUNTS = {
    "pacticipants": ("pacticipants", "count"),
    "versions": ("pacticipantVersions", "count"),
    "tags": ("tags", "count"),
    "contents of pacts": ("pactVersions", "count"),
    "results": ("verificationResults", "count"),
    "successful results": ("verificationResults", "successCount"),
    "deployments": ("deployedVersions", "count"),
    "currently deployed": ("deployedVersions", "currentlyDeployedCount"),
    "releases": ("releasedVersions", "count"),
    "currently supported": ("releasedVersions", "currentlySupportedCount"),
    "webhooks": ("webhooks", "count"),
}
"""What the metrics tell under which keys (reference §11.5)."""
_COUNTED_AT = "tally:countedAt"
SECONDS_TO_COUNT = 120.0
"""How long counts that are kept are waited for; those of a large broker are kept for a minute or two."""
_PAUSE = 0.2
IN_ENVIRONMENT = {"currently-deployed": "deployedVersions", "currently-supported": "releasedVersions"}
"""The routes to what is in an environment now, and what their lists are called."""
_OVERWRITTEN = frozenset({"contents of pacts", "results", "successful results"})
_VERDICTS = {True: "yes", False: "no", None: "unknown"}
_STRICTER = (
    "Tallystick waits for a result with every version in the environment; the Pact Broker is content with "
    "one (setting unverified_in_environment_is_unknown)"
)


@dataclass(frozen=True)
class Count:
    """How many there are in the source and the target; None when a broker does not tell."""

    what: str
    source: int | None
    target: int | None
    reason: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether nothing is known to be missing."""
        return None in {self.source, self.target} or self.source == self.target


@dataclass(frozen=True)
class DeploymentQuestion:
    """Whether a version can go to an environment."""

    pacticipant: str
    version: str
    environment: str


@dataclass(frozen=True)
class Answers:
    """What both brokers say: yes, no, unknown, or why they give no answer."""

    question: DeploymentQuestion
    source: str
    target: str
    reason: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.source == self.target


@dataclass(frozen=True)
class Comparison:
    """Everything that was compared; of the answers, how many there were and those that differ."""

    counts: tuple[Count, ...]
    asked: int
    differing: tuple[Answers, ...]

    @property
    def agrees(self) -> bool:
        """Whether both brokers have and say the same, as far as both tell."""
        return not self.differing and all(count.agrees for count in self.counts)


def compare(source: BrokerReader, target: BrokerReader, progress: Progress) -> Comparison:
    """Compare both brokers."""
    progress.part("Comparing")
    counts = tuple(_counts(source, target))
    asked, differing = 0, []
    for question in questions(source):
        progress.about(f"{question.pacticipant} {question.version} to {question.environment}")
        answers = _ask_both(source, target, question)
        asked += 1
        progress.advance()
        if not answers.agrees:
            differing.append(answers)
    return Comparison(counts, asked, tuple(differing))


def _counts(source: BrokerReader, target: BrokerReader) -> Iterator[Count]:
    theirs, ours = _metrics(source), _metrics(target)
    overwritten = _overwritten(theirs)
    for what, (part, key) in COUNTS.items():
        reason = None
        if overwritten and what in _OVERWRITTEN:
            reason = (
                f"{overwritten} pacts of the source were overwritten; what they said before is not copied"
            )
        yield _count(what, _number(theirs, part, key), _number(ours, part, key), reason)
        if what == "tags":
            yield _count("pacts", _current_pacts(theirs), _current_pacts(ours))
    names = [item["name"] for item in source.items("pacticipants", "pacticipants")]
    yield _count("branches", _branches(source, names), _branches(target, names))
    yield from _environment_counts(source, target)


def _count(what: str, theirs: int | None, ours: int | None, reason: str | None = None) -> Count:
    if theirs == ours or theirs is None or ours is None:
        return Count(what, theirs, ours)
    if ours > theirs:
        reason = f"the target has {ours - theirs} of its own, or the source lost them since the import"
    return Count(what, theirs, ours, reason)


def _metrics(broker: BrokerReader) -> Document:
    """Return the counts of now. A broker that counts for long keeps them for a while, and tells of when."""
    newest = _told_metrics(broker)
    counted_at = newest.get(_COUNTED_AT)
    until = time.monotonic() + SECONDS_TO_COUNT
    while counted_at is not None and newest.get(_COUNTED_AT) == counted_at:
        if time.monotonic() > until:
            return {}  # those may be of before the import
        time.sleep(_PAUSE)
        newest = _told_metrics(broker)
    return newest


def _told_metrics(broker: BrokerReader) -> Document:
    """Return the counts; a broker with too much data for its database's time-out tells none."""
    try:
        return broker.get("metrics").state
    except UnauthorisedError:
        raise
    except BrokerRefusedError:
        return {}


def _number(metrics: Document, part: str, key: str) -> int | None:
    value = (metrics.get(part) or {}).get(key)
    return value if isinstance(value, int) else None


def _current_pacts(metrics: Document) -> int | None:
    """Return how many consumer versions have a pact with how many providers; revisions do not count."""
    found = (metrics.get("pactRevisionsPerConsumerVersion") or {}).get("distribution")
    numbers = [number for number in (found or {}).values() if isinstance(number, int)]
    return None if found is None or len(numbers) < len(found) else sum(numbers)


def _overwritten(metrics: Document) -> int:
    current = _current_pacts(metrics)
    return 0 if current is None else (_number(metrics, "pactPublications", "count") or current) - current


def _branches(broker: BrokerReader, names: Iterable[str]) -> int:
    return sum(broker.total("branches", "branches", pacticipant=name) for name in names)


def _environment_counts(source: BrokerReader, target: BrokerReader) -> Iterator[Count]:
    theirs = environments(source)
    if theirs is None:
        yield Count("environments", None, None)
        return
    names = {item["name"] for item in theirs}
    ours = [item for item in environments(target) or () if item["name"] in names]
    yield Count("environments", len(theirs), len(ours))


def questions(source: BrokerReader) -> Iterator[DeploymentQuestion]:
    """Yield what is in each environment, and the newest versions of what has contracts with it.

    Of all the others, nothing could be wrong there: both brokers would say the same without looking.
    """
    partners = _partners(source)
    newest: dict[str, set[str]] = {}
    for environment in environments(source) or []:
        there = _versions_in(source, environment)
        concerned = there.keys() | {name for name, others in partners.items() if others & there.keys()}
        for name in sorted(concerned):
            if name not in newest:
                newest[name] = _newest(source, name)
            for version in sorted(there.get(name, set()) | newest[name]):
                yield DeploymentQuestion(name, version, environment["name"])


def _partners(source: BrokerReader) -> dict[str, set[str]]:
    """Return the applications that each application has contracts with."""
    found: dict[str, set[str]] = {}
    for pair in pairs(source):
        found.setdefault(pair.consumer, set()).add(pair.provider)
        found.setdefault(pair.provider, set()).add(pair.consumer)
    return found


def _versions_in(source: BrokerReader, environment: Document) -> dict[str, set[str]]:
    """Return the versions that are deployed there, or released and supported, by application."""
    there: dict[str, set[str]] = {}
    for route, relation in IN_ENVIRONMENT.items():
        found = source.find(route, environment=environment["uuid"])
        for item in found.embedded(relation) if found else ():
            embedded = item["_embedded"]
            there.setdefault(embedded["pacticipant"]["name"], set()).add(embedded["version"]["number"])
    return there


def _newest(source: BrokerReader, name: str) -> set[str]:
    """Return the head of the main branch; the latest version where there is none."""
    known = source.find("pacticipant", pacticipant=name)
    branch = known.state.get("mainBranch") if known else None
    found = source.find("branch-latest-version", pacticipant=name, branch=branch) if branch else None
    found = found or source.find("latest-version", pacticipant=name)
    return {found.state["number"]} if found else set()


def _ask_both(source: BrokerReader, target: BrokerReader, question: DeploymentQuestion) -> Answers:
    (theirs, there), (ours, here) = _ask(source, question), _ask(target, question)
    lets_pass = (theirs, ours) == ("yes", "unknown") and not there.get("unknown")
    is_stricter = lets_pass and bool(here.get("success")) and bool(here.get("unknown"))
    return Answers(question, theirs, ours, _STRICTER if is_stricter else None)


def _ask(broker: BrokerReader, question: DeploymentQuestion) -> tuple[str, Document]:
    """Return the verdict and its counts."""
    try:
        summary = summary_of(broker, question)
    except UnauthorisedError:
        raise
    except BrokerRefusedError as error:
        return f"no answer: {error}", {}
    return _VERDICTS.get(summary.get("deployable"), "unknown"), summary


def summary_of(broker: BrokerReader, question: DeploymentQuestion) -> Document:
    """Return the answer (reference §8.2: asked as its command line does). Raises BrokerError."""
    params = [
        ("q[][pacticipant]", question.pacticipant),
        ("q[][version]", question.version),
        ("environment", question.environment),
        ("latestby", "cvpv"),
    ]
    return broker.get("matrix", params).state.get("summary") or {}
