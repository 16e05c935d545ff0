"""What `deploy/kubernetes` holds: fit for a cluster, and for the gateway."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from deployed import DEPLOY, load

MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
# The oldest and the newest that is still maintained somewhere.
KUBERNETES_VERSIONS = ("1.31", "1.34")


def manifest(kind: str) -> dict[str, Any]:
    found = [document for document in map(load, MANIFESTS) if document["kind"] == kind]
    assert len(found) == 1, kind
    return found[0]


def pod() -> dict[str, Any]:
    return manifest("StatefulSet")["spec"]["template"]["spec"]


def container() -> dict[str, Any]:
    (only,) = pod()["containers"]
    return only


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_the_manifests_fit_the_schemas(version: str) -> None:
    for path in MANIFESTS:
        document = load(path)
        if document["kind"] != "Kustomization":
            kubernetes_validate.validate(document, version, strict=True)


def test_the_kustomization_names_every_manifest() -> None:
    kustomization = manifest("Kustomization")
    others = {path.name for path in MANIFESTS} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == others
    secrets = pod()["volumes"][0]["secret"]["secretName"]
    assert [secret["name"] for secret in kustomization["secretGenerator"]] == [secrets]
    (image,) = kustomization["images"]
    assert image["name"] == container()["image"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", image["newTag"])


def test_the_pod_keeps_to_the_restricted_profile() -> None:
    """Source: Kubernetes, Pod Security Standards."""
    labels = manifest("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    context = pod()["securityContext"]
    assert context["runAsNonRoot"] is True and context["runAsUser"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    for word in ("hostNetwork", "hostPID", "hostIPC", "initContainers"):
        assert word not in pod()
    assert {kind for volume in pod()["volumes"] for kind in volume} == {"name", "secret"}
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False


def test_the_pod_is_watched_and_bounded() -> None:
    paths = {
        name: container()[name]["httpGet"]["path"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    # A store that fails is no reason to restart: the gateway comes back by itself.
    assert paths["livenessProbe"] == "/healthz"
    assert paths["readinessProbe"] == paths["startupProbe"] == "/readyz"
    assert {"cpu", "memory"} <= container()["resources"]["requests"].keys()
    assert "memory" in container()["resources"]["limits"]
    assert pod()["terminationGracePeriodSeconds"] > 10
    assert manifest("StatefulSet")["spec"]["replicas"] == 1


def test_ports_and_labels_meet() -> None:
    names = {port["name"] for port in container()["ports"]}
    labels = manifest("StatefulSet")["spec"]["template"]["metadata"]["labels"]
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


def test_the_gateway_takes_the_settings_of_the_manifest(
    start_gateway: Callable[..., Any], tmp_path: Path
) -> None:
    """With files as a cluster mounts them: readable to the group, and for the gateway only."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name, words in (("admin-token", ["-hex", "32"]), ("master.key", ["-base64", "32"])):
        made = subprocess.run(["openssl", "rand", *words], capture_output=True, check=True)
        (secrets / name).write_bytes(made.stdout)
        (secrets / name).chmod(0o440)
    settings = {entry["name"]: entry["value"] for entry in container()["env"]}
    for name in ("GATEWAY_LISTEN", "GATEWAY_ADMIN_LISTEN", "GATEWAY_STORE"):
        del settings[name]
    for name, value in settings.items():
        settings[name] = value.replace("/run/secrets/bigpanda-gateway", str(secrets))
    gateway = start_gateway(**settings)
    assert gateway.items("/v1/alerts") == []
    assert not (gateway.data / "admin-token").exists()
    assert not (gateway.data / "master.key").exists()
