"""Does an object keep the contract of an interface: its signatures, and what comes of the examples."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from typing import Any

from tally.interfaces.contracts import InterfaceContract, as_contract
from tally.interfaces.json_values import NoJsonError, as_hinted, in_words, json_value
from tally.interfaces.methods import Method
from tally.interfaces.reports import InterfaceFinding, InterfaceReport, Severity
from tally.interfaces.signatures import Implementation, implementation_of, results_of, signature_findings
from tally.json_schema.validation import Validator
from tally.service_contract.model import Direction, MessageExample, MessageOperation

States = Mapping[str, Callable[..., Any]]


def verify_implementation(
    contract: Any, implementation: Any, *, states: States | None = None
) -> InterfaceReport:
    """Check that *implementation*, an object or a module, does what *contract* says; what it raises is told.

    *contract* is that of an interface, or the interface itself. Each example is called on the object, after
    what *states* has for its provider states; what it returns must satisfy the schema, and what it raises
    must be declared. An operation without an example is a warning: its signature alone was looked at.
    """
    known = as_contract(contract)
    methods = known.methods if isinstance(known, InterfaceContract) else {}
    checker = _Checker(implementation, methods, states or {})
    for operation in known.operations:
        checker.check(operation)
    if not checker.checked and not checker.findings:
        checker.findings.append(
            InterfaceFinding("nothing-to-check", "", "the contract has no operations, so nothing was checked")
        )
    return InterfaceReport(
        _shown(implementation), tuple(checker.findings), tuple(checker.checked), tuple(checker.called)
    )


class _Checker:
    def __init__(self, implementation: Any, methods: Mapping[str, Method], states: States) -> None:
        self._implementation = implementation
        self._methods = methods
        self._states = states
        self.findings: list[InterfaceFinding] = []
        self.checked: list[str] = []
        self.called: list[str] = []

    def check(self, operation: Any) -> None:
        if not isinstance(operation, MessageOperation) or operation.direction is Direction.SENT:
            self._add(
                "not-a-method", operation.id, f"{operation.title} is no call of a method: use `tally verify`"
            )
            return
        method = self._method(operation)
        if method is None:
            return
        self.checked.append(operation.id)
        found = implementation_of(operation, method, self._methods.get(operation.id))
        if found is None:
            self._warn(
                "signature-unknown", operation.id, f"nothing is known of the arguments of {operation.id}"
            )
            return
        before = len(self.findings)
        self.findings += signature_findings(found)
        if not any(each.code in _UNCALLABLE for each in self.findings[before:]):
            self._call(found)

    def _method(self, operation: MessageOperation) -> Callable[..., Any] | None:
        name = operation.id
        try:
            found = self._implementation if name == "__call__" else getattr(self._implementation, name, None)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a property raises
            self._add("not-callable", name, f"reading {name} raised {_error(error)}")
            return None
        if found is None:
            public = [each for each in dir(self._implementation) if not each.startswith("_")]
            near = get_close_matches(name, public, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            self._add("operation-missing", name, f"{_shown(self._implementation)} has no {name}{hint}")
            return None
        if not callable(found):
            self._add("not-callable", name, f"{name} is no method, but {type(found).__name__}")
            return None
        return self._of_class(name, found) if isinstance(self._implementation, type) else found

    def _of_class(self, name: str, found: Callable[..., Any]) -> Callable[..., Any] | None:
        if isinstance(inspect.getattr_static(self._implementation, name), staticmethod | classmethod):
            return found
        self._add(
            "not-an-object",
            name,
            f"{self._implementation.__name__} is a class: give an object of it, so that {name} can be called",
        )
        return None

    def _call(self, implementation: Implementation) -> None:
        operation = implementation.operation
        if not operation.examples:
            self._warn(
                "nothing-to-call",
                operation.id,
                f"{operation.id} has no example, so it was not called: what it returns is not known",
            )
        replies = [Validator(message.payload) for message in results_of(operation)]
        for example in operation.examples:
            problem = self._state_problem(example) or _problem(implementation, example, replies)
            self.called.append(f"{operation.id}: {example.name}")
            if problem:
                code, text = problem
                self._add(code, operation.id, f"{operation.id}, example {example.name!r}: {text}")

    def _state_problem(self, example: MessageExample) -> tuple[str, str] | None:
        for state in example.states:
            prepare = self._states.get(state.name)
            if prepare is None:
                return "state-unknown", (
                    f"it needs the state {state.name!r}, which nothing sets up: "
                    f"give states={{{state.name!r}: a function}}"
                )
            try:
                _finished(prepare(**state.params))
            except Exception as error:  # noqa: BLE001 - whatever the user's function raises
                return "state-failed", f"setting up the state {state.name!r} failed: {_error(error)}"
        return None

    def _add(self, code: str, operation: str, text: str) -> None:
        self.findings.append(InterfaceFinding(code, operation, text))

    def _warn(self, code: str, operation: str, text: str) -> None:
        self.findings.append(InterfaceFinding(code, operation, text, Severity.WARNING))


_UNCALLABLE = frozenset({"argument-missing", "argument-unknown"})


def _problem(
    implementation: Implementation, example: MessageExample, replies: list[Validator]
) -> tuple[str, str] | None:
    """Call the method with an example; return the code and the text of what is wrong, or None."""
    try:
        args, kwargs = _arguments(implementation, example.payload.value)
    except NoJsonError as error:
        return "argument-refused", f"its hints do not take the arguments: {error}"
    try:
        result = _finished(implementation.method(*args, **kwargs))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's method raises
        return _problem_of_error(implementation.operation, example, error)
    wanted = _error_of(implementation.operation, example)
    if wanted:
        return "error-missing", f"it returned {in_words(result)}, but {wanted} is expected"
    try:
        value = json_value(result)
    except NoJsonError as error:
        return "result-not-json", f"what it returned is no JSON: {error}"
    if any(reply.accepts(value) for reply in replies) or not replies:
        return None
    best = replies[0].best_problem(value)
    said = f"{best.pointer or '/'}: {best.message}" if best else "it does not satisfy the schema"
    return "result-invalid", f"it returned {_short(value)}, which is not what the contract says: {said}"


def _error_of(operation: MessageOperation, example: MessageExample) -> str | None:
    """Return the error condition that an example expects, if it expects one."""
    if example.reply is None:
        return None
    named = {message.name: message.error for message in operation.replies}
    return named.get(example.reply.message)


def _problem_of_error(
    operation: MessageOperation, example: MessageExample, error: BaseException
) -> tuple[str, str] | None:
    names = {each.__name__ for each in type(error).__mro__}
    expected = _error_of(operation, example)
    if expected in names:
        return None
    declared = {each.name for each in operation.errors}
    if not names & declared:
        known = f"declared are {', '.join(sorted(declared))}" if declared else "none is declared"
        return "error-undeclared", f"it raised {_error(error)}, which is not declared: {known}"
    wanted = expected or "a result"
    return "error-unexpected", f"it raised {_error(error)}, but {wanted} is expected"


def _arguments(implementation: Implementation, payload: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments as the method's hints want them, or else those of the interface."""
    args: dict[int, Any] = {}
    kwargs: dict[str, Any] = {}
    places = list(implementation.parameters)
    declared = implementation.declared_by
    own = {} if declared is None else {each.name: each.hint for each in declared.arguments}
    rest = next((each.hint for each in declared.arguments if each.is_rest), Any) if declared else Any
    for name, value in payload.items():
        known = name in implementation.arguments
        parameter = implementation.parameter_for(name) if known else None
        hint = implementation.hints.get(parameter.name if parameter else name, own.get(name, rest))
        try:
            built = as_hinted(hint, value)
        except NoJsonError as error:
            raise NoJsonError(f"{name}: {error}") from error
        if parameter is not None and parameter.kind is parameter.POSITIONAL_ONLY:
            args[places.index(parameter.name)] = built
        elif parameter is not None and parameter.kind is not parameter.VAR_KEYWORD:
            kwargs[parameter.name] = built
        else:
            kwargs[name] = built
    return [args[index] for index in sorted(args)], kwargs


def _finished(result: Any) -> Any:
    """Return what an awaitable gives; in a thread of its own where a loop runs already, as in async tests."""
    if not inspect.isawaitable(result):
        return result

    async def awaited() -> Any:
        return await result

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(awaited())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, awaited()).result()


def _shown(implementation: Any) -> str:
    return str(getattr(implementation, "__name__", type(implementation).__name__))


def _error(error: BaseException) -> str:
    text = in_words(error, str)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_LONGEST = 200


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def assert_implements(contract: Any, implementation: Any, *, states: States | None = None) -> InterfaceReport:
    """Raise AssertionError with all findings unless *implementation* keeps the contract: for tests.

    Operations without an example are told as warnings of Python, which pytest shows.
    """
    return asserted(verify_implementation(contract, implementation, states=states))


def asserted(report: InterfaceReport) -> InterfaceReport:
    """Raise AssertionError when a report has not passed; pass its warnings on."""
    import warnings  # noqa: PLC0415 - only for tests

    if not report.passed:
        raise AssertionError(str(report))
    for warning in report.warnings:
        warnings.warn(f"{report.subject}: {warning.text}", stacklevel=3)
    return report
