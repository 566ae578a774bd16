"""The pytest plugin: each interaction of a contract is a test of its own.

Either on the command line, without a line of code:

    pytest --provider-url http://localhost:8080 --pact pacts/

or in a test module, with a `Verifier` for states, messages and applications in this process:

    @pytest.mark.verifies(Verifier(provider=app).add_pact("pacts/").state("an order exists", create_order))
    def test_contract(pact_interaction):
        pact_interaction.verify()

A suite that uses neither pays for this file alone.
"""

import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tally.values import dataclass

if TYPE_CHECKING:
    from verifier.contracts.cases import AnyCase
    from verifier.contracts.contract import Contract
    from verifier.results.result import CaseResult
    from verifier.runs.session import Session
    from verifier.verifier import Verifier

_WORKER_KEY = "tallystick_turns"
_sessions = pytest.StashKey[dict[Any, "Session"]]()
_turns = pytest.StashKey[Path]()
"""Where the workers of pytest-xdist take turns."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say which contracts are verified, and against what."""
    group = parser.getgroup("tallystick-verifier", "provider contracts")
    group.addoption(
        "--pact",
        action="append",
        default=[],
        metavar="PATH",
        help="Verify this pact file or folder of them: each interaction is a test. Without further "
        "arguments, nothing else is run.",
    )
    group.addoption("--provider-url", metavar="URL", help="Where the provider of --pact runs.")
    group.addoption(
        "--provider-app", metavar="MODULE:NAME", help="Its WSGI or ASGI application, called in this process."
    )
    group.addoption(
        "--provider-state-url", metavar="URL", help="Receives POST {action, state, params} before each test."
    )
    group.addoption(
        "--provider-message-url",
        metavar="URL",
        help="Receives POST {description, providerStates}, and returns the message of that description.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and add the pact files of --pact to what pytest collects."""
    config.addinivalue_line(
        "markers",
        "verifies(verifier): run the test for each interaction of its contracts, as pact_interaction",
    )
    config.stash[_sessions] = {}
    shared = getattr(config, "workerinput", {}).get(_WORKER_KEY)
    config.stash[_turns] = Path(shared or f"{tempfile.gettempdir()}/tallystick-turns-{uuid.uuid4().hex}")
    paths = _pact_paths(config)
    if not paths:
        return
    if bool(config.getoption("provider_url")) == bool(config.getoption("provider_app")):
        raise pytest.UsageError(
            "--pact needs one of --provider-url URL and --provider-app module:application."
        )
    # Paths from `testpaths` were not given by the user, who would be surprised to run all tests as well.
    given = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*(arg for arg in given if Path(arg) not in paths), *map(str, paths)]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist take turns at one provider."""
    directory = node.config.stash[_turns]
    directory.mkdir(exist_ok=True)
    node.workerinput[_WORKER_KEY] = str(directory)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the interactions of --pact on one worker of pytest-xdist, in their order, as without workers.

    An interaction may need what one before it has left. Other tests are distributed one by one.
    """
    if not config.getoption("pact") or config.getoption("dist") not in {"load", "worksteal"}:
        return None
    from xdist.scheduler import (  # type: ignore[import-untyped]  # noqa: PLC0415 - what calls this hook
        LoadScopeScheduling,
    )

    class PactScheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "pacts" if file.endswith(".json") else nodeid

    return PactScheduling(config, log)


