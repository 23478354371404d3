# ruff: noqa: E501 - templates and word lists are data: a line is one of them, whole

"""Made-up sentences to train the tagger on: templates filled from lists by a seeded generator. No record of anyone.

Names come from the surname lists and common given-name characters, addresses from the gazetteers, organisations from
patterns. The hard-case suites share no eight characters in a row with these templates (a test checks).
"""
from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from pipelines.phi_zone.text.training.fillers import SLOT, Chinese, English

HERE = Path(__file__).parent


def lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def filled(template: str, filler: Chinese) -> tuple[str, list[tuple[int, int, str]]]:
    """The sentence and its spans (start, end, type)."""
    text, spans, place = "", [], 0
    for match in SLOT.finditer(template):
        text += template[place:match.start()]
        place = match.end()
        if match[1].islower():
            text += filler.plain(match[1])
            continue
        kind, value = filler.entity(match[1])
        spans.append((len(text), len(text) + len(value), kind))
        text += value
    return text + template[place:], spans


def _with_capitals(rng: random.Random, sentence: str) -> str:
    """Two or three words in a row written with capitals, as headings and hurried typists do: no name for that."""
    parts = sentence.split()
    first = rng.randrange(len(parts))
    for place in range(first, min(len(parts), first + rng.randint(1, 3))):
        parts[place] = parts[place].capitalize()
    return " ".join(parts)


def _labelled_number(rng: random.Random) -> str:
    """A label and a number: the rules' work, plain text to the tagger."""
    label = rng.choice(("身份证号", "身份证", "公民身份号码", "证件号", "手机", "手机号", "电话", "座机", "联系电话", "住院号", "门诊号", "病案号", "检查号", "登记号", "病理号", "切片号", "条码号", "工号", "医保卡号", "床号", "护照号", "台胞证号", "军官证", "银行卡", "卡号", "车牌", "微信号", "邮编", "编号", "校验位", "ID"))
    number = "".join(rng.choice("0123456789") for _ in range(rng.randint(2, 18)))
    return rng.choice(("", "登记", "核对", "录入", "补录")) + label + rng.choice(("", ":", "为", " ", "是")) + number + rng.choice(("", "。", ",", "，已核对。", "无误", "，请核对。", "有效", "不能用", "系旧版", "登记", "白天可打", "已录入系统"))


def _fragments(language: str) -> dict[str, dict[str, list[str]]]:
    """slot → {before, after} → pieces."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in lines(f"fragments_{language}.txt"):
        side, slot, pieces = line.split(" ", 2)
        found.setdefault(slot, {})[side] = pieces.split("|")
    return found


def _composed(rng: random.Random, pieces: dict[str, dict[str, list[str]]], clinical: list[str], gap: str) -> str:
    """A slot with a short piece before and after it, before or after a clinical sentence."""
    slot = rng.choice("NNNNNAPPOO" if not gap else "NNNNLLFIIAPPOO")
    before, after = ("" if rng.random() < 0.25 else rng.choice(pieces[slot][side]) for side in ("before", "after"))
    text = before + (gap if before else "") + f"{{{slot}}}" + (gap if after and after[0].isalnum() else "") + after
    if slot == "N" and rng.random() < 0.12:
        text += rng.choice(("、", "和", "及")) + "{N}" if not gap else " and {N}"
    draw, sentence = rng.random(), rng.choice(clinical)
    if slot == "N" and draw < 0.55 and not after:
        return text + gap + sentence[:1].lower() + sentence[1:]
    if draw < 0.3:
        return text + gap + sentence
    return sentence.rstrip("。.") + rng.choice("，。；" if not gap else ".;,") + gap + text if draw < 0.6 else text


def _bare(filler: Chinese, gap: str) -> str:
    """Ordinary words with a name before them, or without one: only the words tell."""
    clause = filler.clause()
    first = "{N}" if filler.rng.random() < 0.45 else ""
    text = first + (gap if first else "") + clause if gap or first else clause
    if not first and gap:
        text = text[:1].upper() + text[1:]
    return text + filler.rng.choice("，。" if not gap else ".,;") + gap + filler.clause() + ("。" if not gap else ".")


def corpus(language: str, count: int, seed: int) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """`count` sentences: about two in three with identities, the rest clinical; neighbours are sometimes joined to one line."""
    rng = random.Random(f"{language}:{seed}")   # seeded: the same sentences every time
    filler = Chinese(rng) if language == "zh" else English(rng)
    templates, clinical = lines(f"sentences_{language}.txt"), lines(f"clinical_{language}.txt")
    pieces = _fragments(language)
    held: tuple[str, list[tuple[int, int, str]]] = ("", [])
    for _ in range(count):
        draw = rng.random()
        if draw < 0.12:
            text, spans = filled(_bare(filler, "" if language == "zh" else " "), filler)
        elif draw < 0.34:
            text, spans = filled(_composed(rng, pieces, clinical, "" if language == "zh" else " "), filler)
        elif draw < 0.63:
            text, spans = filled(rng.choice(templates), filler)
        elif draw < 0.68 and language == "zh":
            text, spans = _labelled_number(rng), []
        elif draw < 0.68 and isinstance(filler, English):
            text, spans = f"{rng.choice(filler.drugs).title()} {rng.randint(1, 500)} mg {rng.choice(('Oral Tablet', 'oral tablet daily', 'Injection', 'twice a day'))}.", []
        else:
            text, spans = rng.choice(clinical), []
            if language == "en" and rng.random() < 0.35:
                text = _with_capitals(rng, text)
        if language == "zh" and rng.random() < 0.3:
            text = text.replace("，", ",").replace("：", ":")
        joiner = "" if language == "zh" else " "
        base = len(held[0]) + len(joiner) if held[0] else 0
        held = ((held[0] + joiner if held[0] else "") + text, [*held[1], *((s + base, e + base, k) for s, e, k in spans)])
        if rng.random() < 0.6:
            yield held
            held = ("", [])
