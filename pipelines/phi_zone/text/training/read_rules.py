"""Writes what is read from the patterns of all rules (rules_read.py): python -m pipelines.phi_zone.text.training.read_rules"""

from __future__ import annotations

import json

from pipelines.phi_zone.text.beginnings import read_beginning
from pipelines.phi_zone.text.forms import every_rule
from pipelines.phi_zone.text.gated_rules import read_letters
from pipelines.phi_zone.text.rules_read import PLACE, name_of


def all_read() -> str:
    """The file as the rules have it now: one line a pattern."""
    lines = {}
    for rule in every_rule():
        letters = read_letters(rule.text, rule.flags)
        entry = read_beginning(rule.text, rule.flags) | {"letters": None if letters is None else "".join(sorted(letters))}
        lines[name_of(rule.text, rule.flags)] = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    return "{\n" + ",\n".join(f'"{name}": {line}' for name, line in sorted(lines.items())) + "\n}\n"


if __name__ == "__main__":
    PLACE.write_text(all_read(), encoding="utf-8")
