"""What `deploy/container` holds, by the rules of those who read it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deployed import DEPLOY, ROOT, load

CONTAINERFILE = DEPLOY / "container/Containerfile"


def test_the_containerfile_passes_hadolint() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    run = subprocess.run([hadolint, CONTAINERFILE], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_image_promises_what_an_operator_needs() -> None:
    final = CONTAINERFILE.read_text().split("FROM ${BASE_IMAGE}")[1]
    for line in (
        "USER 65532:65532",
        "STOPSIGNAL SIGTERM",
        'VOLUME ["/var/lib/bigpanda-gateway"]',
        "EXPOSE 8080",
        'CMD ["/usr/local/bin/bigpanda-gateway", "healthcheck"]',
        'ENTRYPOINT ["/usr/local/bin/bigpanda-gateway"]',
    ):
        assert line in final, line


def test_the_image_installs_the_libraries_that_the_binary_needs(binary: str) -> None:
    release = Path("/etc/os-release").read_text()
    if "VERSION_CODENAME=bookworm" not in release:
        pytest.skip("the image is Debian 12, whose packages are called otherwise here")
    final = CONTAINERFILE.read_text().split("FROM ${BASE_IMAGE}")[1]
    packages = re.search(r"--no-install-recommends \\\n(.*?)&&", final, re.DOTALL)
    assert packages
    installed = set(packages[1].replace("\\", "").split()) - {"ca-certificates"}
    dynamic = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True).stdout
    needed = set()
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        owner = subprocess.run(["dpkg-query", "-S", f"*/{name}"], capture_output=True, text=True)
        assert owner.returncode == 0, name
        needed |= {line.split(":")[0] for line in owner.stdout.splitlines()}
    needed = {package for package in needed if not package.endswith("-dev")}
    # The base image has it.
    assert needed - {"libc6"} == installed


def compose() -> dict[str, Any]:
    return load(DEPLOY / "container/compose.yaml")


def test_the_composed_services_may_do_little() -> None:
    services = compose()["services"]
    assert set(services) == {"gateway", "postgres", "haproxy"}
    for name, service in services.items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service["image"].endswith(":latest"), name
        # By a name that any registry, or none, may have.
        assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[a-z-]+:[a-z0-9.-]+\}", service["image"]), name
        assert {"mem_limit", "pids_limit", "restart", "healthcheck"} <= service.keys(), name
    assert services["gateway"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    # Only who needs the database reaches it, and it reaches nobody.
    assert compose()["networks"]["back"]["internal"] is True
    assert services["postgres"]["networks"] == ["back"]
    assert "ports" not in services["postgres"] and "ports" not in services["gateway"]
    assert "back" not in services["haproxy"]["networks"]


def test_the_composed_services_fit_together() -> None:
    composed = compose()
    services = composed["services"]
    trusted = services["gateway"]["environment"]["GATEWAY_TRUSTED_PROXIES"]
    assert trusted == services["haproxy"]["networks"]["front"]["ipv4_address"]
    for name, service in services.items():
        assert set(service["secrets"]) <= set(composed["secrets"]), name
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], variable
            # No secret stands in the file itself.
            assert "PASSWORD" not in variable or variable.endswith("_FILE"), variable
    published = services["haproxy"]["ports"]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == ["443:8443"]
    haproxy = (DEPLOY / "container/haproxy.cfg").read_text()
    # HAProxy looks for as many gateways as there are, where they listen.
    replicas = services["gateway"]["deploy"]["replicas"]
    assert replicas == 2
    for template, port in (("gateway", 8080), ("admin", 8081)):
        assert f"server-template {template} {replicas} gateway:{port} " in haproxy


def test_every_setting_is_one_that_there_is() -> None:
    known = set(re.findall(r"`(GATEWAY_[A-Z_]+)`", (ROOT / "docs/configuration.md").read_text()))
    used = set()
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            used |= set(re.findall(r"GATEWAY_[A-Z_]+", path.read_text()))
    used = {name.removesuffix("_FILE") for name in used} - {"GATEWAY_IMAGE"}
    assert len(used) > 5 and used <= known, used - known
