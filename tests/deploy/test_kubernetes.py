"""The manifests of docs/deploy/kubernetes and the Helm chart, against the schemas of Kubernetes."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml

from broker.settings.from_environment import from_environment
from broker.settings.names import check_names

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
FOLDER = DEPLOY / "kubernetes"
CHART = DEPLOY / "helm/tallystick"
RELEASES = ("1.27", "1.37")
MANIFESTS = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
WITH_PODS = ("broker.yaml", "worker.yaml", "migrate.yaml")


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def pod_of(manifest):
    return manifest["spec"]["template"]["spec"]


def environment_of(manifest):
    """Return the variables of the container, with those of the example of the secret."""
    (container,) = pod_of(manifest)["containers"]
    assert container["envFrom"] == [{"secretRef": {"name": "tallystick"}}]
    secret = read(FOLDER / "secret.example.yaml")["stringData"]
    return secret | {variable["name"]: variable["value"] for variable in container["env"]}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kubernetes_knows_every_field_of_a_manifest(path, release):
    kubernetes_validate.validate(read(path), release, strict=True)


def test_a_misspelt_field_would_be_found():
    manifest = read(FOLDER / "broker.yaml")
    manifest["spec"]["template"]["spec"]["enableServiceLink"] = False

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, RELEASES[0], strict=True)


@pytest.mark.parametrize("name", WITH_PODS)
def test_the_variables_of_a_pod_are_settings(name):
    environment = environment_of(read(FOLDER / name))

    assert check_names(environment) == []
    assert from_environment(environment).database_url.startswith("postgresql://")


@pytest.mark.parametrize("name", WITH_PODS)
def test_a_pod_has_no_more_rights_than_it_needs(name):
    pod = pod_of(read(FOLDER / name))
    (container,) = pod["containers"]

    assert pod["enableServiceLinks"] is pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]  # noqa: S108 - of the pod
    assert container["resources"]["limits"]["memory"]


def test_a_pod_has_the_time_that_the_broker_may_take_to_stop():
    manifest = read(FOLDER / "broker.yaml")
    settings = from_environment(environment_of(manifest))

    assert settings.stop_delay_seconds > 0
    assert pod_of(manifest)["terminationGracePeriodSeconds"] > (
        settings.stop_delay_seconds + settings.stop_seconds + 5
    )


@pytest.mark.parametrize(
    ("name", "setting"), [("broker.yaml", "port"), ("worker.yaml", "worker_health_port")]
)
def test_probes_ask_where_the_broker_answers_them(name, setting):
    manifest = read(FOLDER / name)
    (container,) = pod_of(manifest)["containers"]
    probes = {kind: probe["httpGet"] for kind, probe in container.items() if kind.endswith("Probe")}
    (port,) = container["ports"]

    assert port["containerPort"] == getattr(from_environment(environment_of(manifest)), setting)
    assert {get["port"] for get in probes.values()} == {port["name"]}
    assert probes["livenessProbe"]["path"] == "/health/live"
    assert probes["readinessProbe"]["path"] == "/health/ready"


def test_the_brokers_can_be_reached_and_one_stays():
    labels = read(FOLDER / "broker.yaml")["spec"]["template"]["metadata"]["labels"]
    service, disruption = read(FOLDER / "service.yaml"), read(FOLDER / "disruption.yaml")

    assert service["spec"]["selector"] == disruption["spec"]["selector"]["matchLabels"] == labels
    assert read(FOLDER / "broker.yaml")["spec"]["replicas"] > disruption["spec"]["minAvailable"]


def test_everything_that_is_no_example_and_no_job_is_applied_together():
    together = set(read(FOLDER / "kustomization.yaml")["resources"])

    apart = {path.name for path in MANIFESTS if "example" in path.name} | {"migrate.yaml"}
    assert together == {path.name for path in MANIFESTS} - apart


def test_the_values_of_the_chart_keep_to_its_schema():
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(read(CHART / "values.yaml"), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"broker": {"replica": 3}}, schema)


def test_every_value_of_the_chart_is_in_its_schema_and_used():
    values = read(CHART / "values.yaml")
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))["properties"]
    templates = "".join(path.read_text(encoding="utf-8") for path in (CHART / "templates").iterdir())

    assert set(schema) - set(values) == {"global"}  # Helm adds it
    groups = {name for name in values if schema[name].get("additionalProperties") is False}
    assert all(set(schema[name]["properties"]) == set(values[name]) for name in groups)
    named = {f"{name}.{part}" for name in groups for part in values[name]} | set(values) - groups
    assert named - set(re.findall(r"\.Values\.(\w+(?:\.\w+)?)", templates)) - {"secrets"} == set()
    assert ".Values.secrets }}" in templates


@pytest.mark.skipif(
    shutil.which("helm") is None, reason="helm was not found: https://helm.sh/docs/intro/install"
)
@pytest.mark.parametrize("release", RELEASES)
def test_what_helm_makes_of_the_chart_is_known_to_kubernetes(release):
    made = subprocess.run(
        ["helm", "template", "demo", CHART, "--set", "existingSecret=mine", "--set", "ingress.enabled=true"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    manifests = [manifest for manifest in yaml.safe_load_all(made.stdout) if manifest]
    assert {manifest["kind"] for manifest in manifests} == {
        "Deployment",
        "Ingress",
        "Job",
        "PodDisruptionBudget",
        "Service",
    }
    for manifest in manifests:
        kubernetes_validate.validate(manifest, release, strict=True)
