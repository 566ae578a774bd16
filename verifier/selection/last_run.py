"""The interactions that failed in the last run, stored for `--last-failed`.

There is one file for each folder that `tally verify` is called in. It is in the cache of the user, so that a
project gets no file that its version control would have to ignore.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import orjson

from verifier.contents.json_values import json_bytes
from verifier.contracts.cases import AnyCase
from verifier.contracts.contract import Contract
from verifier.results.result import ContractResult, FailureKind

Key = tuple[str, ...]
"""Provider, consumer, description and states: these stay the same when a contract is published again."""


def case_key(contract: Contract, case: AnyCase) -> Key:
    """Return the key that identifies an interaction between runs."""
    states = (f"{state.name} {json_bytes(state.params, sort_keys=True).decode()}" for state in case.states)
    return (contract.provider, contract.consumer or "", case.description, *states)


def last_run_file(folder: Path) -> Path:
    """Return the file that stores the last run in *folder*."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return _cache() / "tallystick" / "last-run" / f"{name}.json"


def _cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def save_failures(file: Path, contracts: Iterable[ContractResult], *, partial: bool = False) -> None:
    """Store the interactions that did not pass; do nothing when the file cannot be written.

    After a *partial* run, such as one with `--filter-state`, or a run that ended early, the earlier failures
    of interactions that were left out stay stored.
    """
    results = [(verified.contract, result) for verified in contracts for result in verified.results]
    replayed = [pair for pair in results if pair[1].failure is not FailureKind.NOT_REPLAYED]
    asked = {case_key(contract, result.case): result.passed for contract, result in replayed}
    failed = {key for key, passed in asked.items() if not passed}
    if partial or len(replayed) < len(results):
        failed |= saved_failures(file) - asked.keys()
    # A read-only file system, as in some containers, must not fail the run.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(json_bytes({"failed": sorted(failed)}))


def saved_failures(file: Path) -> frozenset[Key]:
    """Return the interactions that did not pass; empty when nothing readable is stored."""
    try:
        failed = orjson.loads(file.read_bytes())["failed"]
        return frozenset(tuple(map(str, key)) for key in failed)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
