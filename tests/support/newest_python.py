"""What the newest Python says of every module, and of what each imports of the standard library.

Run as a program by `make check-newest`. That Python is CPython in WebAssembly, which npm has: it runs on each
machine, but has no packages with native parts. So nothing is run there but the compiler, and imports of the
standard library.
"""

import json
import subprocess
import sys
from pathlib import Path

from support.npm_packages import NODE, NoRegistryError, installed

ROOT = Path(__file__).parents[2]
PACKAGES = ("broker", "consumer_sdk", "tally", "verifier")
ELSEWHERE = {"msvcrt", "resource"}
"""Modules of the standard library that WebAssembly has not, whatever the version."""
_SECONDS = 600

_IN_PYTHON = """
import ast, importlib, json, pathlib, sys, warnings
warnings.simplefilter("error")
faults, imported, count = [], set(), 0
for path in [file for folder in FOLDERS for file in sorted(pathlib.Path("/source", folder).rglob("*.py"))]:
    count += 1
    try:
        tree = compile(path.read_text("utf-8"), str(path), "exec", ast.PyCF_ONLY_AST)
        compile(tree, str(path), "exec")
    except (SyntaxError, Warning) as error:
        faults.append(f"{path}: {error}")
        continue
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            imported |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            imported |= {(alias.name, "") for alias in node.names}
for module, name in sorted(imported):
    if module.partition(".")[0] in KNOWN and module not in ELSEWHERE:
        try:
            found = importlib.import_module(module)
            if name and not hasattr(found, name):
                importlib.import_module(f"{module}.{name}")
        except (ImportError, Warning) as error:
            faults.append(f"{module} {name}: {error}")
json.dumps({"version": sys.version.split()[0], "modules": count, "faults": faults})
"""
_IN_NODE = """
const { loadPyodide } = await import(process.argv[1]);
const python = await loadPyodide();
python.mountNodeFS("/source", process.argv[2]);
console.log(python.runPython(process.argv[3]));
"""


def look(root: Path = ROOT) -> tuple[str, int, list[str]]:
    """Return the version of Python, how many modules it compiled, and what it complains of.

    Raises NoRegistryError.
    """
    pyodide = installed() / "pyodide" / "pyodide.mjs"
    # Of the Python here: the newest one does not know what was removed.
    known = set(sys.stdlib_module_names)
    names = f"FOLDERS = {PACKAGES!r}\nELSEWHERE = {ELSEWHERE!r}\nKNOWN = {known!r}\n"
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", _IN_NODE, pyodide, root, names + _IN_PYTHON],
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return found["version"], found["modules"], found["faults"]


def main() -> int:
    """Print what was found; return 0 when nothing is wrong."""
    try:
        version, modules, faults = look()
    except NoRegistryError as error:
        print(f"Not checked: npm reaches no registry ({error}).", file=sys.stderr)
        return 3
    print("\n".join([f"Python {version}: {modules} modules, {len(faults)} complaints.", *faults]))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
