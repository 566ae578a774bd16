"""Time the recording of one test: run with `PYTHONPATH=tests python tests/benchmarks/bench_recording.py`.

Each row is the same small test: declare, begin, send one GET, read the answer, end. The first row of a client
sends it to a server in another process, and records nothing. Rivals run where they are installed. Rounds are
interleaved, and the median counts; CPU is that of this process, with all of its threads.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import requests

from consumer_sdk import Recorder, match
from consumer_sdk.in_process.way import InProcess
from consumer_sdk.judging.exchanges import Answer
from consumer_sdk.pact_files import Recording, Recordings

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "300"))
URL = "https://orders.example.org"
ACCEPT = {"Accept": "application/json"}
BODY = b'{"id":7,"status":"open","total_cents":1350}'
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
SERVER = f"""
import asyncio
ANSWER = {HEAD.encode() + BODY!r}
class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        if data.endswith(b"\\r\\n\\r\\n"):
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
Case = Callable[[], object]


class Nowhere(Recordings):
    """Keeps nothing: what is left is the cost of declaring, answering and judging."""

    def add(self, recording: Recording) -> None:
        pass


def declare(recorder: Recorder) -> None:
    (
        recorder.upon_receiving("a request for an order")
        .given("an order exists", order_id=7)
        .with_request("GET", "/orders/7", headers=ACCEPT)
        .will_respond_with(
            200,
            body={
                "id": match.integer(7),
                "status": match.regex("open", "^(open|paid)$"),
                "total_cents": match.integer(1350),
            },
        )
    )


def recorded(recordings: Recordings, way: str, get: Callable[[str], object]) -> Case:
    def run() -> None:
        recorder = Recorder("Shop", "Orders", recordings)
        declare(recorder)
        opened = recorder.in_process(URL) if way == "in process" else recorder.serve()
        with opened as url:
            get(f"{url}/orders/7")
        recorder.close()

    return run


def by_pact_python(get: Callable[[str], object]) -> Case:
    import pact  # noqa: PLC0415 - loads a library of its own

    def run() -> None:
        contract = pact.Pact("Shop", "Orders").with_specification("V4")
        interaction = contract.upon_receiving("a request for an order").given("an order exists", {"id": 7})
        interaction.with_request("GET", "/orders/7").with_header("Accept", "application/json")
        interaction.will_respond_with(200).with_body(
            '{"id": {"pact:matcher:type": "integer", "value": 7},'
            ' "status": {"pact:matcher:type": "regex", "regex": "^(open|paid)$", "value": "open"},'
            ' "total_cents": {"pact:matcher:type": "integer", "value": 1350}}',
            "application/json",
        )
        with contract.serve(raises=False, verbose=False) as server:
            get(f"{server.url}/orders/7")

    return run


def by_responses(get: Callable[[str], object]) -> Case:
    import responses  # noqa: PLC0415 - it may be missing

    def run() -> None:
        with responses.RequestsMock() as mock:
            mock.get(f"{URL}/orders/7", body=BODY, content_type="application/json")
            get(f"{URL}/orders/7")

    return run


def by_respx(get: Callable[[str], object]) -> Case:
    import respx  # noqa: PLC0415 - it may be missing

    def run() -> None:
        with respx.mock() as mock:
            mock.get(f"{URL}/orders/7").respond(200, content=BODY)
            get(f"{URL}/orders/7")

    return run


def by_pytest_httpx(get: Callable[[str], object]) -> Case:
    from pytest import MonkeyPatch  # noqa: PLC0415, PT013 - as the line below
    from pytest_httpx import HTTPXMock  # noqa: PLC0415 - it may be missing
    from pytest_httpx._options import _HTTPXMockOptions  # noqa: PLC0415 - the fixture makes one

    def run() -> None:
        mock = HTTPXMock(_HTTPXMockOptions())
        with MonkeyPatch.context() as patch:
            patch.setattr(
                httpx.HTTPTransport,
                "handle_request",
                lambda *both: mock._handle_request(*both),  # noqa: SLF001, PLW0108 - a method, as the fixture
            )
            mock.add_response(url=f"{URL}/orders/7", content=BODY)
            get(f"{URL}/orders/7")

    return run


