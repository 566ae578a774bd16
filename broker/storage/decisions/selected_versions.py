"""Which versions selectors mean, and who depends on whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import Connection, Executable

from broker.domain.decisions.can_i_deploy import Integration
from broker.domain.decisions.selectors import Choice, Selector, Target, VersionRef
from broker.storage.decisions.selected_versions_now import NOW, SelectionStatements


class SelectedVersions:
    """Find the versions that a question is about. *given* are parameters that every statement takes."""

    def __init__(
        self,
        connection: Connection,
        statements: SelectionStatements = NOW,
        given: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._given = given

    def find(self, selectors: Sequence[Selector]) -> list[Choice]:
        """Return the choice for each selector, in order. `known` is false for an unknown application."""
        by_number = [selector for selector in selectors if _kind(selector) == _NUMBER]
        numbers = {selector.version for selector in by_number if selector.version is not None}
        found: dict[Selector, Choice] = {}
        if by_number:
            names = {selector.pacticipant for selector in by_number}
            by_name = self._versions(self._statements.numbered, names, numbers=list(numbers))
            for selector in by_number:
                known = by_name.get(selector.pacticipant, Choice(selector, known=False))
                numbered = tuple(version for version in known.versions if version.number == selector.version)
                found[selector] = replace(known, selector=selector, versions=numbered)
        for kind, name in dict.fromkeys(map(_kind, selectors)):
            alike = [item for item in selectors if _kind(item) == (kind, name)]
            found.update(self._of_kind(kind, name, alike))
        return [found[selector] for selector in selectors]

    def infer(self, target: Target, names: Iterable[str]) -> list[Choice]:
        """Return the versions of these applications that the target selects."""
        selectors = [target.selector(name) for name in sorted(names)]
        if not selectors:
            return []
        kind, name = _kind(selectors[0])
        found = self._of_kind(kind, name, selectors)
        return [replace(found[selector], specified=False) for selector in selectors]

    def integrations(self, choices: Sequence[Choice]) -> list[Integration]:
        """Return the providers that these versions need, and the consumers that use them."""
        have_contracts = any(choice.has_contracts for choice in choices)
        found = self._connection.execute(
            self._statements.declared_integrations if have_contracts else self._statements.integrations,
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

    def _of_kind(self, kind: str, name: str | None, selectors: Sequence[Selector]) -> dict[Selector, Choice]:
        if kind not in self._statements.by_kind or not selectors:
            return {}
        names = {selector.pacticipant for selector in selectors}
        found = self._versions(
            self._statements.by_kind[kind], names, **({} if name is None else {"name": name})
        )
        return {
            selector: replace(found[selector.pacticipant], selector=selector)
            if selector.pacticipant in found
            else Choice(selector, known=False)
            for selector in selectors
        }

    def _versions(self, statement: Executable, names: Iterable[str], **values: object) -> dict[str, Choice]:
        found: dict[str, tuple[int, dict[int, VersionRef]]] = {}
        have_contracts = set()
        rows = self._connection.execute(statement, {**self._given, "pacticipants": list(names), **values})
        for row in rows.all():
            _, of_name = found.setdefault(row.pacticipant, (row.pacticipant_id, {}))
            if row.version_id is not None:
                of_name[row.version_id] = VersionRef(row.version_id, row.number, row.position)
            if row.with_contract is not None:
                have_contracts.add(row.pacticipant)
        return {
            name: Choice(
                Selector(name),
                tuple(of_name.values()),
                pacticipant_id=pacticipant_id,
                has_contracts=name in have_contracts,
            )
            for name, (pacticipant_id, of_name) in found.items()
        }


_NUMBER = ("number", None)
"""Of selectors with a version number, and of those that mean any version."""


def _kind(selector: Selector) -> tuple[str, str | None]:
    """Return the key of the statement that finds the versions, and the name that the statement needs."""
    if selector.tag is not None:
        return "latest-tag" if selector.latest else "tag", selector.tag
    if selector.branch is not None:
        return "head" if selector.latest else "branch", selector.branch
    if selector.environment is not None:
        return "environment", selector.environment
    if selector.main_branch:
        return "main-head" if selector.latest else "main-branch", None
    return ("latest", None) if selector.latest else _NUMBER
