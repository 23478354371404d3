"""Parts of records that come again and again (codes, categories, units, dosages) are treated once.

What a part becomes depends on its content alone, unless a rule met something personal: a date, a reference, a warning, or a
word of this patient's identity. So the part is treated for nobody first, every text that was searched is written down, and for
each patient only these are searched again. Lives in the PHI zone's memory, bounded, and is never written anywhere.
"""

from __future__ import annotations

from typing import Any

import orjson

from pipelines.phi_zone.fhir.context import Context
from pipelines.phi_zone.fhir.values import Method
from pipelines.phi_zone.text.fold import fold

LONGEST_TEXT, LONGEST_PART = 120, 1500
"""Letters of a plain text, bytes of a part: longer ones seldom come again."""
GENERATION_BYTES = 4_000_000
CLEAR = 1_000


class Entry:
    """What a part becomes for everybody whose identity is not in it, and what has to be searched to know that."""

    __slots__ = ("codes", "counts", "number", "out", "texts")

    def __init__(self, number: int, out: Any, texts: str, codes: frozenset[str], counts: tuple[int, int, int] | None) -> None:
        self.number, self.out, self.texts, self.codes, self.counts = number, out, texts, codes, counts

    def concerns(self, ctx: Context) -> bool:
        """May this patient's identity be in the part?"""
        assert ctx.matcher is not None
        if not ctx.matcher.literals.isdisjoint(self.codes) or (self.texts and ctx.matcher.places(self.texts)):
            return True
        if len(ctx.clear) >= CLEAR:
            ctx.clear.clear()
        ctx.clear.add(self.number)
        return False


PERSONAL = Entry(-1, None, "", frozenset(), None)
"""A part that has to be treated for each patient."""


class Memory:
    """Entries of one engine (policy, key, site and text cleaner): two generations, the older forgotten as a whole."""

    def __init__(self) -> None:
        self.new: dict[bytes, Entry] = {}
        self.old: dict[bytes, Entry] = {}
        self.size = self.count = 0

    def older(self, key: bytes) -> Entry | None:
        entry = self.old.get(key)
        if entry is not None:
            self.put(key, entry)
        return entry

    def put(self, key: bytes, entry: Entry) -> None:
        if self.size > GENERATION_BYTES:
            self.old, self.new, self.size = self.new, {}, 0
        self.new[key] = entry
        self.size += len(key) + 200

    def learn(self, key: bytes, rule: Method, value: Any, ctx: Context, whole: bool) -> Entry:
        nobody = Context(ctx.names, ctx.text, None, None)
        nobody.texts = []
        out = rule(value, nobody)
        if nobody.personal or nobody.exotic:
            entry = PERSONAL
        else:
            self.count += 1
            counts = (nobody.removed, nobody.remapped, nobody.cleaned)
            entry = Entry(
                self.count,
                orjson.Fragment(orjson.dumps(out, option=orjson.OPT_SORT_KEYS)) if whole and out is not None else out,
                fold("\n".join(dict.fromkeys(nobody.texts))).norm,
                frozenset(nobody.codes),
                counts if any(counts) else None,
            )
        self.put(key, entry)
        return entry


class Remembered:
    """A rule with the engine's memory before it. `whole`: the result is only written, so it is kept as written."""

    __slots__ = ("prefix", "rule", "whole")

    def __init__(self, number: int, rule: Method, whole: bool = True) -> None:
        self.prefix, self.rule, self.whole = number.to_bytes(2, "big"), rule, whole

    def __call__(self, value: Any, ctx: Context) -> Any:
        memory = ctx.memory
        if memory is None or (type(value) is str and len(value) > LONGEST_TEXT):
            return self.rule(value, ctx)
        try:
            key = self.prefix + orjson.dumps(value)
        except TypeError:
            return self.rule(value, ctx)
        entry = memory.new.get(key) or memory.older(key)
        if entry is None:
            if len(key) > LONGEST_PART:
                return self.rule(value, ctx)
            entry = memory.learn(key, self.rule, value, ctx, self.whole)
        if entry is PERSONAL or (ctx.matcher is not None and entry.number not in ctx.clear and entry.concerns(ctx)):
            return self.rule(value, ctx)
        if entry.counts is not None:
            ctx.removed += entry.counts[0]
            ctx.remapped += entry.counts[1]
            ctx.cleaned += entry.counts[2]
        return entry.out
