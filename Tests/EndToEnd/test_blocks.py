"""What the documents tell somebody to type is typed here, or it is said why not."""

import configparser
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

import runbook
from blocks import ROOT, Block, all_blocks
from gateway import Gateway
from http_client import request
from postgres import Database
from processes import environment
from waiting import eventually
from walk import LISTENERS, Person

QUICK_START, SET_UP = "docs/quick-start.md", "docs/set-up-in-bigpanda.md"
TROUBLE, OPERATIONS = "docs/troubleshooting.md", "docs/operations.md"

# Followed word by word in test_handbook.py, each heading by its name.
FOLLOWED = [
    "Backup",
    "Restore",
    "Change the master key",
    "Change the admin token",
    "From SQLite to PostgreSQL",
]
# Lines of a file with settings; a gateway is started with them.
SETTINGS = [
    (OPERATIONS, "Install on an edge site", 2),
    (OPERATIONS, "On PostgreSQL", 1),
]
# Typed by make in place of a person: that it has these targets is all there is to know here.
BY_MAKE = [
    ("README.md", "See it", 1),
    ("README.md", "Test it", 1),
    ("CONTRIBUTING.md", "Two commands", 1),
    ("docs/reliability.md", "Simulation", 1),
    ("docs/performance.md", "Measured by `make bench`", 1),
]
# Typed with something in place of the programs that a test can't have, and why it can't.
STOOD_IN = {
    ("README.md", "Run it", 1): "builds the program; the quick start serves with it",
    (OPERATIONS, "Install on an edge site", 1): "test_package.py installs, in a system of its own",
    (OPERATIONS, "Install on an edge site", 3): "sets what test_handbook.py goes on with",
    (OPERATIONS, "Container", 1): "needs a container engine; hadolint reads the file",
    (OPERATIONS, "Container", 2): "needs a container engine",
    (OPERATIONS, "Container", 3): "needs a container engine",
}
# Writes down how it was called.
STAND_IN = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "$*" in "compose ps --quiet gateway") printf 'one\\ntwo\\n' ;; esac
"""
REPLACE = ["docker stop --time 15 {}", "docker rm {}"]
REPLACE += ["docker compose up --detach --no-deps --no-recreate --wait gateway"]
# Typed on the way from the quick start on, in this order.
TYPED = [
    (SET_UP, "4. Connect the gateway", 1),
    (SET_UP, "5. Make the webhook here", 1),
    (SET_UP, "8. See that it works", 1),
    (SET_UP, "8. See that it works", 2),
    ("README.md", "Point a real BigPanda at it", 1),
    ("README.md", "Point a real BigPanda at it", 2),
    (TROUBLE, "Troubleshooting", 1),
    (TROUBLE, "No webhooks come", 1),
    (TROUBLE, "Webhooks are refused", 1),
    (TROUBLE, "An alert stays firing", 1),
    (TROUBLE, "An incident stays open", 1),
    (TROUBLE, "BigPanda refuses the key", 1),
    (TROUBLE, "BigPanda refuses the key", 2),
    ("docs/runbook.md", "Runbook", 1),
    (OPERATIONS, "Install on an edge site", 4),
    (OPERATIONS, "Give people and programs their own tokens", 1),
    (OPERATIONS, "Change a webhook's secret", 1),
    (OPERATIONS, "When an API key ends", 1),
    (OPERATIONS, "Watch it", 3),
    (OPERATIONS, "Watch it", 4),
    # Nobody takes what is posted there: the name means nothing here.
    (OPERATIONS, "Tell paging and chat tools", 1),
]
# Typed too, and prints nothing: it writes the rules.
RULES = (OPERATIONS, "Watch it", 2)

Place = tuple[str, str, int]
BLOCKS: dict[Place, Block] = {(it.document, it.heading, it.number): it for it in all_blocks()}
SHELL = {place: block for place, block in BLOCKS.items() if block.kind in ("sh", "console")}


@pytest.fixture
def person(binary: str, tmp_path: Path) -> Iterator[Person]:
    person = Person(binary, tmp_path)
    yield person
    for process in person.processes.values():
        assert process.stop() == 0, process.said()


def test_the_quick_start_and_what_is_typed_after_it(person: Person) -> None:
    steps = [block for place, block in SHELL.items() if place[0] == QUICK_START]
    assert "".join(step.heading[0] for step in steps) == "12344566"
    *_, incident, resolve = [person.type(step) for step in steps[:-1]]
    assert "firing" in incident and "Disk full on db-prod-1" in incident
    assert person.ids["cls"] in resolve
    eventually(lambda: "confirmed" in person.command("close list"), "the close is through")
    said = person.type(steps[-1])
    assert '"closes_accepted":1' in said and "resolved" in said and "FAIL" not in said

    # For what the documents say of `key.txt`; the stub stands for BigPanda's regions.
    (person.directory / "key.txt").write_text("BPU-stub-key\n")
    person.words["--region us"] = "--base-url http://" + person.words[LISTENERS["stub"]]
    have_something_to_find(person)
    for place in TYPED:
        said = person.type(SHELL[place])
        assert said.strip() and "FAIL" not in said, (place, said)
    assert "int_" in person.command("integration list")

    # Where the package puts its files, and where Prometheus looks for them.
    person.words["/usr/share/bigpanda-gateway"] = str(ROOT / "deploy")
    person.words["/etc/prometheus/rules"] = str(person.directory)
    person.type(SHELL[RULES])
    rules = (person.directory / "bigpanda-gateway.yaml").read_text()
    assert "https://wiki.example.com/bigpanda-gateway/runbook#gatewaydown" in rules


def have_something_to_find(person: Person) -> None:
    """An alert that fires, and a webhook that was refused; and the stub keeps up with typing."""
    stub, gateway = (person.address(name) for name in ("stub", "serve"))
    assert request(stub, "PUT", "/_stub/settings", json={"rate_per_second": 0}).status == 200
    wish = {"title": "Another"}
    assert request(stub, "POST", "/_stub/incidents", json=wish).status == 201
    path = urlsplit(person.words["CALLBACK_URL"]).path
    assert request(gateway, "POST", path, json={}, token="wrong").status == 401
    listed = ("alert list --status firing", "delivery list --outcome refused")
    for command in listed:
        eventually(lambda: "_" in person.command(command), command)


def test_settings_are_taken(start_gateway: Callable[..., Gateway], database: Database) -> None:
    settings: dict[str, str] = {}
    for place in SETTINGS:
        for line in SHELL[place].text.splitlines():
            name, _, value = line.partition("=")
            value, _, command = (part.strip() for part in value.partition(" # "))
            if value == "...":
                value = subprocess.check_output(command.split(), text=True).strip()
            settings[name] = value
    assert settings["GATEWAY_STORE"].startswith("postgres://gateway:PASSWORD@")
    gateway = start_gateway(**settings | {"GATEWAY_STORE": database.address()})
    gateway.secrets |= database.secrets
    assert gateway.get("/v1/about")["store"] == "postgresql"
    assert gateway.get("/v1/about")["public_url"] == settings["GATEWAY_PUBLIC_URL"]


@pytest.mark.parametrize("place", BY_MAKE, ids=str)
def test_make_knows_its_targets(place: Place) -> None:
    assert dry_run(SHELL[place].text)


def dry_run(text: str) -> str:
    """What would be done; every command has to be one of make's."""
    lines = runbook.lines(text)
    assert lines and all(re.match(r"([A-Z_]+=\S+ )*make [a-z]", line) for line in lines), lines
    return subprocess.check_output(
        ["bash", "-euc", text], cwd=ROOT, env=os.environ | {"MAKEFLAGS": "n"}, text=True
    )


