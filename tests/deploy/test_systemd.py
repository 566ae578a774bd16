"""The units of docs/deploy/systemd, checked by systemd itself, and the settings that come with them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.platform_programs import platform_program

from broker.settings.file import with_file
from broker.settings.from_environment import from_environment
from broker.settings.names import check_names

FOLDER = Path(__file__).parents[2] / "docs/deploy/systemd"
UNITS = sorted(FOLDER.glob("*.service"))
SERVERS = [unit for unit in UNITS if "\nType=oneshot\n" not in unit.read_text(encoding="utf-8")]
EXPOSURE = re.compile(r"exposure level for \S+: ([\d.]+)")
HIGHEST_EXPOSURE = 2.0
"""Of 10; 0 is closed. A service without any of these lines has 9.6."""


@pytest.fixture(params=UNITS, ids=lambda unit: unit.name)
def unit(request, tmp_path):
    """Return a copy whose program is on this machine: systemd looks for it."""
    text = request.param.read_text(encoding="utf-8")
    assert "/opt/tallystick/bin/tally " in text
    copy = tmp_path / request.param.name
    copy.write_text(text.replace("/opt/tallystick/bin/tally", sys.executable), encoding="utf-8")
    return copy


def analyze(*words):
    return subprocess.run(
        [platform_program("systemd-analyze"), *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_understands_every_line_of_a_unit(unit):
    checked = analyze("verify", unit)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_systemd_says_so_when_it_does_not_understand_one(unit):
    unit.write_text(unit.read_text(encoding="utf-8") + "\n[Service]\nProtectSystm=strict\n", encoding="utf-8")

    assert "ProtectSystm" in analyze("verify", unit).stderr


def test_systemd_understands_the_timer_which_names_no_unit_but_that_of_its_own_name():
    timer = FOLDER / "tallystick-backup.timer"

    checked = subprocess.run(
        [platform_program("systemd-analyze"), "verify", timer], capture_output=True, text=True, check=False
    )

    assert "tallystick-backup.timer" not in checked.stderr
    assert timer.with_suffix(".service") in UNITS
    assert "Unit=" not in timer.read_text(encoding="utf-8")


def test_a_unit_may_touch_little(unit):
    found = EXPOSURE.search(analyze("security", "--offline=yes", "--no-pager", unit).stdout)

    assert found
    assert float(found[1]) <= HIGHEST_EXPOSURE


@pytest.mark.parametrize("unit", SERVERS, ids=lambda unit: unit.name)
def test_a_unit_waits_for_longer_than_the_broker_may_take_to_stop(unit):
    settings = from_environment(with_file({"TALLY_CONF": str(FOLDER / "settings.yml")}))
    seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)[1])

    assert seconds > settings.stop_delay_seconds + settings.stop_seconds + 5


def test_the_settings_that_come_with_the_units_are_settings():
    environment = with_file({"TALLY_CONF": str(FOLDER / "settings.yml")})

    assert check_names(environment) == []
    settings = from_environment(environment)
    assert settings.database_url == "sqlite:////var/lib/tallystick/tallystick.sqlite3"
    assert settings.addresses == ("https://contracts.example.org",)


def test_so_are_those_that_are_there_to_be_filled_in():
    text = (FOLDER / "settings.yml").read_text(encoding="utf-8")
    filled = yaml.safe_load(
        re.sub(r"^# (?=\w+: CHANGE-ME|basic_auth_username)", "", text, flags=re.MULTILINE)
    )

    assert {"basic_auth_username", "basic_auth_password", "secrets_key"} <= set(filled)
    assert check_names({f"TALLY_{name.upper()}": str(value) for name, value in filled.items()}) == []
