"""The image and docker-compose.yml as they are written; `make endure` builds the image and runs it."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from broker.processes.processes import SECONDS_TO_LEAVE
from broker.settings.from_environment import from_environment
from broker.settings.names import check_names
from tally.cli import installed

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "tallystick" in service["image"]}
SUBSTITUTED = re.compile(r"\$\{\w+:-([^}]+)\}")
IN_BUILDAH_1_28 = {"interval", "timeout", "start-period", "retries"}


def instructions(text):
    """Return the instructions of a Dockerfile as pairs of a name and the rest, without comments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in joined.splitlines()]


INSTRUCTIONS = instructions(DOCKERFILE)


def of(name):
    return [rest for instruction, rest in INSTRUCTIONS if instruction == name]


def test_its_health_check_has_only_options_that_every_builder_knows():
    [check] = of("HEALTHCHECK")
    options = dict(word[2:].split("=") for word in check.partition(" CMD ")[0].split())

    assert set(options) <= IN_BUILDAH_1_28
    assert options["interval"] == "30s"


def test_its_health_check_starts_the_script_that_the_wheel_brings_without_the_rest():
    [check] = of("HEALTHCHECK")
    command = yaml.safe_load(check.partition(" CMD ")[2])
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    [(source, name)] = wheel["shared-scripts"].items()
    assert command == ["python", "-I", "-S", f"/opt/tallystick/bin/{name}"]
    assert (ROOT / source).exists()


def test_every_base_can_be_another_one():
    defaults = dict(rest.split("=", 1) for rest in of("ARG"))

    assert of("FROM") == ["${BUILD_BASE} AS build", "${BASE}"]
    assert defaults["BASE"].startswith("docker.io/library/python:")  # podman takes no short names
    assert not DOCKERFILE.startswith("# syntax=")  # which would be fetched from a registry


def test_it_has_the_extras_that_the_build_names_and_that_of_the_broker_unless_it_does():
    [installs] = [rest for rest in of("RUN") if "pip install" in rest]
    defaults = dict(rest.split("=", 1) for rest in of("ARG"))
    first = [name for name, _ in INSTRUCTIONS].index("FROM")

    assert defaults["EXTRAS"] == "broker"
    assert '--constraint constraints.txt ".[${EXTRAS}]"' in installs
    assert ("ARG", "EXTRAS=broker") in INSTRUCTIONS[
        first:
    ]  # an argument from before FROM is empty in a stage


def test_what_only_the_build_may_know_stays_in_its_stage():
    names = [name for name, _ in INSTRUCTIONS]
    last_stage = INSTRUCTIONS[len(names) - names[::-1].index("FROM") :]

    copied = [rest for name, rest in last_stage if name in {"COPY", "ADD"}]
    assert copied == ["--from=build /opt/tallystick /opt/tallystick"]
    assert not [rest for _, rest in last_stage if "secret" in rest or "PIP_" in rest or "ca.pem" in rest]


def test_its_user_is_a_number_and_has_no_home_of_its_own():
    [user] = of("USER")
    added = [shlex.split(rest) for rest in of("RUN") if rest.startswith("useradd")]

    assert user.isdecimal()
    assert user != "0"
    assert [{"--no-create-home", user} <= set(words) for words in added] == [True]


def test_its_variables_are_settings():
    [variables] = [rest for rest in of("ENV") if "TALLY_" in rest]
    environment = dict(word.split("=", 1) for word in shlex.split(variables) if word.startswith("TALLY_"))

    assert len(environment) >= 4
    assert check_names(environment) == []
    assert from_environment(environment).port == int(of("EXPOSE")[0])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_compose_is_a_setting_with_a_value_that_is_valid(name):
    environment = {
        variable: SUBSTITUTED.sub(r"\1", text or "") for variable, text in OURS[name]["environment"].items()
    }

    assert check_names(environment) == []
    settings = from_environment(environment)
    assert settings.database_url == "postgresql://tallystick:tallystick@database/tallystick"


def test_compose_sets_no_variable_to_what_podman_compose_would_hand_over_as_it_stands():
    assert "${" in str(COMPOSE)
    assert re.findall(r"\$\{\w+:?-?\}", str(COMPOSE)) == []


@pytest.mark.parametrize("name", OURS)
def test_what_compose_runs_is_a_command_that_keeps_its_health_check_and_its_time_to_stop(name):
    service = OURS[name]
    settings = from_environment({})

    assert service["command"][0] in installed()
    assert "healthcheck" not in service
    assert int(service["stop_grace_period"].removesuffix("s")) > settings.stop_seconds + SECONDS_TO_LEAVE
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - where the image has the file of the worker
    assert service["mem_limit"]


def test_every_image_of_compose_says_where_it_is_from():
    images = {service["image"] for service in COMPOSE["services"].values()}

    assert {image.partition("/")[0] for image in images} == {"docker.io", "localhost"}