@pytest.mark.parametrize("place", STOOD_IN, ids=str)
def test_what_needs_more_than_a_shell_is_typed_all_the_same(
    binary: str, tmp_path: Path, place: Place
) -> None:
    called = calls(SHELL[place].text, tmp_path)
    assert called or "export" in SHELL[place].text
    program = runbook.program(binary)
    for call in called:
        name, _, words = call.partition(" ")
        assert name != "make" or dry_run(call)
        assert name != runbook.PROGRAM or program.complaint(words.split()) is None, call
        for path in re.findall(r"(?:^|\s)(deploy/\S+)", words):
            assert (ROOT / path).exists(), path
    if place == (OPERATIONS, "Container", 3):
        begin = ["docker compose build gateway", "docker compose ps --quiet gateway"]
        each = [step.format(name) for name in ("one", "two") for step in REPLACE]
        assert called == begin + each
        services = yaml.safe_load((ROOT / "deploy/container/compose.yaml").read_text())["services"]
        assert "gateway" in services


def calls(text: str, directory: Path) -> list[str]:
    """What a block calls, where nothing is what it seems."""
    programs, written = directory / ".build/release", directory / "calls"
    programs.mkdir(parents=True)
    written.touch()
    for name in ("make", "apt-get", "systemctl", "podman", "docker", runbook.PROGRAM):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=directory, env=environment(directory, {"PATH": path, "CALLS": str(written)}),
        stdin=subprocess.DEVNULL, check=True, timeout=30,
    )  # fmt: skip
    return written.read_text().splitlines()


def held() -> dict[Place, str]:
    """How each block is held."""
    ways = {(OPERATIONS, it[1], it[2]): "followed" for it in SHELL if it[1] in FOLLOWED}
    ways |= {it: "typed" for it in SHELL if it[0] == QUICK_START}
    for way, places in (
        ("settings", SETTINGS), ("by make", BY_MAKE), ("stood in", STOOD_IN), ("typed", TYPED),
        ("typed", [RULES]),
    ):  # fmt: skip
        assert not set(ways) & set(places), way
        ways |= dict.fromkeys(places, way)
    return ways


def test_each_block_is_held_in_one_way() -> None:
    assert set(held()) == set(SHELL)
    test = (ROOT / "Tests/EndToEnd/test_handbook.py").read_text()
    for heading in FOLLOWED:
        assert f'operator.follow("{heading}")' in test, heading


PARSERS: dict[str, Callable[[str], Any]] = {
    "json": json.loads,
    "yaml": yaml.safe_load,
    "ini": lambda text: configparser.ConfigParser(interpolation=None).read_string(text),
    # Pictures.
    "text": str,
    "python": lambda text: compile(text, "a block", "exec"),
}


def test_what_is_no_command_can_be_parsed() -> None:
    others = [block for place, block in BLOCKS.items() if place not in SHELL]
    assert {block.kind for block in others} == set(PARSERS)
    for block in others:
        PARSERS[block.kind](block.text)
