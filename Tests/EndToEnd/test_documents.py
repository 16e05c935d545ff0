"""Every command in the documents is one that the program has."""

import re
import shlex
from pathlib import Path

import pytest

import runbook


@pytest.fixture(scope="module")
def program(binary: str) -> runbook.Command:
    return runbook.program(binary)


def complaint(program: runbook.Command, line: str) -> str | None:
    # What the shell takes for itself: where input comes from, and what comes after.
    words = shlex.split(re.split(r"[<>|;]|&&", line)[0])
    return program.complaint(words)


@pytest.mark.parametrize("document", runbook.DOCUMENTS, ids=lambda path: path.name)
def test_every_command_is_one_that_there_is(program: runbook.Command, document: Path) -> None:
    for line in runbook.mentions(document, program):
        assert complaint(program, line) is None, line


def test_commands_are_found_and_read(program: runbook.Command) -> None:
    found = [line for path in runbook.DOCUMENTS for line in runbook.mentions(path, program)]
    for command in ("backup", "restore", "migrate", "key rotate", "key reseal", "token rotate"):
        assert any(line.startswith(command) for line in found), command
    for line, words in (
        ("key turn", "no such command"),
        ("", "no such command"),
        ("backup --to x y", "no such option"),
        ("backup x y", "too many"),
        ("migrate --to-file", "wants a value"),
        ("alert list --limit --json", "wants a value"),
    ):
        assert words in (complaint(program, line) or ""), line
