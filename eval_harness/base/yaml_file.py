"""YAML as people write it, read so that a file has one meaning: no key twice, nothing that only some readers would take."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from eval_harness.base.issue import Words

DEEPEST = 50


class YamlRefused(yaml.YAMLError):
    """The file is no YAML that we read; `words` say why, without a value of the file."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


class _Once(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, ten times as fast where libyaml is there; a mapping may not hold a key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise YamlRefused(Words(f"第 {line} 行的键写了两次", f"the key in line {line} stands twice"))
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Once.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)[eE][-+]?\d+\Z"), list("-+.0123456789"))
"""1e-6 is a number in YAML 1.2 and for whoever writes it; PyYAML speaks 1.1, where it is a text."""


def read_yaml(path: Path) -> Any:
    """The one document of `path`. Raises OSError, UnicodeDecodeError, or yaml.YAMLError for all that is wrong in the text:
    a key twice, nesting past any use, a date or number that does not exist."""
    text, depth = path.read_text(encoding="utf-8-sig"), 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise YamlRefused(Words(f"第 {line} 行嵌套超过 {DEEPEST} 层", f"more than {DEEPEST} levels in line {line}"))
        return yaml.load(text, _Once)
    except ValueError as error:
        raise YamlRefused(Words("有不存在的日期或过长的数", "a date that does not exist or a number too long")) from error

