"""What the writes of a transaction change in standings, noted until its end, when they are renewed."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from broker.domain.model import Pacticipant


class AddedResult(NamedTuple):
    """A result that a transaction has added, by the ids of what it is about."""

    consumer_id: int
    provider_id: int
    pact_version_id: int
    provider_version_id: int
    success: bool


class AddedPublication(NamedTuple):
    """A publication that a transaction has added; *main_branch* is that of the consumer."""

    consumer_id: int
    consumer: str
    main_branch: str | None
    version_id: int
    provider_id: int


class StandingMarks:
    """Which integrations a transaction has to renew: some pairs, or all of some pacticipants.

    It locks these until its end. What changes which integrations there are, or which of them a mark means,
    is renewed *alone*: while no other transaction renews anything.
    """

    def __init__(self) -> None:
        self.pairs: set[tuple[int, int]] = set()
        """Consumers and providers, by their ids, with other changes than the next two."""
        self.added_results: list[AddedResult] = []
        self.publications: set[AddedPublication] = set()
        self.of_pacticipants: set[int] = set()
        self.of_names: set[str] = set()
        """Pacticipants by name."""
        self.branches: set[tuple[str, str]] = set()
        """Pacticipants by name, with branches: their integrations count if that is the main branch."""
        self.joined: set[tuple[str, str, int]] = set()
        """Pacticipants by name, branches, and ids of versions: see `version_joined`."""
        self.everything = False
        """Whether all integrations are to be renewed."""
        self.alone = False
        self.results = False
        """Whether results were added or removed: the newest ones of the integrations are looked up."""

    @property
    def only_success(self) -> AddedResult | None:
        """The result that was added, if it is a success and all that is noted."""
        if self.alone or self.pairs or self.publications or any(self._named().values()):
            return None
        successes = [each for each in self.added_results if each.success]
        return successes[0] if len(successes) == len(self.added_results) == 1 else None

    @property
    def beside_main(self) -> set[AddedPublication]:
        """The publications, if they are of one version that is on no main branch, and all that is noted."""
        others = self.added_results, self.pairs, self.of_pacticipants, self.of_names
        versions = {(each.consumer_id, each.version_id) for each in self.publications}
        if self.alone or any(others) or len(versions) != 1:
            return set()
        one = next(iter(self.publications))
        joined = self.branches | {(name, branch) for name, branch, _ in self.joined}
        is_beside = all(name == one.consumer and branch != one.main_branch for name, branch in joined)
        return self.publications if is_beside and one.main_branch is not None else set()

    def __bool__(self) -> bool:
        return self.everything or bool(self.values())

    def values(self) -> dict[str, Any]:
        """Return what is marked, by the names of parameters; without any, it is everything.

        These are lists, and the two ids of a pair that is the only one. None is empty.
        """
        if self.everything:
            return {}
        values: dict[str, Any] = {name: list(marked) for name, marked in self._named().items() if marked}
        pairs = self.pairs | {(each.consumer_id, each.provider_id) for each in self.added_results}
        pairs |= {(each.consumer_id, each.provider_id) for each in self.publications}
        if len(pairs) == 1:
            ((values["consumer"], values["provider"]),) = pairs
        elif pairs:
            consumers, providers = zip(*pairs, strict=True)
            values |= {"consumers": list(set(consumers)), "providers": list(set(providers))}
        return values

    def _named(self) -> dict[str, set[Any]]:
        return {
            "of_pacticipants": self.of_pacticipants,
            "of_names": self.of_names,
            "with_branches": {name for name, _ in self.branches},
            "branches": {branch for _, branch in self.branches},
            "joined_names": {name for name, *_ in self.joined},
            "joined_branches": {branch for _, branch, _ in self.joined},
            "joined_versions": {version_id for *_, version_id in self.joined},
        }

    def all_of_them(self) -> None:
        """Note that anything may have changed."""
        self.everything = self.alone = self.results = True

    def published(
        self, consumer: Pacticipant, version_id: int, provider_ids: Iterable[int], *, are_new: bool
    ) -> None:
        """Note publications of a version; *are_new* when some had no integration with each other."""
        self.publications.update(
            AddedPublication(consumer.id, consumer.name, consumer.main_branch, version_id, provider_id)
            for provider_id in provider_ids
        )
        self.alone = self.alone or are_new

    def result_added(self, added: AddedResult) -> None:
        """Note a result of a consumer and a provider."""
        self.added_results.append(added)
        self.results = True

    def pair_changed(self, consumer_id: int, provider_id: int) -> None:
        """Note that something else between the two was added or removed."""
        self.pairs.add((consumer_id, provider_id))
        self.results = self.alone = True

    def compared(self, consumer_id: int, provider_id: int) -> None:
        """Note a comparison between the two."""
        self.pairs.add((consumer_id, provider_id))

    def moved(self, name: str) -> None:
        """Note that other versions of a pacticipant count now."""
        self.of_names.add(name)

    def changed(self, name: str) -> None:
        """Note that a pacticipant has another main branch, other rules, or that its documents say more."""
        self.of_names.add(name)
        self.alone = True

    def branch_moved(self, name: str, branches: Iterable[str]) -> None:
        """Note that versions of a pacticipant left branches, or tags of their names; or that these began."""
        self.branches.update((name, branch) for branch in branches)

    def version_joined(self, name: str, version_id: int, branches: Iterable[str]) -> None:
        """Note that a version joined branches that had versions already, or got tags of their names.

        It is the head for all consumers of the pacticipant. For its providers, only the pacts of this version
        count where they did not: nobody can add one meanwhile, as the version is locked.
        """
        self.joined.update((name, branch, version_id) for branch in branches)

    def removed(self, names: Iterable[str]) -> None:
        """Note that versions of these, pacts or results with them were removed."""
        self.of_names.update(names)
        self.results = self.alone = True

    def removed_by_id(self, pacticipant_ids: Iterable[int]) -> None:
        """Note the same, by the ids of the pacticipants."""
        self.of_pacticipants.update(pacticipant_ids)
        self.results = self.alone = True

    def moved_by_id(self, pacticipant_ids: Iterable[int]) -> None:
        """Note the same as `moved`, by the ids of the pacticipants."""
        self.of_pacticipants.update(pacticipant_ids)
