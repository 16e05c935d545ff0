"""What stands in fences in the documents, and where."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

# A fence, perhaps within a list, and what stands in it.
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) (.+?)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fence; blocks below one heading are counted from 1."""

    document: str
    heading: str
    number: int
    kind: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.document} # {self.heading} # {self.number}"


def without_fences(text: str) -> str:
    return FENCE.sub("", text)


def headings(text: str) -> list[str]:
    return [title for _, title in HEADING.findall(without_fences(text))]


def blocks(path: Path) -> list[Block]:
    text = path.read_text()
    document = str(path.relative_to(ROOT))
    fences = list(FENCE.finditer(text))
    # A comment in a shell block looks like a heading.
    titles = [
        it
        for it in HEADING.finditer(text)
        if not any(fence.start() < it.start() < fence.end() for fence in fences)
    ]
    found: list[Block] = []
    for fence in fences:
        above = [title[2] for title in titles if title.start() < fence.start()]
        heading = above[-1] if above else ""
        number = 1 + sum(block.heading == heading for block in found)
        text_of_it = textwrap.dedent(fence[3])
        found.append(Block(document, heading, number, fence[2].strip(), text_of_it))
    return found


def all_blocks() -> list[Block]:
    return [block for path in DOCUMENTS for block in blocks(path)]


def anchors(text: str) -> set[str]:
    """The places of a page that a link can name, as GitHub makes them of headings."""
    found: set[str] = set()
    for title in headings(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        # Source: the rule of github.com/gjtorikian/html-pipeline, TableOfContentsFilter.
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number, unique = 0, anchor
        while unique in found:
            number += 1
            unique = f"{anchor}-{number}"
        found.add(unique)
    return found
