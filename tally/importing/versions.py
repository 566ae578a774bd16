"""Copy versions in their order, with build URLs, tags and branches (Pact Broker reference §4.3 to §4.5)."""

from collections.abc import Collection, Iterable
from dataclasses import field
from typing import Self

from tally.errors import BrokerRefusedError
from tally.importing.brokers import BrokerReader, Document, TargetBroker
from tally.importing.journal import Journal
from tally.importing.progress import Progress
from tally.values import dataclass


@dataclass(frozen=True)
class ImportedVersion:
    """A version as a broker tells it; *branches* says of each whether the version is its head."""

    number: str
    created_at: str
    build_url: str | None
    tags: tuple[str, ...]
    branches: dict[str, bool]

    @classmethod
    def of(cls, document: Document) -> Self:
        """Read the document of a version; brokers before 2.82 tell no branches."""
        embedded = document.get("_embedded") or {}
        branches = embedded.get("branches") or embedded.get("branchVersions") or ()
        return cls(
            document["number"],
            document["createdAt"],
            document.get("buildUrl") or None,
            tuple(tag["name"] for tag in embedded.get("tags") or ()),
            {branch["name"]: bool(branch.get("latest")) for branch in branches},
        )


@dataclass
class _Branches:
    """When each branch of the source was created, its head there, and what joined it last in the target."""

    created_at: dict[str, str]
    last: dict[str, str]
    heads: dict[str, ImportedVersion] = field(default_factory=dict)

    def joined_at(self, branch: str, version: ImportedVersion) -> str:
        """Return when the version joined: no broker lists it, but not before both existed.

        The first one created the branch.
        """
        created_at = self.created_at.get(branch, version.created_at)
        return max(created_at, version.created_at) if branch in self.last else created_at


class VersionCopier:
    """Copies the versions of one pacticipant after the other."""

    def __init__(
        self, source: BrokerReader, target: TargetBroker, journal: Journal, progress: Progress
    ) -> None:
        self._source = source
        self._target = target
        self._journal = journal
        self._progress = progress

    def copy(self, pacticipant: str) -> None:
        """Copy what the target lacks, oldest first, so that the latest stays the latest."""
        known = self._known(pacticipant)
        branches = _Branches(self._branch_dates(pacticipant), _heads(known.values()))
        created = 0
        for document in self._source.backwards("versions", "versions", pacticipant=pacticipant):
            version = ImportedVersion.of(document)
            present = known.pop(version.number, None)
            created += present is None
            try:
                self._copy(pacticipant, version, present, branches)
            except BrokerRefusedError as error:
                self._journal.refused(f"Version {version.number} of {pacticipant}", error)
            self._progress.advance()
        for branch, head in branches.heads.items():
            if branches.last.get(branch) != head.number:
                self._restore_head(pacticipant, branch, branches, own=known)
        if created and known:
            self._journal.problem(
                f"{pacticipant}: the target has {len(known)} versions that the source has not, such as "
                f"{next(iter(known))}; {created} were copied now, and come after them in the target's order"
            )

    def _known(self, pacticipant: str) -> dict[str, ImportedVersion]:
        documents = self._target.items("versions", "versions", pacticipant=pacticipant)
        return {version.number: version for version in map(ImportedVersion.of, documents)}

    def _branch_dates(self, pacticipant: str) -> dict[str, str]:
        branches = self._source.items("branches", "branches", pacticipant=pacticipant)
        return {branch["name"]: branch["createdAt"] for branch in branches}

    def _copy(
        self, pacticipant: str, version: ImportedVersion, present: ImportedVersion | None, branches: _Branches
    ) -> None:
        if present is None:
            self._create(pacticipant, version)
        else:
            self._journal.present["versions"] += 1
            self._complete(pacticipant, version, present)
        for branch, is_head in version.branches.items():
            if present is not None and branch in present.branches:
                self._journal.present["branch versions"] += 1
            else:
                self._join(pacticipant, branch, version, branches)
                self._journal.copied["branch versions"] += 1
            if is_head:
                branches.heads[branch] = version

    def _create(self, pacticipant: str, version: ImportedVersion) -> None:
        body: Document = {"tags": [{"name": tag} for tag in version.tags]} if version.tags else {}
        if version.build_url:
            body["buildUrl"] = version.build_url
        place = {"pacticipant": pacticipant, "version": version.number}
        self._target.put("version", body, version.created_at, **place)
        self._journal.copied["versions"] += 1
        self._journal.copied["tags"] += len(version.tags)

    def _complete(self, pacticipant: str, version: ImportedVersion, present: ImportedVersion) -> None:
        place = {"pacticipant": pacticipant, "version": version.number}
        for tag in version.tags:
            if tag in present.tags:
                self._journal.present["tags"] += 1
                continue
            found = self._source.find("tag", **place, tag=tag)
            date = found.state.get("createdAt") if found else None
            self._target.put("tag", {}, date or version.created_at, **place, tag=tag)
            self._journal.copied["tags"] += 1
        if version.build_url and present.build_url is None:
            address = self._target.url("version", **place)
            self._target.patch(address, {"buildUrl": version.build_url}, version.created_at)
            self._journal.copied["descriptions"] += 1
        elif version.build_url and version.build_url != present.build_url:
            self._journal.problem(
                f"Version {version.number} of {pacticipant}: its build URL is {version.build_url} in the "
                f"source, and stays {present.build_url} in the target"
            )

    def _join(self, pacticipant: str, branch: str, version: ImportedVersion, branches: _Branches) -> None:
        date = branches.joined_at(branch, version)
        place = {"pacticipant": pacticipant, "branch": branch, "version": version.number}
        self._target.put("branch-version", {}, date, **place)
        branches.last[branch] = version.number

    def _restore_head(
        self, pacticipant: str, branch: str, branches: _Branches, *, own: Collection[str]
    ) -> None:
        """Let the source's head join once more, after newer versions that were on the branch before it."""
        head, last = branches.heads[branch], branches.last.get(branch)
        if last in own:
            self._journal.problem(
                f"{pacticipant}: the head of the branch {branch} is {head.number} in the source, and stays "
                f"{last}, which only the target has"
            )
            return
        place = {"pacticipant": pacticipant, "branch": branch, "version": head.number}
        try:
            self._target.delete("branch-version", **place)
            self._join(pacticipant, branch, head, branches)
        except BrokerRefusedError as error:
            self._journal.refused(f"The head {head.number} of the branch {branch} of {pacticipant}", error)


def _heads(versions: Iterable[ImportedVersion]) -> dict[str, str]:
    return {
        branch: version.number
        for version in versions
        for branch, is_head in version.branches.items()
        if is_head
    }
