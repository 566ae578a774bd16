"""After `make test` has failed: run the few tests that failed once more, alone and one after the other.

Many tests start servers, kill processes and wait for clocks. On a machine that has other things to do, one of
thousands fails now and then, and holds when it is run alone. Such a test is named, as it should be repaired,
and does not fail the run. One that fails again does; so do more than MOST, and too little coverage.
"""

import json
import subprocess
import sys
from pathlib import Path

MOST = 3
FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main() -> int:
    """Return the exit code of the whole run, in the folder of the project."""
    failed = sorted(json.loads(FAILED.read_text(encoding="utf-8"))) if FAILED.exists() else []
    if len(failed) > MOST:
        print(f"{len(failed)} tests failed: too many for chance, so they are not run again.")
        return 1
    if failed:
        print(f"Running again, alone: {', '.join(failed)}", flush=True)
        # Not in the cache: who runs the tests after this wants to know what failed in the whole run.
        again = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses=0", *failed]
        if subprocess.run(again, check=False).returncode != 0:
            return 1
    covered = [sys.executable, "-m", "coverage", "report", "--format=total"]
    if subprocess.run(covered, check=False).returncode != 0:
        print("The coverage is below the least that pyproject.toml allows.")
        return 1
    for name in failed:
        print(f"Held only when it was run alone: {name}")
    return 0 if failed else 1


if __name__ == "__main__":
    sys.exit(main())
