"""What the writes of a transaction change in standings, noted until its end, when they are renewed."""

from collections.abc import Iterable


class StandingMarks:
    """Which integrations a transaction has to renew: some pairs, or all of some pacticipants.

    It locks these until its end. What changes which integrations there are, or which of them a mark means,
    is renewed *alone*: while no other transaction renews anything.
    """

    def __init__(self) -> None:
        self.consumers: set[int] = set()
        self.providers: set[int] = set()
        self.of_pacticipants: set[int] = set()
        self.of_names: set[str] = set()
        """Pacticipants by name."""
        self.joined: dict[str, set[str]] = {"pacticipants": set(), "branches": set()}
        """Pacticipants by name, and branches: the integrations count if one of these is the main branch."""
        self.everything = False
        """Whether all integrations are to be renewed."""
        self.alone = False
        self.results = False
        """Whether results were added or removed: the newest ones of the integrations are looked up."""

    def __bool__(self) -> bool:
        return bool(
            self.consumers
            or self.of_pacticipants
            or self.of_names
            or self.joined["pacticipants"]
            or self.everything
        )

    def all_of_them(self) -> None:
        """Note that anything may have changed."""
        self.everything = self.alone = self.results = True

    def published(self, consumer_id: int, provider_ids: Iterable[int], *, are_new: bool = False) -> None:
        """Note publications between these; *are_new* when some had no integration with each other."""
        self.consumers.add(consumer_id)
        self.providers.update(provider_ids)
        self.alone = self.alone or are_new

    def result_added(self, consumer_id: int, provider_id: int) -> None:
        """Note a result of a consumer and a provider."""
        self.published(consumer_id, [provider_id])
        self.results = True

    def pair_changed(self, consumer_id: int, provider_id: int) -> None:
        """Note that something else between the two was added or removed."""
        self.published(consumer_id, [provider_id])
        self.results = self.alone = True

    def compared(self, consumer_id: int, provider_id: int) -> None:
        """Note a comparison between the two."""
        self.published(consumer_id, [provider_id])

    def moved(self, name: str) -> None:
        """Note that other versions of a pacticipant count now."""
        self.of_names.add(name)

    def changed(self, name: str) -> None:
        """Note that a pacticipant has another main branch, other rules, or that its documents say more."""
        self.of_names.add(name)
        self.alone = True

    def branch_moved(self, name: str, branches: Iterable[str]) -> None:
        """Note that versions of a pacticipant joined or left branches, or tags of their names."""
        self.joined["pacticipants"].add(name)
        self.joined["branches"].update(branches)

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
