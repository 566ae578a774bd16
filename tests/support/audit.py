"""Whether locked packages have known weaknesses. Run as a program by `make audit`.

It ends with 0 only when somebody has answered for every package: pip-audit itself calls it a success when
nobody could be asked.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CLEAN, WEAK, UNKNOWN = 0, 1, 3
SOURCES = {"pypi": "PyPI", "osv": "OSV"}
PIP_AUDIT = Path(sys.executable).with_name("pip-audit")
SECONDS = 600
NAMES_SHOWN = 5


def audit(lock: Path, source: str, pip_audit: Path = PIP_AUDIT) -> tuple[int, str]:
    """Return the exit code, and what *source* knows of the packages in a file of exact versions."""
    if source not in SOURCES:
        return UNKNOWN, f"Not audited: SOURCE must be one of {', '.join(SOURCES)}, not {source!r}."
    asked = f"Asked {SOURCES[source]} about {lock.name}"
    command = [
        *(pip_audit, "--requirement", lock, "--no-deps", "--disable-pip"),
        *("--vulnerability-service", source, "--format", "json", "--progress-spinner", "off"),
    ]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return UNKNOWN, f"{asked}. Not audited: {error}"
    try:
        packages = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (ended.stderr.strip() or "pip-audit said nothing").splitlines()[-1]
        return UNKNOWN, f"{asked}. Not audited: {last}"
    return _judged(asked, packages)


def _judged(asked: str, packages: Sequence[dict[str, Any]]) -> tuple[int, str]:
    unknown = [package["name"] for package in packages if "vulns" not in package]
    weak = [
        f"{package['name']} {package['version']}: {found['id']}, "
        + (f"mended in {', '.join(found['fix_versions'])}" if found["fix_versions"] else "not mended yet")
        for package in packages
        for found in package.get("vulns", ())
    ]
    lines = [f"{asked}: {len(packages)} packages."]
    if is_partial := bool(unknown) or not packages:
        some = ", ".join(unknown[:NAMES_SHOWN]) + (", …" if len(unknown) > NAMES_SHOWN else "")
        lines += [
            f"Not audited: no answer about {len(unknown)} of them ({some}).",
            "Ask where the database can be reached, or another one: make audit SOURCE=pypi, SOURCE=osv",
        ]
    lines += weak or ([] if is_partial else ["No known weaknesses."])
    return (WEAK if weak else UNKNOWN if is_partial else CLEAN), "\n".join(lines)


if __name__ == "__main__":
    code, text = audit(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write(text + "\n")
    sys.exit(code)
