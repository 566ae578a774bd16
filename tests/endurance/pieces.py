"""The long form, piece by piece: what is promised, which test is the short form, and what is run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from endurance.clock import jump_under_load
from endurance.database_stops import fail_over_under_load, lose_primaries_under_load, stop_under_load
from endurance.image import build_and_run
from endurance.isolation import LEVELS, write_at
from endurance.kills import kill_under_load
from endurance.mixed_clients import mix
from endurance.rolling_restarts import restart_under_load
from endurance.slow_clients import crowd
from support.databases import NEW_DATABASE
from support.prerequisites import MissingPrerequisiteError, find_platform_program

SEED = 20261129


@dataclass(frozen=True)
class Piece:
    """Something that is promised. *run* takes a folder and the share of the length; it gives figures."""

    promise: str
    short_form: str
    long_form: str
    run: Callable[[Path, float], str]


def _times(count: int, share: float) -> int:
    return max(2, round(count * share))


def _kills(kind: str, count: int, processes: int = 1) -> Callable[[Path, float], str]:
    def run(folder: Path, share: float) -> str:
        with NEW_DATABASE[kind]() as url:
            return kill_under_load(url, folder, kills=_times(count, share), seed=SEED, processes=processes)

    return run


def _mixed(kind: str, minutes: float, processes: int = 1) -> Callable[[Path, float], str]:
    def run(folder: Path, share: float) -> str:
        with NEW_DATABASE[kind]() as url:
            seconds = 60 * minutes * share
            return mix(url, folder, clients=200, seconds=seconds, seed=SEED, processes=processes)

    return run


def _clock(kind: str, processes: int) -> Callable[[Path, float], str]:
    def run(folder: Path, share: float) -> str:
        with NEW_DATABASE[kind]() as url:
            return jump_under_load(url, folder, jumps=_times(40, share), seed=SEED, processes=processes)

    return run


def _isolation(_folder: Path, share: float) -> str:
    figures = []
    for level in LEVELS:
        with NEW_DATABASE["postgresql"]() as url:
            found = write_at(level, url, seconds=60 * share, seed=SEED)
        figures.append(f"{level}: {found.as_text()}")
    return "; ".join(figures)


def _stops(folder: Path, share: float) -> str:
    return stop_under_load(folder, stops=_times(20, share), seed=SEED)


def _fail_overs(folder: Path, share: float) -> str:
    return fail_over_under_load(folder, times=_times(10, share), seed=SEED)


def _rolling(folder: Path, share: float) -> str:
    with NEW_DATABASE["postgresql"]() as url:
        return restart_under_load(url, folder, rounds=_times(5, share), clients=8)


def _losses(folder: Path, share: float) -> str:
    try:
        for program in ("etcd", "haproxy", "patroni"):
            find_platform_program(program)
    except MissingPrerequisiteError as error:
        return f"skipped: {error}"
    return lose_primaries_under_load(folder, times=max(3, _times(9, share)), seed=SEED)


def _slow(folder: Path, share: float) -> str:
    with NEW_DATABASE["sqlite"]() as url:
        figures = crowd(url, folder, connections=1024, seconds=20 * share)
    return "; ".join(f"{kind}: {text}" for kind, text in figures.items())


def _image(folder: Path, _share: float) -> str:
    return build_and_run(folder)


_KILLED = "What is acknowledged outlives `kill -9`; nothing is stored in part; no delivery is lost"
_MIXED = "200 clients get along, half of them rude: nothing fails or is lost, memory and files stay bounded"
_CLOCK = "A clock that jumps by hours loses no delivery and doubles none"
PIECES = {
    "kills-sqlite": Piece(
        _KILLED,
        "tests/endurance/test_kills.py::test_what_was_acknowledged_outlives_kills",
        "SQLite: 50 times `kill -9` while 4 clients write",
        _kills("sqlite", 50),
    ),
    "kills-postgresql": Piece(
        _KILLED,
        "tests/endurance/test_kills.py::test_what_was_acknowledged_outlives_kills",
        "PostgreSQL: 25 times `kill -9` while 4 clients write",
        _kills("postgresql", 25),
    ),
    "kills-processes": Piece(
        _KILLED,
        "tests/endurance/test_kills.py::test_what_was_acknowledged_outlives_kills_of_several_processes",
        "PostgreSQL, 2 server processes and a worker: 25 times `kill -9` of all of them or of one",
        _kills("postgresql", 25, processes=2),
    ),
    "database-stops": Piece(
        "A crash of PostgreSQL loses nothing; meanwhile requests are carried out or refused with 503",
        "tests/endurance/test_database_stops.py::test_what_was_acknowledged_outlives_crashes_of_postgresql",
        "20 immediate stops while 4 clients write",
        _stops,
    ),
    "fail-overs": Piece(
        "A fail-over to a standby loses nothing; meanwhile requests are carried out or refused with 503",
        "tests/acceptance/test_failing_over.py::test_nothing_acknowledged_is_lost_when_postgresql_fails_over",
        "PostgreSQL with a synchronous standby: 10 fail-overs while 4 clients write",
        _fail_overs,
    ),
    "rolling-restarts": Piece(
        "A rolling restart behind a proxy that asks `/health/ready` loses no request",
        "tests/endurance/test_rolling_restarts.py::test_a_rolling_restart_loses_no_request",
        "PostgreSQL, 3 replicas, each restarted 5 times while 8 clients write and read",
        _rolling,
    ),
    "patroni": Piece(
        "Servers under Patroni that lose their primary lose nothing, and take writes again within 30 s",
        "tests/acceptance/test_failing_over.py::test_nothing_acknowledged_is_lost_when_postgresql_fails_over",
        "Three servers, `synchronous_mode`, HAProxy: 9 crashes, switches and, from Patroni 4 on, hangs, "
        "while 4 clients write",
        _losses,
    ),
    "clock-sqlite": Piece(
        _CLOCK,
        "tests/endurance/test_clock.py::test_deliveries_survive_a_clock_that_jumps",
        "SQLite: 40 jumps, by 3 to 60 hours, forward and back",
        _clock("sqlite", 1),
    ),
    "clock-postgresql": Piece(
        _CLOCK,
        "tests/acceptance/test_clocks_that_differ.py::"
        "test_nothing_is_sent_twice_or_late_by_workers_whose_clocks_differ",
        "PostgreSQL, 2 server processes and a worker: 40 jumps of their clock",
        _clock("postgresql", 2),
    ),
    "isolation": Piece(
        "Where all transactions are serializable, what runs again is stored once and as a whole",
        "tests/endurance/test_isolation.py::test_clients_that_write_at_once_get_along",
        "PostgreSQL, a minute at each level of isolation: 8 clients write about the same five applications",
        _isolation,
    ),
    "slow-clients": Piece(
        "1,024 connections that owe a request, or take no answer, leave the heartbeat within a second",
        "tests/endurance/test_slow_clients.py::test_a_thousand_slow_clients_do_not_stop_the_heartbeat",
        "20 s of each kind",
        _slow,
    ),
    "mixed-sqlite": Piece(
        _MIXED,
        "tests/endurance/test_mixed_clients.py::test_clients_of_every_kind_get_along",
        "SQLite: 200 clients for 4 minutes",
        _mixed("sqlite", 4),
    ),
    "mixed-postgresql": Piece(
        _MIXED,
        "tests/endurance/test_mixed_clients.py::test_clients_of_every_kind_get_along",
        "PostgreSQL, 2 server processes: 200 clients for 4 minutes",
        _mixed("postgresql", 4, processes=2),
    ),
    "mixed-pooler": Piece(
        _MIXED,
        "tests/endurance/test_mixed_clients.py::test_clients_of_every_kind_get_along",
        "PostgreSQL behind PgBouncer in transaction mode, 2 server processes: 200 clients for 2 minutes",
        _mixed("pooler", 2, processes=2),
    ),
    "image": Piece(
        "The image builds without a registry, asks for credentials, stops on SIGTERM, and keeps its data",
        "tests/test_image.py::test_every_base_can_be_another_one",
        "built by buildah on a base of Debian's packages, and run as server and worker",
        _image,
    ),
}
