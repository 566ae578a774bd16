"""Which versions selectors mean, and who depends on whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Executable

from broker.domain.decisions.can_i_deploy import Integration
from broker.domain.decisions.selectors import Choice, Selector, Target, VersionRef
from broker.domain.model import Environment
from broker.storage.decisions.question_statements import (
    ANY,
    ENVIRONMENTS,
    FIELDS,
    NUMBER,
    Part,
    integrations_statement,
    question_statement,
    versions_of_kind,
    versions_of_numbers,
)
from broker.storage.decisions.selected_versions_now import NOW, Selection
from tally.values import dataclass


@dataclass(frozen=True)
class Subject:
    """What a question is about: its choices, who depends on whom, and what is at the destination.

    *there* has a choice for each application that the question does not name. The environments are all,
    sorted by display name regardless of case.
    """

    environments: Sequence[Environment]
    specified: Sequence[Choice]
    integrations: Sequence[Integration]
    there: Sequence[Choice]


class SelectedVersions:
    """Find the versions that a question is about. *given* are parameters that every statement takes."""

    def __init__(
        self,
        connection: Connection,
        selection: Selection = NOW,
        given: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self._connection = connection
        self._selection = selection
        self._given = given

    def subject(self, selectors: Sequence[Selector], target: Target) -> Subject:
        """Return what a question is about: with one statement, where the selectors are of one kind."""
        kinds = {_kind(selector) for selector in selectors}
        if len(kinds) > 1:
            return self._subject_of_several_kinds(selectors, target)
        ((kind, name),) = kinds
        target_kind, target_name = _kind(target.selector("")) if target.is_given else (None, None)
        rows = self._connection.execute(
            question_statement(self._selection, kind, target_kind),
            {
                **self._given,
                "pacticipants": list({selector.pacticipant for selector in selectors}),
                "name": name,
                "target": target_name,
            },
        ).all()
        of_part: dict[int, list[Any]] = {part: [] for part in Part}
        for row in rows:
            of_part[row[0]].append(row)
        specified = _chosen(selectors, _choices(map(_version, of_part[Part.VERSION])))
        has_documents = any(choice.has_contracts for choice in specified)
        integrations = [
            Integration(row.name, row.display_name, required=row.production, declared=row.protected)
            for row in of_part[Part.INTEGRATION]
            if has_documents or not row.protected
        ]
        there = _choices(map(_version, of_part[Part.THERE]))
        names = sorted(there.keys() & _involved(integrations))
        inferred = _inferred(_chosen([target.selector(name) for name in names], there))
        return Subject(_environments(of_part[Part.ENVIRONMENT]), specified, integrations, inferred)

    def find(self, selectors: Sequence[Selector]) -> list[Choice]:
        """Return the choice for each selector, in order. `known` is false for an unknown application."""
        found: dict[Selector, Choice] = {}
        by_number = [selector for selector in selectors if _kind(selector)[0] in {NUMBER, ANY}]
        if by_number:
            numbers = {selector.version for selector in by_number if selector.version is not None}
            by_name = self._versions(
                versions_of_numbers(self._selection), _names(by_number), numbers=list(numbers)
            )
            for choice in _chosen(by_number, by_name):
                with_number = tuple(
                    version for version in choice.versions if version.number == choice.selector.version
                )
                found[choice.selector] = replace(choice, versions=with_number)
        others = [selector for selector in selectors if selector not in found]
        for key in dict.fromkeys(map(_kind, others)):
            alike = [selector for selector in others if _kind(selector) == key]
            found |= {choice.selector: choice for choice in self._of_kind(*key, alike)}
        return [found[selector] for selector in selectors]

    def integrations(self, choices: Sequence[Choice]) -> list[Integration]:
        """Return the providers that these versions need, and the consumers that use them."""
        have_contracts = any(choice.has_contracts for choice in choices)
        found = self._connection.execute(
            integrations_statement(self._selection, declared=have_contracts),
            {
                **self._given,
                "version_ids": [version.id for choice in choices for version in choice.versions],
                "open_ids": [choice.pacticipant_id for choice in choices if choice.selector.is_open],
                "pacticipant_ids": [choice.pacticipant_id for choice in choices],
            },
        )
        return [
            Integration(row.consumer, row.provider, required=bool(row.required), declared=bool(row.declared))
            for row in found.all()
        ]

    def infer(self, target: Target, names: Iterable[str]) -> list[Choice]:
        """Return the versions of these applications that the target selects."""
        selectors = [target.selector(name) for name in sorted(names)]
        return _inferred(self._of_kind(*_kind(selectors[0]), selectors) if selectors else [])

    def _subject_of_several_kinds(self, selectors: Sequence[Selector], target: Target) -> Subject:
        environments = self._connection.execute(ENVIRONMENTS).all()
        specified = self.find(selectors)
        integrations = self.integrations(specified)
        others = _involved(integrations) - _names(selectors)
        there = self.infer(target, others) if target.is_given else []
        return Subject(_environments(environments), specified, integrations, there)

    def _of_kind(self, kind: str, name: str | None, selectors: Sequence[Selector]) -> list[Choice]:
        statement = versions_of_kind(self._selection, kind)
        return _chosen(selectors, self._versions(statement, _names(selectors), name=name))

    def _versions(self, statement: Executable, names: Iterable[str], **values: object) -> dict[str, Choice]:
        rows = self._connection.execute(statement, {**self._given, "pacticipants": list(names), **values})
        return _choices(rows.all())


_Version = tuple[str, int, int | None, str, int, Any]
"""An application and its id; a version, its number and position; and a document of it, if it has any."""


def _version(row: Any) -> _Version:
    return row.name, row.id, row.version_id, row.display_name, row.position, row.production or None


def _choices(rows: Iterable[_Version]) -> dict[str, Choice]:
    """Return the versions of each application, by its name; those without any have none."""
    found: dict[str, tuple[int, dict[int, VersionRef]]] = {}
    have_contracts = set()
    for name, pacticipant_id, version_id, number, position, with_contract in rows:
        _, of_name = found.setdefault(name, (pacticipant_id, {}))
        if version_id is not None:
            of_name[version_id] = VersionRef(version_id, number, position)
        if with_contract is not None:
            have_contracts.add(name)
    return {
        name: Choice(
            Selector(name),
            tuple(of_name.values()),
            pacticipant_id=pacticipant_id,
            has_contracts=name in have_contracts,
        )
        for name, (pacticipant_id, of_name) in found.items()
    }


def _chosen(selectors: Iterable[Selector], found: Mapping[str, Choice]) -> list[Choice]:
    return [
        replace(found[selector.pacticipant], selector=selector)
        if selector.pacticipant in found
        else Choice(selector, known=False)
        for selector in selectors
    ]


def _inferred(choices: Iterable[Choice]) -> list[Choice]:
    return [replace(choice, specified=False) for choice in choices]


def _environments(rows: Iterable[Any]) -> list[Environment]:
    return [Environment(*row[1 : FIELDS + 1]) for row in sorted(rows, key=lambda row: row.position)]


def _involved(integrations: Iterable[Integration]) -> set[str]:
    return {name for pair in integrations for name in (pair.consumer, pair.provider)}


def _names(selectors: Iterable[Selector]) -> set[str]:
    return {selector.pacticipant for selector in selectors}


def _kind(selector: Selector) -> tuple[str, str | None]:
    """Return the kind of a selector, and the name that its statement needs."""
    if selector.tag is not None:
        return "latest-tag" if selector.latest else "tag", selector.tag
    if selector.branch is not None:
        return "head" if selector.latest else "branch", selector.branch
    if selector.environment is not None:
        return "environment", selector.environment
    if selector.main_branch:
        return "main-head" if selector.latest else "main-branch", None
    if selector.latest:
        return "latest", None
    return (ANY, None) if selector.version is None else (NUMBER, selector.version)
