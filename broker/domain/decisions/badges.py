"""What a badge says: texts and colours (Pact Broker reference §11.1)."""

from broker.domain.decisions.matrix import Verdict
from broker.domain.names import display_name
from broker.domain.overview.summaries import PactStatus
from tally.values import dataclass

GREEN, RED, ORANGE, GREY = "brightgreen", "red", "orange", "lightgrey"


@dataclass(frozen=True)
class Badge:
    """A text on the left, which says what the badge is about, and a coloured one on the right."""

    left: str
    right: str
    colour: str


@dataclass(frozen=True)
class Naming:
    """How a badge names a pact: *label* is "consumer" or "provider" to name only that one."""

    label: str | None = None
    initials: bool = False

    def of(self, consumer: str, provider: str) -> str:
        """Return the left side of the badge of a pact."""
        names = {"consumer": self._short(consumer), "provider": self._short(provider)}
        chosen = names.get((self.label or "").lower(), "/".join(names.values()))
        return f"{chosen} pact".lower()

    def _short(self, name: str) -> str:
        words = display_name(name).split()
        return "".join(word[0] for word in words) if self.initials and len(words) > 1 else name


_STATUSES = {
    PactStatus.VERIFIED: ("verified", GREEN),
    PactStatus.FAILED: ("failed", RED),
    PactStatus.PENDING: ("failed (pending)", RED),
    PactStatus.CHANGED: ("changed", ORANGE),
    PactStatus.NEVER: ("unknown", GREY),
}
_VERDICTS = {Verdict.SUCCESS: ("verified", GREEN), Verdict.FAILED: ("failed", RED)}
_MERGEABLE = {True: ("success", GREEN), False: ("failed", RED), None: ("unknown", GREY)}
PACT_NOT_FOUND = Badge("pact not found", "unknown", GREY)


def of_pact(title: str, status: PactStatus) -> Badge:
    """Return the badge of a pact."""
    return Badge(title, *_STATUSES[status])


def of_verdict(title: str, verdict: Verdict) -> Badge:
    """Return the badge of a pact between two given versions."""
    return Badge(title, *_VERDICTS.get(verdict, ("unknown", GREY)))


def can_i_deploy(label: str, target: str, *, deployable: bool | None) -> Badge:
    """Return the badge of a deployment to an environment or tag; without results, it is red."""
    return Badge(label, target, GREEN if deployable else RED)


def can_i_merge(*, deployable: bool | None) -> Badge:
    """Return the badge of a merge into the main branch."""
    return Badge("can-i-merge", *_MERGEABLE[deployable])


def not_found(what: str) -> Badge:
    """Return the badge that says what is missing."""
    return Badge(what, "not found", GREY)
