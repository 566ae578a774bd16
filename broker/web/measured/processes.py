"""The processes of one broker: which there are, and what each takes of the machine.

With several server processes, the first process of all writes down which ones there are, and whichever
Prometheus reaches reads from the system what each of them takes. A process has the name of its place, such as
`server-1`: another one that comes into its place has the same, so there are no more series than places.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names a folder in which several processes write one set of measurements.

The library looks at it when it is imported, so it is imported only when an application is made.
"""
ALONE = "server-1"
"""The name of the only process of a broker."""
_LIST = "processes.json"

Processes = Callable[[], Mapping[str, int]]
"""Return the ids of the processes by their names."""


def measure_as(name: str) -> None:
    """Give this process the name under which it writes measurements; call it before there are any.

    By the id of the process, as the library does it, each that came into the place of another one would
    leave files that are read for ever.
    """
    from prometheus_client import values  # noqa: PLC0415 - see FOLDER

    values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]


def write_list(folder: Path, processes: Mapping[str, int]) -> None:
    """Write down which processes there are, for `listed`."""
    new = folder / f"{_LIST}.new"
    new.write_bytes(orjson.dumps(processes))
    new.replace(folder / _LIST)


def listed() -> Mapping[str, int]:
    """Return the processes of this broker."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return {ALONE: os.getpid()}
    try:
        found: Mapping[str, int] = orjson.loads((Path(folder) / _LIST).read_bytes())
    except FileNotFoundError:  # they are just being started
        return {}
    return found


def forget(name: str) -> None:
    """Remove what a process that ended wrote of its state at the time. What it has counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see FOLDER

    mark_process_dead(name)  # type: ignore[no-untyped-call]


class CountsOfAll:
    """What all processes have written into the folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def describe(self) -> list[Any]:
        """Describe nothing, so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the families of the library, summed up.

        A file that a process has just made is empty for a moment, which the library takes for damage.
        """
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see FOLDER

        with os.scandir(self._folder) as entries:
            files = [entry.path for entry in entries if entry.name.endswith(".db") and _size(entry)]
        yield from MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # its process has ended
        return 0


class ProcessCollector:
    """CPU time, memory and open files of each process; nothing where the system has no /proc."""

    def __init__(self, processes: Processes = listed) -> None:
        self._processes = processes

    def describe(self) -> list[Any]:
        """Describe nothing, so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Any]:
        """Yield the families of the library, with the name of the process as a label."""
        from prometheus_client import Metric, ProcessCollector  # noqa: PLC0415 - see FOLDER

        families: dict[str, Any] = {}
        for name, number in self._processes().items():
            of_process = ProcessCollector(pid=partial(int, number), registry=None)
            for found in of_process.collect():
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, {"process": name}, sample.value)
        yield from families.values()
