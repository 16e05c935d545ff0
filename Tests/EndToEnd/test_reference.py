"""What is written from the program is as the program tells it now; `make reference` mends it."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate

import reference
import runbook
from blocks import ROOT
from gateway import Gateway
from http_client import request
from openapi import Document
from test_roles import RANKS

# A code in the sources: the first string behind what makes a problem of it.
MAKES_PROBLEM = re.compile(
    r'(?:APIProblem\(|retryable\(|\bproblem\(|\bcode: )[^"(){}]{0,80}"([a-z]+(?:_[a-z]+)*)"'
)
# What an enumeration calls itself in answers.
NAMES_ITSELF = re.compile(
    r"var (?:code|reason|refusalCode): String \{.*?\}$", re.MULTILINE | re.DOTALL
)
# The code of a missing role.
BY_ROLE = r'"\(rawValue)_required"'

FLAG = re.compile(r"`(--[a-z-]+)`")
ROUTE = re.compile(r'"(/[^"\s]+)"')
WORD = re.compile(r'"([a-z]+(?:_[a-z]+)+)"')
SOURCES = ("HTTPServer", "GatewayApp", "Alerts", "BigPanda")


@pytest.fixture(scope="module")
def document(binary: str) -> dict[str, Any]:
    return json.loads(reference.told(binary, "openapi"))


def test_pages_are_as_the_program_tells(binary: str) -> None:
    for path, text in reference.pages(binary).items():
        name = path.relative_to(ROOT)
        assert path.read_text() == text, f"{name} is behind the program; run: make reference"


def test_a_changed_table_is_noticed(binary: str) -> None:
    table = reference.told(binary, "config", "reference")
    text = reference.SETTINGS.read_text()
    assert reference.with_settings(text, table.replace("`90`", "`91`")) != text
    assert reference.with_settings(text + "more\n", table) == text + "more\n"


def test_the_document_that_is_printed_is_served(
    gateway: Gateway, document: dict[str, Any]
) -> None:
    assert request(gateway.address, "GET", "/openapi.json").json() == document


def test_flags_of_settings_are_those_of_serve(binary: str) -> None:
    table = reference.told(binary, "config", "reference")
    told = {flag for line in table.splitlines()[2:] for flag in FLAG.findall(line.split("|")[2])}
    of_every_command = {"--help", "-h", "--version"}
    assert told == set(runbook.program(binary).commands["serve"].options) - of_every_command


def codes_in_sources() -> dict[str, str]:
    """Each code with a file that makes it."""
    found: dict[str, str] = {}
    for target in SOURCES:
        for path in (ROOT / "Sources" / target).rglob("*.swift"):
            # The document itself, and what stands in a status.
            if not {"OpenAPI", "Status"} & set(path.parts):
                found |= dict.fromkeys(codes_in(path.read_text()), path.name)
    return found


def codes_in(source: str) -> set[str]:
    codes = set(MAKES_PROBLEM.findall(source))
    codes.update(it for part in NAMES_ITSELF.findall(source) for it in WORD.findall(part))
    if BY_ROLE in source:
        codes.update(f"{role}_required" for role in RANKS[1:])
    return codes


def codes_in_document(document: dict[str, Any]) -> set[str]:
    told = {
        code
        for methods in document["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
        for code in reference.codes(answer, document)
    }
    return told | set(re.findall(r"\d{3} `([a-z_]+)`", document["info"]["description"]))


def test_codes_of_errors_are_those_of_the_sources(document: dict[str, Any]) -> None:
    made, told = codes_in_sources(), codes_in_document(document)
    assert len(told) > 50
    untold = {code: name for code, name in made.items() if code not in told}
    assert not untold, "not in the OpenAPI document"
    assert not told - set(made), "told, and made nowhere"


def test_codes_of_a_file_are_told_by_the_operations_that_it_serves(
    document: dict[str, Any]
) -> None:
    seen, by_path = 0, {}
    for path, methods in document["paths"].items():
        answers = [it for operation in methods.values() for it in operation["responses"].values()]
        by_path[path] = set().union(*(reference.codes(it, document) for it in answers))
    for file in (ROOT / "Sources/GatewayApp").rglob("*.swift"):
        text = file.read_text()
        paths = set(ROUTE.findall(text)) & set(by_path)
        if paths and "OpenAPI" not in file.parts:
            seen += 1
            told = set().union(*(by_path[path] for path in paths))
            assert codes_in(text) <= told, (file.name, codes_in(text) - told)
    assert seen > 12


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_examples_are_what_their_schemas_allow(document: dict[str, Any]) -> None:
    checker, count = Document(document), 0
    for method, path, operation in checker.operations():
        wish = operation.get("requestBody")
        for holder in ([wish] if wish else []) + list(operation["responses"].values()):
            for kind, content in holder.get("content", {}).items():
                where = f"the example of {method} {path} ({kind})"
                # That of this document is only its outline.
                is_open = holder is wish or path == "/openapi.json"
                validate_it = checker.validate_wish if is_open else checker.validate
                validate_it(content["example"], content["schema"], where)
                count += 1
    assert count > 300
