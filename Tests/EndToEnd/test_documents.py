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


def rows(text: str) -> list[list[str]]:
    """The cells of each row of a document's tables, but for their heads."""
    lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [re.split(r" \| ", line) for line in lines if not line.startswith("attack |")]


def names_of_tests() -> set[str]:
    """Functions, suites and files by which something is tested."""
    root = runbook.ROOT / "Tests"
    found = {"Tests/Fuzzing", ".ci/check-binary"}
    for path in root.glob("EndToEnd/test_*.py"):
        found |= set(re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE))
    for path in root.glob("*Tests/*.swift"):
        found |= set(re.findall(r"\bstruct (\w+Tests)\b", path.read_text()))
    return found


def test_every_defence_is_held_by_tests_that_there_are() -> None:
    threats = rows((runbook.ROOT / "docs/threat-model.md").read_text())
    known = names_of_tests()
    assert len(threats) > 40 and len(known) > 300
    for attack, defence, held_by in threats:
        named = re.findall(r"`([^`]+)`", held_by)
        assert attack and defence and named, attack
        assert set(named) <= known, (attack, set(named) - known)
    assert all((runbook.ROOT / path).exists() for path in ("Tests/Fuzzing", ".ci/check-binary"))


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*runbook.DOCUMENTS, runbook.ROOT / "SECURITY.md", runbook.ROOT / "CONTRIBUTING.md"]
    for document in documents:
        for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (document.parent / path) if path else document
            assert target.exists(), (document.name, link)
            if anchor and target.suffix == ".md":
                titles = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
                titles = [re.sub(r"[^\w -]", "", title).lower() for title in titles]
                known = [title.replace(" ", "-") for title in titles]
                assert anchor in known, (document.name, link)
