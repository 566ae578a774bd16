"""Filters of lists of pacts (Pact Broker reference §4.9)."""

from tally.values import dataclass


@dataclass(frozen=True)
class PactFilter:
    """Pacts of consumer versions with a tag, on a branch, on their main branch, without tags, or all.

    At most one of these is given. *latest* keeps one pact of each consumer: that of the latest such version.
    """

    tag: str | None = None
    branch: str | None = None
    main_branch: bool = False
    untagged: bool = False
    latest: bool = False

    @property
    def kind(self) -> str:
        """Which of them is given."""
        if self.tag is not None:
            return "tag"
        if self.branch is not None:
            return "branch"
        return "main-branch" if self.main_branch else "untagged" if self.untagged else "all"

    @property
    def name(self) -> str | None:
        """The tag or the branch."""
        return self.tag if self.tag is not None else self.branch
