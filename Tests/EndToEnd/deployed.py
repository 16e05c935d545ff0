"""The files of `deploy`, read strictly."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


class StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which others drop one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {node.start_mark}"
        return super().construct_mapping(node, deep=deep)


def load(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(), StrictLoader)