def _pact_paths(config: pytest.Config) -> list[Path]:
    """Return the pact files of --pact; raises UsageError for a path without any."""
    found: list[Path] = []
    for name in config.getoption("pact"):
        path = config.invocation_params.dir / name
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files or not path.exists():
            raise pytest.UsageError(f"--pact {name}: there is no pact (*.json).")
        found += files
    return found


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the files of --pact, and no other JSON file."""
    if file_path.suffix == ".json" and file_path in _pact_paths(parent.config):
        return PactTestFile.from_parent(parent, path=file_path)
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test that uses `pact_interaction` with every interaction."""
    if "pact_interaction" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("verifies")
    if marker is None or len(marker.args) != 1:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: pact_interaction needs @pytest.mark.verifies(Verifier(…))."
        )
    interactions = _interactions(_session_of(metafunc.config, marker.args[0]))
    metafunc.parametrize("pact_interaction", interactions, ids=[each.name for each in interactions])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the sessions with their providers."""
    for session in config.stash.get(_sessions, {}).values():
        session.close()
    if not hasattr(config, "workerinput") and _turns in config.stash:
        shutil.rmtree(config.stash[_turns], ignore_errors=True)


@dataclass(frozen=True)
class PactInteraction:
    """One interaction of a contract, or in place of a contract why it cannot be read."""

    name: str
    contract: "Contract" = field(repr=False)
    case: "AnyCase" = field(repr=False)
    session: "Session" = field(repr=False)

    def verify(self) -> "CaseResult":
        """Return the result; fail the test when the contract is broken, or xfail it when it is pending."""
        __tracebackhide__ = True
        from tally.errors import TallyError  # noqa: PLC0415 - a suite without contracts should not pay
        from verifier.reporting.explanation import failure_text  # noqa: PLC0415 - as above

        try:
            result = self.session.verify(self.case)
        except TallyError as error:
            pytest.fail(str(error), pytrace=False)
        if not result.passed:
            text = failure_text(result)
            if self.contract.pending or self.case.pending:
                pytest.xfail(text)
            pytest.fail(text, pytrace=False)
        return result


class PactTestFile(pytest.File):
    """A pact file, collected as one test for each interaction."""

    def collect(self) -> Iterable[pytest.Item]:
        """Return one test for each interaction; one that fails, when the file is no pact or an empty one."""
        try:
            interactions = _interactions(_session_of(self.config, self.path))
        except pytest.UsageError as error:
            raise self.CollectError(str(error)) from error
        return [PactItem.from_parent(self, name=each.name, interaction=each) for each in interactions]


class PactItem(pytest.Item):
    """The test of one interaction."""

    fixturenames: tuple[str, ...] = ()
    """Empty; hooks in a conftest often read it from every test."""

    def __init__(self, *, interaction: PactInteraction, **others: Any) -> None:
        super().__init__(**others)
        self._interaction = interaction

    def runtest(self) -> None:
        """Verify the interaction."""
        self._interaction.verify()

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the file and the name that reports show."""
        return self.path, None, self.name


def _session_of(config: pytest.Config, what: "Verifier | Path") -> "Session":
    """Return the session for *what*, which opens or starts the provider once for all tests."""
    from tally.errors import TallyError  # noqa: PLC0415 - a suite without contracts should not pay
    from verifier.runs.session import Session  # noqa: PLC0415 - as above

    sessions = config.stash[_sessions]
    if what not in sessions:
        try:
            verifier = _verifier_of_options(config, what) if isinstance(what, Path) else what
            turns = config.stash[_turns] if hasattr(config, "workerinput") else None
            sessions[what] = Session(verifier.options(), turns=turns)
        except TallyError as error:
            raise pytest.UsageError(str(error)) from error
    return sessions[what]


def _verifier_of_options(config: pytest.Config, path: Path) -> "Verifier":
    from verifier.command_line.named_objects import named_object  # noqa: PLC0415 - a suite without contracts should not pay
    from verifier.verifier import Verifier  # noqa: PLC0415 - as above

    application = config.getoption("provider_app")
    provider = named_object("--provider-app", application) if application else None
    return Verifier(
        provider or config.getoption("provider_url"),
        state_change_url=config.getoption("provider_state_url"),
        message_url=config.getoption("provider_message_url"),
        message_hint="give --provider-message-url URL, where the provider returns them, or verify this pact "
        "in a test of your own, with Verifier(…).message(description, function).",
    ).add_pact(path)


def _interactions(session: "Session") -> list[PactInteraction]:
    """Return the interactions with unique names, because pytest identifies tests by name.

    Raises UsageError when there are none to verify.
    """
    from tally.errors import TallyError  # noqa: PLC0415 - a suite without contracts should not pay

    try:
        contracts = (*session.contracts, *map(_unreadable, session.unreadable))
    except TallyError as error:
        raise pytest.UsageError(str(error)) from error
    seen: Counter[str] = Counter()
    found = []
    for contract, case, title in _titles(contracts):
        seen[title] += 1
        name = title if seen[title] == 1 else f"{title} #{seen[title]}"
        found.append(PactInteraction(name, contract, case, session))
    return found


def _unreadable(problem: str) -> "Contract":
    """Return a contract in place of one that cannot be read; its only case says why, and fails."""
    from verifier.contracts.cases import UnsupportedCase  # noqa: PLC0415 - a suite without contracts should not pay
    from verifier.contracts.contract import Contract  # noqa: PLC0415 - as above

    case = UnsupportedCase(description="a contract that cannot be verified", reason=problem)
    return Contract(provider="", source="", cases=(case,))


def _titles(contracts: Iterable["Contract"]) -> Iterator[tuple["Contract", "AnyCase", str]]:
    from verifier.reporting.wording import case_title  # noqa: PLC0415 - a suite without contracts should not pay

    contracts = list(contracts)
    for contract in contracts:
        of = f"{contract.consumer}: " if len(contracts) > 1 and contract.consumer else ""
        for case in contract.cases:
            yield contract, case, of + case_title(case)
