import os
import subprocess
import sys

import pytest

from tally import cli

HEAVY = ["flask", "sqlalchemy", "uvicorn", "pact", "requests", "rich", "jsonschema", "jsonschema_rs"]
SLOW = ["hashlib", "importlib.metadata", "logging"]


def modules_after(*words):
    """Return the modules that a fresh interpreter has imported after running `tally` with these words."""
    program = (
        "import sys\n"
        "from tally.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.fixture
def with_command(tmp_path, monkeypatch):
    """Install a distribution that offers one more command."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name, value):
        metadata = tmp_path / "plugin-1.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text(f"[{cli.GROUP}]\n{name} = {value}\n")
        cli.installed.cache_clear()

    yield install
    monkeypatch.undo()
    cli.installed.cache_clear()


@pytest.fixture
def plugin(tmp_path):
    """A module that can be imported, with this source; returns its name."""

    def write(source):
        name = f"plugin_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return write


@pytest.mark.no_cover  # which imports more
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_what_tally_says_of_itself_imports_none_of_the_programs(option):
    imported = modules_after(option)

    assert imported.isdisjoint({*HEAVY, *SLOW, "json", "pathlib"})
    assert imported.isdisjoint({"broker.commands.serve", "verifier.cli", "tally.commands.pacts.publish"})


@pytest.mark.no_cover
@pytest.mark.parametrize("command", ["can-i-deploy", "record-deployment", "users", "tokens"])
def test_a_command_that_explains_itself_imports_neither_the_programs_nor_a_table_for_terminals(command):
    imported = modules_after(command, "--help")

    assert imported.isdisjoint({*HEAVY, *SLOW, "pathlib"})


@pytest.mark.no_cover
def test_circles_of_objects_are_looked_for_neither_while_it_loads_nor_when_it_ends():
    program = (
        "import atexit, gc, tally.loading\n"
        "atexit.register(lambda: print(len(gc.get_objects())))\n"
        "before = gc.get_stats()\n"
        "from tally.__main__ import main\n"
        "print(gc.get_stats() == before)\n"
        "main(['--version'])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    has_not_looked, _, left = done.stdout.splitlines()
    assert has_not_looked == "True"
    assert int(left) < 1000


def test_help_lists_the_commands_by_what_they_are_for(tally):
    run = tally("--help")

    assert run.code == 0
    contracts, deployments = run.out.index("Contracts:"), run.out.index("Deployments:")
    assert contracts < run.out.index("Publish pacts to the broker.") < deployments
    assert deployments < run.out.index("Ask whether a version can be deployed") < run.out.index("Broker:")


def test_without_a_command_it_shows_its_help(tally):
    assert tally() == tally("--help")


def test_it_tells_its_version(tally):
    assert tally("--version").out.startswith("tally, version ")


@pytest.mark.parametrize("short", ["-h", "--help"])
@pytest.mark.parametrize(
    "command",
    [
        "publish",
        "can-i-deploy",
        "record-deployment",
        "record-undeployment",
        "record-release",
        "record-support-ended",
        "create-environment",
        "list-environments",
    ],
)
def test_every_command_explains_itself_with_an_example(tally, command, short):
    run = tally(command, short)

    assert run.code == 0
    assert f"\n    tally {command}" in run.out
    assert "PACT_BROKER_BASE_URL" in run.out


def test_a_mistyped_command_is_answered_with_the_nearest_name(tally):
    run = tally("publsh")

    assert run.code == 2
    assert "There is no command 'publsh'. Did you mean 'publish'?" in run.err


def test_a_command_that_resembles_none_is_refused_without_a_guess(tally):
    run = tally("xyzzy")

    assert run.code == 2
    assert "Did you mean" not in run.err


def test_a_missing_option_value_is_a_usage_error(tally):
    assert tally("publish", "--branch").code == 2


def test_a_missing_broker_address_names_option_and_variable(tally):
    run = tally("list-environments")

    assert run.code == 2
    assert "Give --broker-base-url, or set PACT_BROKER_BASE_URL." in run.err


def test_a_command_without_its_extra_says_which_one():
    without_sqlalchemy = "import sys; sys.modules['sqlalchemy'] = None; from tally.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", without_sqlalchemy, "migrate"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr == (
        "Error: 'migrate' needs sqlalchemy, which is not installed: pip install 'tallystick[broker]'\n"
    )


def test_commands_that_need_the_extra_are_listed_without_it():
    without_sqlalchemy = "import sys; sys.modules['sqlalchemy'] = None; from tally.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", without_sqlalchemy, "users", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "reset" in done.stdout


def test_a_command_of_another_distribution_that_cannot_be_imported_is_a_defect(tally, with_command, plugin):
    with_command("juggle", f"{plugin('import a_package_that_nobody_has')}:juggle")

    assert tally("juggle").code == 70


def test_a_command_whose_program_is_missing_says_so(tally, with_command):
    with_command("juggle", "a_program_that_nobody_has.cli:juggle")

    assert "(not in this installation)" in tally("--help").out
    assert tally("juggle").err == "Error: 'juggle' is not in this installation of Tallystick.\n"


def test_a_command_of_another_distribution_is_listed_with_the_others(tally, with_command, plugin):
    source = 'import click\n\n@click.command()\ndef wave():\n    """Wave\n    a hand.\n\n    Twice."""\n'
    with_command("wave", f"{plugin(source)}:wave")

    assert "More:\n  wave  Wave a hand.\n" in tally("--help").out
    assert tally("wave").code == 0


def test_a_defect_of_ours_asks_to_be_reported_and_shows_no_traceback(tally, with_command, plugin):
    source = "import click\n\n@click.command()\ndef fall():\n    raise KeyError('x')\n"
    with_command("fall", f"{plugin(source)}:fall")

    run = tally("fall")

    assert run.code == 70
    assert run.err == (
        "Error: an unexpected KeyError: 'x'. "
        "Please report this, with what the command prints when TALLY_DEBUG=1 is set.\n"
    )


def test_debugging_shows_the_traceback_of_a_defect(tally, with_command, plugin, monkeypatch):
    source = "import click\n\n@click.command()\ndef fall():\n    raise KeyError('x')\n"
    with_command("fall", f"{plugin(source)}:fall")
    monkeypatch.setenv("TALLY_DEBUG", "1")

    run = tally("fall")

    assert run.code == 70
    assert "Traceback (most recent call last)" in run.err


def test_an_interrupted_command_ends_with_130(tally, with_command, plugin):
    source = "import click\n\n@click.command()\ndef wait():\n    raise KeyboardInterrupt\n"
    with_command("wait", f"{plugin(source)}:wait")

    run = tally("wait")

    assert run.code == 130
    assert "Traceback" not in run.err


def test_the_installed_script_is_this_program():
    script = os.path.join(os.path.dirname(sys.executable), "tally")  # noqa: PTH118, PTH120 - one line

    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("tally, version ")
