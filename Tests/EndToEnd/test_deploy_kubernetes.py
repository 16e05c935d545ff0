"""What `deploy/kubernetes` holds: fit for a cluster, and for the gateway."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from deployed import DEPLOY, load
from gateway import Gateway
from postgres import Database

KUBERNETES = DEPLOY / "kubernetes"
COMMON, SINGLE, REPLICAS = (KUBERNETES / name for name in ("common", "single", "replicas"))
MANIFESTS = sorted(KUBERNETES.rglob("*.yaml"))
# The oldest and the newest that is still maintained somewhere.
KUBERNETES_VERSIONS = ("1.31", "1.34")
# What runs the pods, by what they keep their alerts in.
WORKLOADS = {SINGLE: "StatefulSet", REPLICAS: "Deployment"}
each_variant = pytest.mark.parametrize("variant", WORKLOADS, ids=lambda path: path.name)


def manifest(kind: str, variant: Path = COMMON) -> dict[str, Any]:
    found = [item for item in map(load, sorted(variant.glob("*.yaml"))) if item["kind"] == kind]
    assert len(found) == 1, kind
    return found[0]


def workload(variant: Path) -> dict[str, Any]:
    return manifest(WORKLOADS[variant], variant)


def pod(variant: Path) -> dict[str, Any]:
    return workload(variant)["spec"]["template"]["spec"]


def container(variant: Path) -> dict[str, Any]:
    (only,) = pod(variant)["containers"]
    return only


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_manifests_fit_the_schemas(version: str) -> None:
    for path in MANIFESTS:
        document = load(path)
        if document["kind"] != "Kustomization":
            kubernetes_validate.validate(document, version, strict=True)


def test_each_kustomization_names_every_manifest() -> None:
    for directory in (COMMON, SINGLE, REPLICAS):
        others = {path.name for path in directory.glob("*.yaml")} - {"kustomization.yaml"}
        named = set(manifest("Kustomization", directory)["resources"])
        assert named == others | ({"../common"} if directory != COMMON else set())


@each_variant
def test_the_kustomization_and_the_pod_meet(variant: Path) -> None:
    kustomization = manifest("Kustomization", variant)
    (generator,) = kustomization["secretGenerator"]
    secrets = [volume for volume in pod(variant)["volumes"] if "secret" in volume]
    assert [volume["secret"]["secretName"] for volume in secrets] == [generator["name"]]
    (image,) = kustomization["images"]
    assert image["name"] == container(variant)["image"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", image["newTag"])
    # Every file that the gateway is told to read is one of the secret's, and the other way round.
    (mount,) = [
        item for item in container(variant)["volumeMounts"] if item["name"] == secrets[0]["name"]
    ]
    read = {item["value"] for item in container(variant)["env"] if item["name"].endswith("_FILE")}
    assert read == {f"{mount['mountPath']}/{Path(name).name}" for name in generator["files"]}


@each_variant
def test_the_pod_keeps_to_the_restricted_profile(variant: Path) -> None:
    """Source: Kubernetes, Pod Security Standards."""
    labels = manifest("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    spec = pod(variant)
    context = spec["securityContext"]
    assert context["runAsNonRoot"] is True and context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    for word in ("hostNetwork", "hostPID", "hostIPC", "initContainers"):
        assert word not in spec
    assert {kind for volume in spec["volumes"] for kind in volume} == {"name", "secret"}
    assert container(variant)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False


@each_variant
def test_the_pod_is_watched_and_bounded(variant: Path) -> None:
    only = container(variant)
    paths = {
        name: only[name]["httpGet"]["path"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    # A store that fails is no reason to restart: the gateway comes back by itself.
    assert paths["livenessProbe"] == "/healthz"
    assert paths["readinessProbe"] == paths["startupProbe"] == "/readyz"
    assert {"cpu", "memory"} <= only["resources"]["requests"].keys()
    assert "memory" in only["resources"]["limits"]
    # The gateway ends within 10 s of the signal, which comes after the hook.
    hook = only.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert pod(variant)["terminationGracePeriodSeconds"] > hook + 10


def test_one_replica_owns_its_store() -> None:
    assert workload(SINGLE)["spec"]["replicas"] == 1


def test_replicas_are_replaced_and_moved_without_a_gap() -> None:
    deployment = workload(REPLICAS)["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
    }
    # Longer than the readiness probe and a proxy take to notice.
    pause = container(REPLICAS)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause > container(REPLICAS)["readinessProbe"]["periodSeconds"]
    labels = deployment["template"]["metadata"]["labels"]
    spread = deployment["template"]["spec"]["topologySpreadConstraints"]
    assert {rule["topologyKey"] for rule in spread} == {
        "kubernetes.io/hostname", "topology.kubernetes.io/zone",
    }  # fmt: skip
    assert all(rule["labelSelector"]["matchLabels"] == labels for rule in spread)
    budget = manifest("PodDisruptionBudget", REPLICAS)["spec"]
    assert budget["maxUnavailable"] == 1 and budget["selector"]["matchLabels"] == labels
    scaler = manifest("HorizontalPodAutoscaler", REPLICAS)["spec"]
    target = workload(REPLICAS)
    assert scaler["scaleTargetRef"] == {
        "apiVersion": target["apiVersion"],
        "kind": target["kind"],
        "name": target["metadata"]["name"],
    }
    assert scaler["minReplicas"] == deployment["replicas"] < scaler["maxReplicas"]
    policy = manifest("NetworkPolicy", REPLICAS)["spec"]
    assert policy["podSelector"]["matchLabels"] == labels
    assert policy["policyTypes"] == ["Egress"]
    assert [port["port"] for rule in policy["egress"] for port in rule["ports"]] == [5432]


@each_variant
def test_ports_and_labels_meet(variant: Path) -> None:
    names = {port["name"] for port in container(variant)["ports"]}
    labels = workload(variant)["spec"]["template"]["metadata"]["labels"]
    assert workload(variant)["spec"]["selector"]["matchLabels"] == labels
    service = manifest("Service")["spec"]
    assert service["selector"] == labels
    assert {port["targetPort"] for port in service["ports"]} <= names
    policy = manifest("NetworkPolicy")["spec"]
    assert policy["podSelector"]["matchLabels"] == labels
    assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} == names
    (rule,) = manifest("Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["path"] == "/webhooks/"
    assert path["backend"]["service"]["name"] == manifest("Service")["metadata"]["name"]


@each_variant
def test_the_gateway_takes_the_settings_of_the_manifest(
    variant: Path, start_gateway: Callable[..., Gateway], database: Database, tmp_path: Path
) -> None:
    """With files as a cluster mounts them: readable to the group, and for the gateway only."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (generator,) = manifest("Kustomization", variant)["secretGenerator"]
    for name in map(Path, generator["files"]):
        (secrets / name.name).write_text(made(name.name, database) + "\n")
        (secrets / name.name).chmod(0o440)
    settings = {entry["name"]: entry["value"] for entry in container(variant)["env"]}
    for name in ("GATEWAY_LISTEN", "GATEWAY_ADMIN_LISTEN"):
        del settings[name]
    if variant == SINGLE:
        del settings["GATEWAY_STORE"]
    for name, value in settings.items():
        settings[name] = value.replace("/run/secrets/bigpanda-gateway", str(secrets))
    gateway = start_gateway(**settings)
    gateway.secrets |= database.secrets
    assert gateway.items("/v1/alerts") == []
    for name in ("admin-token", "master.key"):
        assert not (gateway.data / name).exists()
    assert (gateway.data / "gateway.db").exists() == (variant == SINGLE)


def made(name: str, database: Database) -> str:
    """As the handbook has somebody make the file."""
    if name == "store":
        return database.address()
    words = {"admin-token": ["-hex", "32"], "master.key": ["-base64", "32"]}[name]
    command = ["openssl", "rand", *words]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
