"""Pages of the documents that are written from what the program tells of itself.

`python3 Tests/EndToEnd/reference.py BINARY` (or `make reference`) writes them anew.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "docs/configuration.md"
API = ROOT / "docs/api-reference.md"
BEGIN = "<!-- Written by `make reference`: the table up to the next such line. -->\n"
END = "<!-- Up to here. -->\n"

HEAD = """# API reference

<!-- Written by `make reference` from what `bigpanda-gateway openapi` prints. -->

Each operation with the role that it needs, and the codes of its errors by status.
[api.md](api.md) tells what they do; `/openapi.json` has parameters, schemas and examples too.
"""
WEBHOOK_SECRET = "the source's secret"


def told(binary: str, *words: str) -> str:
    return subprocess.check_output([binary, *words], text=True, timeout=30)


def with_settings(text: str, table: str) -> str:
    """The page of settings with the table in its place."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, f"{SETTINGS} has no place for the table"
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def api_page(document: dict[str, Any]) -> str:
    """A table for each tag, in the order of the document."""
    page, shared = HEAD, most(document)
    for tag in document["tags"]:
        page += f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n\n"
        page += "| request | needs | what it does | errors |\n|---|---|---|---|\n"
        for path, methods in document["paths"].items():
            rows: dict[str, list[str]] = {}
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    rest = row(operation, document, shared)
                    rows.setdefault(rest, []).append(method.upper())
            page += "".join(f"| `{', '.join(it)} {path}` | {rest}" for rest, it in rows.items())
    return page + general(document, shared)


def most(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The errors that at least a third of all operations may answer, by status and code."""
    operations = [it for methods in document["paths"].values() for it in methods.values()]
    counts = Counter(
        (status, code)
        for operation in operations
        for status, answer in operation["responses"].items()
        for code in codes(answer, document, is_whole=False)
    )
    return {error for error, count in counts.items() if 3 * count >= len(operations)}


def general(document: dict[str, Any], shared: set[tuple[str, str]]) -> str:
    faults = document["components"]["schemas"]["RequestFault"]["enum"]
    return (
        f"\n## Everywhere\n\n{document['info']['description']}\n\n"
        "Left out of the tables, as most operations may answer them (`/openapi.json` says which): "
        + listed(shared)
        + ".\n\n`RequestFault`, for what is no proper HTTP/1.1: "
        + ", ".join(f"`{code}`" for code in faults)
        + ".\n"
    )


def listed(errors: set[tuple[str, str]]) -> str:
    by_status: dict[str, list[str]] = {}
    for status, code in sorted(errors):
        by_status.setdefault(status, []).append(f"`{code}`")
    return "; ".join(f"{status} {', '.join(it)}" for status, it in by_status.items())


def row(operation: dict[str, Any], document: dict[str, Any], shared: set[tuple[str, str]]) -> str:
    errors = {
        (status, code)
        for status, answer in operation["responses"].items()
        for code in codes(answer, document, is_whole=False)
    }
    return f"{who(operation)} | {operation['summary']} | {listed(errors - shared)} |\n"


def who(operation: dict[str, Any]) -> str:
    """The role that an operation needs, in a word."""
    schemes = operation["security"]
    if not schemes:
        return "nothing"
    if "webhookSecret" in schemes[0]:
        return WEBHOOK_SECRET
    (role,) = {role for scheme in schemes for roles in scheme.values() for role in roles}
    return role


def codes(answer: dict[str, Any], document: dict[str, Any], *, is_whole: bool = True) -> set[str]:
    """The codes that an answer may have; with `is_whole`, those of schemas it names, too."""
    content = answer.get("content", {}).get("application/problem+json")
    if content is None:
        return set()
    (own,) = [part["properties"] for part in content["schema"]["allOf"] if "properties" in part]
    found: set[str] = set()
    waiting = [own["code"]]
    while waiting:
        schema = waiting.pop()
        found.update(schema.get("enum", []))
        waiting += schema.get("anyOf", [])
        if "$ref" in schema and is_whole:
            waiting.append(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return found


def pages(binary: str) -> dict[Path, str]:
    """Each page as it has to be."""
    table = told(binary, "config", "reference")
    document = json.loads(told(binary, "openapi"))
    return {
        SETTINGS: with_settings(SETTINGS.read_text(), table),
        API: api_page(document),
    }


if __name__ == "__main__":
    for path, text in pages(sys.argv[1]).items():
        path.write_text(text)