def one_session(get: Callable[[str], object], base: str) -> Case:
    return lambda: get(f"{base}/orders/7")


def measured(cases: dict[str, Case]) -> dict[str, tuple[float, float]]:
    """Return the medians of CPU and wall time of each, in microseconds."""
    times: dict[str, list[tuple[int, int]]] = {name: [] for name in cases}
    for turn in range(ROUNDS + 10):
        for name, run in cases.items():
            begin = time.process_time_ns(), time.perf_counter_ns()
            run()
            end = time.process_time_ns(), time.perf_counter_ns()
            if turn >= 10:
                times[name].append((end[0] - begin[0], end[1] - begin[1]))
    return {
        name: tuple(statistics.median(each[index] for each in found) / 1000 for index in (0, 1))
        for name, found in times.items()
    }


def table(title: str, cases: dict[str, Case]) -> None:
    found = measured(cases)
    first = next(iter(found.values()))
    print(f"\n{title:<34} {'CPU µs':>8} {'ratio':>6} {'wall µs':>8} {'ratio':>6}")
    for name, (cpu, wall) in found.items():
        print(f"{name:<34} {cpu:>8.0f} {cpu / first[0]:>6.2f} {wall:>8.0f} {wall / first[1]:>6.2f}")


def suite(recordings: Recordings, count: int) -> None:
    """Time a suite of *count* recorded tests, with the file at its end."""
    with httpx.Client() as client:
        began = time.process_time()
        for number in range(count):
            recorder = Recorder("Shop", f"Suite {count}", recordings)
            recorder.upon_receiving(f"order {number}").with_request("GET", f"/{number}").will_respond_with(
                200, body={"id": match.integer(number)}
            )
            with recorder.in_process(URL):
                client.get(f"{URL}/{number}")
            recorder.close()
        recordings.write(recordings.directory / "pacts")
        took = time.process_time() - began
    print(f"{count:>5} recorded tests, in process: {took:.2f} s CPU, {took / count * 1e6:.0f} µs each")


def rivals(**makers: Callable[[], Case]) -> dict[str, Case]:
    found: dict[str, Case] = {}
    for name, make in makers.items():
        with contextlib.suppress(ImportError):
            found[name.replace("_", "-")] = make()
    return found


def start_and_stop() -> None:
    way = InProcess((URL,), owner="a pact", provider="Orders", network=True)
    way.open(lambda _: Answer(200))
    way.close()
    way.forget()


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        recordings, nowhere = Recordings(Path(directory)), Nowhere(Path(directory))
        server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
        try:
            real = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            with requests.Session() as session, httpx.Client() as client:

                def by_requests(url: str) -> object:
                    with requests.Session() as own:
                        return own.get(url, headers=ACCEPT, timeout=5).json()

                def by_httpx(url: str) -> object:
                    return client.get(url, headers=ACCEPT).json()

                table(
                    "requests",
                    {
                        "real server, no recording": one_session(by_requests, real),
                        "in process": recorded(recordings, "in process", by_requests),
                        "mock server": recorded(recordings, "mock server", by_requests),
                        "in process, nothing kept": recorded(nowhere, "in process", by_requests),
                        "mock server, nothing kept": recorded(nowhere, "mock server", by_requests),
                        **rivals(
                            pact_python=lambda: by_pact_python(by_requests),
                            responses=lambda: by_responses(by_requests),
                        ),
                    },
                )
                table(
                    "httpx",
                    {
                        "real server, no recording": one_session(by_httpx, real),
                        "in process": recorded(recordings, "in process", by_httpx),
                        "mock server": recorded(recordings, "mock server", by_httpx),
                        "in process, nothing kept": recorded(nowhere, "in process", by_httpx),
                        "mock server, nothing kept": recorded(nowhere, "mock server", by_httpx),
                        **rivals(
                            pact_python=lambda: by_pact_python(by_httpx),
                            respx=lambda: by_respx(by_httpx),
                            pytest_httpx=lambda: by_pytest_httpx(by_httpx),
                        ),
                    },
                )
                session.close()
            table("alone", {"start and stop, in process": start_and_stop})
        finally:
            server.kill()
            server.wait()
        for count in (1000, 5000):
            suite(recordings, count)


if __name__ == "__main__":
    main()
