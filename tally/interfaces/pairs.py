"""Two interfaces that depend on each other: what one calls, the other offers."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from tally.interfaces.contracts import InterfaceContract, as_contract
from tally.interfaces.judging import judged
from tally.interfaces.reports import InterfaceFinding, InterfaceReport, Severity
from tally.interfaces.signatures import results_of
from tally.interfaces.verification import asserted
from tally.json_schema.schema import Schema
from tally.service_contract.model import Dependency, MessageOperation, Operation, ServiceContract
from tally.service_contract.version_ranges import parse_range


def verify_pair(one: Any, other: Any) -> InterfaceReport:
    """Check that each of two contracts, or interfaces, offers what the other declares that it calls.

    Where the caller declares an interface of what it calls, the arguments that it gives must be accepted, and
    what is returned must be what it expects. A pair that declares no dependency is an error: nothing would
    have been checked.
    """
    first, second = as_contract(one), as_contract(other)
    findings: list[InterfaceFinding] = []
    checked: list[str] = []
    for caller, offerer in ((first, second), (second, first)):
        for dependency in caller.dependencies:
            if dependency.service == offerer.service:
                pair = _Pair(caller, offerer, dependency)
                findings += pair.findings()
                checked += pair.checked
    names = f"{first.service or 'the first'} and {second.service or 'the second'}"
    if not checked and not findings:
        said = sorted({each.service for contract in (first, second) for each in contract.dependencies})
        known = f"; declared are dependencies on {', '.join(said)}" if said else ""
        text = f"neither of {names} declares that it calls the other, so nothing was checked{known}"
        findings.append(InterfaceFinding("nothing-declared", "", text))
    return InterfaceReport(names, tuple(findings), tuple(checked))


def assert_pair(one: Any, other: Any) -> InterfaceReport:
    """Raise AssertionError with all findings unless each offers what the other calls: for tests."""
    return asserted(verify_pair(one, other))


class _Pair:
    """One dependency: what *caller* needs of *offerer*."""

    def __init__(self, caller: ServiceContract, offerer: ServiceContract, dependency: Dependency) -> None:
        self._caller = caller.service or "the caller"
        self._offerer = offerer
        self._dependency = dependency
        self._severity = Severity.ERROR if dependency.required else Severity.WARNING
        needs = caller.needs if isinstance(caller, InterfaceContract) else {}
        self._view = needs.get(dependency.service)
        self.checked: list[str] = []

    def findings(self) -> Iterator[InterfaceFinding]:
        if not (self._dependency.operations or self._dependency.channels):
            yield InterfaceFinding(
                "nothing-named",
                "",
                f"{self._caller} declares that it calls {self._offerer.service}, but not which operations",
                Severity.WARNING,
            )
        yield from self._version_findings()
        for name in self._dependency.operations:
            yield from self._operation_findings(name)
        channels = {each.channel for each in self._offerer.message_operations}
        for channel in self._dependency.channels:
            self.checked.append(channel)
            if channel not in channels:
                yield self._missing(channel, "has no channel", sorted(channels))

    def _version_findings(self) -> Iterator[InterfaceFinding]:
        wanted, version = self._dependency.versions, self._offerer.version
        if wanted is None:
            return
        answer = None if version is None else parse_range(wanted).accepts(version)
        needs = f"{self._caller} calls {self._offerer.service} {wanted}"
        if answer is None:
            text = f"{needs}, but its contract names no version that can be compared ({version})"
            yield InterfaceFinding("version-unknown", "", text, Severity.WARNING)
        elif not answer:
            yield InterfaceFinding("version", "", f"{needs}, but this is version {version}", self._severity)

    def _operation_findings(self, name: str) -> Iterator[InterfaceFinding]:
        self.checked.append(name)
        known = {each.id: each for each in self._offerer.operations}
        known = {each.title: each for each in self._offerer.operations} | known
        offered = known.get(name)
        if offered is None:
            yield self._missing(name, "offers no", [each.id for each in self._offerer.operations])
            return
        needed = self._needed(name)
        if isinstance(offered, MessageOperation) and isinstance(needed, MessageOperation):
            yield from self._schema_findings(needed, offered)
            yield from self._error_findings(needed, offered)

    def _needed(self, name: str) -> Operation | None:
        """Return what the caller says of an operation that it calls, if it says anything."""
        operations = () if self._view is None else self._view.operations
        return next((each for each in operations if each.id == name), None)

    def _schema_findings(
        self, needed: MessageOperation, offered: MessageOperation
    ) -> Iterator[InterfaceFinding]:
        service, name = self._offerer.service, offered.id
        yield from self._judged(
            "argument-refused",
            name,
            (offered.messages[0].payload, needed.messages[0].payload),
            f"{self._caller} may call {name} with what {service} does not take",
        )
        wanted = results_of(needed)[0].payload
        for message in results_of(offered):
            yield from self._judged(
                "result-unexpected",
                name,
                (wanted, message.payload),
                f"{service} may return from {name} what {self._caller} does not expect",
            )

    def _error_findings(
        self, needed: MessageOperation, offered: MessageOperation
    ) -> Iterator[InterfaceFinding]:
        known, declared = ({each.name for each in operation.errors} for operation in (needed, offered))
        service, name = self._offerer.service, offered.id
        for error in sorted(declared - known):
            text = f"{name} of {service} may raise {error}, which {self._caller} does not know"
            yield InterfaceFinding("error-unknown", name, text, Severity.WARNING)
        for error in sorted(known - declared):
            text = f"{self._caller} waits for {error} of {name}, which {service} does not declare"
            yield InterfaceFinding("error-never", name, text, Severity.WARNING)

    def _judged(
        self, code: str, operation: str, schemas: tuple[Schema, Schema], text: str
    ) -> Iterator[InterfaceFinding]:
        yield from judged(*schemas, InterfaceFinding(code, operation, text, self._severity))

    def _missing(self, name: str, what: str, known: list[str]) -> InterfaceFinding:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        text = f"{self._caller} calls {name}, but {self._offerer.service} {what} {name}{hint}"
        return InterfaceFinding("operation-missing", name, text, self._severity)
