"""A broker in a few lines: what the storage has to find, without a database.

The cases run against this model and against the real broker. Where the two differ, one of them is wrong.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from support.factories import NOON

from broker.domain.decisions.can_i_deploy import Integration, Question, Situation, relevant
from broker.domain.decisions.matrix import Row, Verdict
from broker.domain.decisions.selectors import Choice, Selector, VersionRef

Key = tuple[str, str]
MAIN = "main"


@dataclass
class Model:
    """Everything that happened, by (application, version number)."""

    versions: dict[Key, VersionRef] = field(default_factory=dict)
    branches: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    tags: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    pacts: dict[tuple[Key, str], str] = field(default_factory=dict)
    results: dict[tuple[str, str, str, str], bool] = field(default_factory=dict)
    slots: dict[tuple[str, str, str], str] = field(default_factory=dict)
    releases: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))

    def version(self, name: str, number: str, *where: str) -> None:
        self.versions.setdefault(
            (name, number), VersionRef(len(self.versions) + 1, number, len(self.versions) + 1)
        )
        for kind, value in zip(where[::2], where[1::2], strict=True):
            kept = self.branches if kind == "on" else self.tags
            if number not in kept[name, value]:
                kept[name, value].append(number)

    def pact(self, name: str, number: str, _with: str, provider: str, *like: str) -> None:
        self.version(name, number)
        content = number if not like else self.pacts[(like[1], like[2]), provider]
        self.pacts[(name, number), provider] = content

    def verified(self, provider: str, number: str, consumer: str, version: str) -> None:
        self._result(provider, number, consumer, version, success=True)

    def failed(self, provider: str, number: str, consumer: str, version: str) -> None:
        self._result(provider, number, consumer, version, success=False)

    def deployed(self, name: str, number: str, environment: str, _as: str = "", instance: str = "") -> None:
        assert (name, number) in self.versions
        self.slots[name, environment, instance] = number

    def released(self, name: str, number: str, environment: str) -> None:
        assert (name, number) in self.versions
        self.releases[name, environment].append(number)

    def taken(self, name: str, environment: str) -> None:
        del self.slots[name, environment, ""]

    def situation(self, question: Question) -> Situation:
        """Return what the storage has to find for the question."""
        specified = [self._choice(selector) for selector in question.selectors]
        integrations = relevant(self._integrations(specified), question)
        named = {choice.selector.pacticipant for choice in specified}
        involved = sorted({name for pair in integrations for name in (pair.consumer, pair.provider)} - named)
        choices = list(specified)
        if question.target.is_given:
            choices += [self._choice(question.target.selector(name), specified=False) for name in involved]
        ignored = tuple(self._choice(selector) for selector in question.ignored)
        return Situation(tuple(choices), integrations, tuple(self._rows(choices)), ignored)

    def _result(self, provider: str, number: str, consumer: str, version: str, *, success: bool) -> None:
        self.version(provider, number)
        self.results[consumer, self.pacts[(consumer, version), provider], provider, number] = success

    def _choice(self, selector: Selector, *, specified: bool = True) -> Choice:
        name = selector.pacticipant
        numbers = [] if selector.is_open else self._numbers(selector)
        found = tuple(self.versions[name, number] for number in numbers if (name, number) in self.versions)
        providers = {provider for _, provider in self.pacts}
        known = name in providers or any(other == name for other, _ in self.versions)
        return Choice(selector, found, specified=specified, known=known)

    def _numbers(self, selector: Selector) -> list[str]:
        name = selector.pacticipant
        if selector.version:
            return [selector.version]
        if selector.environment:
            deployed = [
                number
                for (other, environment, _), number in self.slots.items()
                if (other, environment) == (name, selector.environment)
            ]
            return list(dict.fromkeys([*deployed, *self.releases[name, selector.environment]]))
        if selector.tag:
            numbers = sorted(self.tags[name, selector.tag], key=lambda n: self.versions[name, n].position)
        elif selector.branch or selector.main_branch:
            numbers = self.branches[name, selector.branch or MAIN]
        else:
            numbers = [number for other, number in self.versions if other == name]
        return numbers[-1:] if selector.latest else numbers

    def _integrations(self, choices: list[Choice]) -> list[Integration]:
        found = []
        for (consumer, number), provider in self.pacts:
            for choice in choices:
                if choice.covers(consumer, self.versions[consumer, number]):
                    found.append(Integration(consumer, provider))
                if choice.selector.pacticipant == provider:
                    found.append(Integration(consumer, provider, required=False))
        return found

    def _rows(self, choices: list[Choice]) -> list[Row]:
        if len(choices) == 1:
            return self._rows_of_one(choices[0])
        names = {choice.selector.pacticipant for choice in choices}
        specified = {choice.selector.pacticipant for choice in choices if choice.specified}
        rows = []
        for (consumer, number), provider in self.pacts:
            version = self.versions[consumer, number]
            chosen = any(choice.covers(consumer, version) for choice in choices)
            if not chosen or provider not in names or not specified & {consumer, provider}:
                continue
            results = [
                row
                for row in self._results((consumer, number), provider)
                if any(choice.covers(provider, row.provider_version) for choice in choices)
            ]
            rows += results or [self._row((consumer, number), provider, None, Verdict.UNKNOWN)]
        return rows

    def _rows_of_one(self, choice: Choice) -> list[Row]:
        rows = []
        for (consumer, number), provider in self.pacts:
            results = self._results((consumer, number), provider)
            if choice.covers(consumer, self.versions[consumer, number]):
                rows += results or [self._row((consumer, number), provider, None, Verdict.UNKNOWN)]
            else:
                rows += [row for row in results if choice.covers(provider, row.provider_version)]
        return rows

    def _results(self, consumer: Key, provider: str) -> list[Row]:
        content = (consumer[0], self.pacts[consumer, provider], provider)
        return [
            self._row(consumer, provider, key[3], Verdict(success))
            for key, success in self.results.items()
            if key[:3] == content
        ]

    def _row(self, consumer: Key, provider: str, number: str | None, verdict: Verdict) -> Row:
        return Row(
            consumer[0],
            self.versions[consumer],
            provider,
            self.versions[provider, number] if number else None,
            verdict,
            sha=self.pacts[consumer, provider],
            published_at=NOON,
        )
