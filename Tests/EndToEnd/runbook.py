"""What the documents tell somebody to type."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = ROOT / "docs/operations.md"
PROGRAM = "bigpanda-gateway"

# The program with words behind it, where a command begins or in a container.
NAMED = re.compile(rf"(?:^|^\.build/release/|/usr/local/bin/){PROGRAM} (.+)")

# More words than one, and none left out.
WORDS = re.compile(r"^\S+ [^…]+$")

# A fence and what stands in it.
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(heading: str) -> list[str]:
    """The commands in the shell blocks below a heading of the operations handbook, one an item."""
    text = OPERATIONS.read_text()
    (section,) = re.findall(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return [line for kind, body in BLOCK.findall(section) if kind == "sh" for line in lines(body)]


def addition_to_unit() -> str:
    """What the handbook has somebody write by `systemctl edit`."""
    (body,) = [body for kind, body in BLOCK.findall(OPERATIONS.read_text()) if kind == "ini"]
    return body


def lines(block: str) -> list[str]:
    """The commands of a block, without what is only said about them."""
    joined = block.replace("\\\n", " ")
    found = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in found if line]


@dataclass
class Command:
    """A command that the program has, as it tells of itself."""

    # By their spelling; whether a value follows.
    options: dict[str, bool] = field(default_factory=dict)
    # Arguments without a name; as many as there may be.
    arguments_max: int = 0
    commands: dict[str, "Command"] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Its own, which is none, and those of all commands below it."""
        below = self.commands.items()
        return [""] + [f"{name} {it}".rstrip() for name, c in below for it in c.names()]

    def complaint(self, words: list[str]) -> str | None:
        """What is wrong with the words behind its name."""
        if self.commands:
            if not words or words[0] not in self.commands:
                return f"no such command: {words[:1]}"
            return self.commands[words[0]].complaint(words[1:])
        arguments = 0
        rest = iter(words)
        for word in rest:
            name, has_value, _ = word.partition("=")
            if not word.startswith("-"):
                arguments += 1
            elif name not in self.options:
                return f"no such option: {name}"
            elif self.options[name] and not has_value and next(rest, "-").startswith("-"):
                return f"{name} wants a value"
        return "too many words" if arguments > self.arguments_max else None


def mentions(document: Path, program: Command) -> list[str]:
    """What a document tells of the program's commands, without the program's name: in shell
    blocks, and within the text, where the name may be left out before two words or more."""
    text = document.read_text()
    blocks = [body for kind, body in BLOCK.findall(text) if kind == "sh"]
    typed = [line for body in blocks for line in lines(body)]
    spans = [re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text))]
    found = [NAMED.search(line) for line in typed + spans]
    short = [it for it in spans if it.split(" ")[0] in program.commands and WORDS.search(it)]
    return [match[1] for match in found if match] + short


def told(binary: str) -> str:
    """What the program tells of all its commands, as JSON."""
    return subprocess.check_output([binary, "--experimental-dump-help"], text=True, timeout=30)


def program(binary: str) -> Command:
    return read(json.loads(told(binary))["command"])


def read(told: dict[str, Any]) -> Command:
    command = Command()
    for argument in told.get("arguments", []):
        if argument["kind"] == "positional":
            command.arguments_max += 99 if argument["isRepeating"] else 1
        for name in argument.get("names", []):
            dashes = "-" if name["kind"] == "short" else "--"
            command.options[dashes + name["name"]] = argument["kind"] == "option"
    for item in told.get("subcommands", []):
        if item["commandName"] != "help":
            command.commands[item["commandName"]] = read(item)
    return command
