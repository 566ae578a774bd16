"""Compare `tally verify` with Schemathesis; run with `python tests/benchmarks/bench_replay.py`.

Both test the same provider over HTTP, with the same document and twenty faults at once: CPU seconds of each
process, its start included, and what each reports. `--quick` gives Schemathesis its phases without states.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.faulty_shop import FAULTS, Shop
from support.faulty_shop_document import document

from tally.pact import Response, read_body
from tally.service_contract.parsing import parse_service_contract
from verifier.contracts.response_check import ResponseCheck

BIN = Path(sys.executable).parent
LARGE = 200_000


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    """Serve *shop*, and yield its address."""
    with make_server("127.0.0.1", 0, shop, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def timed(*command: str | Path) -> tuple[float, str]:
    """Return the CPU seconds of a command, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, ended.stdout + ended.stderr


def large_response() -> float:
    """Return the milliseconds for the check of a response of 200 kB."""
    contract = parse_service_contract(document())
    operation = next(each for each in contract.http_operations if each.id == "listProducts")
    check = ResponseCheck(operation)
    item = {"sku": "TEA-0001", "name": "Tea", "price": 1, "category": "tea", "note": "x" * 100}
    body = json.dumps({"items": [item] * (LARGE // len(json.dumps(item))), "total": 1}).encode()
    headers = {"Content-Type": ("application/json",), "X-Total": ("1",)}
    durations = []
    for _ in range(20):
        started = time.perf_counter()
        assert not check.documented(Response(200, headers, read_body(body, "application/json")))
        durations.append((time.perf_counter() - started) * 1000)
    return sorted(durations)[10]


def main() -> None:
    """Run both, and print what they took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only-ours", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.json"
        file.write_text(json.dumps(document()))
        with served(Shop(*FAULTS)) as url:
            ours, text = timed(
                BIN / "tally", "verify", "--service-contract", file, "--provider-url", url,
                "--phases", "examples,valid,invalid,workflows",
            )  # fmt: skip
        failures = sum(line.startswith("  ✗") for line in text.splitlines())
        print(f"tally verify   {ours:6.2f} s CPU   {failures} failures")
        if not given.only_ours:
            phases = ("--phases", "examples,coverage,fuzzing") if given.quick else ()
            with served(Shop(*FAULTS)) as url:
                theirs, text = timed(
                    BIN / "schemathesis", "run", file, "--url", url, "--seed", "1", *phases,
                )  # fmt: skip
            print(f"schemathesis   {theirs:6.2f} s CPU   {theirs / ours:.1f} times ours")
            (Path(os.environ.get("BENCH_OUT", folder)) / "schemathesis.txt").write_text(text)
            print("\n".join(text.splitlines()[-25:]))
    print(f"a response of 200 kB is checked in {large_response():.2f} ms")


if __name__ == "__main__":
    main()
