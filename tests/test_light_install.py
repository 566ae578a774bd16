import subprocess
import sys

import pytest

SERVER = {"flask", "werkzeug", "sqlalchemy", "alembic", "uvicorn"}


def modules_after(statements: str) -> set[str]:
    """Return the names of the modules that a fresh interpreter has loaded after *statements*."""
    script = f"import sys\n{statements}\nsys.stderr.write(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stderr.split())


@pytest.mark.parametrize(
    "module", ["tally", "tally.cli", "verifier.cli", "consumer_sdk", "consumer_sdk.pytest_plugin"]
)
def test_the_verifier_the_sdk_and_the_shared_part_load_nothing_of_the_server(module):
    loaded = modules_after(f"import {module}")

    assert module in loaded
    assert loaded.isdisjoint(SERVER)


def test_the_help_of_the_command_loads_none_of_the_programs():
    loaded = modules_after(
        "from tally.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    )

    assert "tally.cli" in loaded
    assert loaded.isdisjoint(SERVER | {"pact", "pact_ffi"})
    # Python imports the folder of a command to find it: that has no code.
    assert [name for name in loaded if name.startswith(("broker.", "verifier.", "consumer_sdk."))] == [
        "broker.commands"
    ]
