# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""What the tagger sees of each character (Chinese) or word (English). Training and tagging share these lines."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words

_KIND = re.compile(r"(?P<d>\d)|(?P<a>[A-Za-z])|(?P<c>[\u4e00-\u9fff])|(?P<s>\s)|(?P<p>.)", re.DOTALL)
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,/]\d+)*|[^\sA-Za-z\d]")
_TITLES = frozenset("mr mrs ms miss dr prof doctor nurse md do rn pa np phd".split())
_CUES = frozenset("patient named wife husband son daughter mother father brother sister by with from at in to resides lives hospital clinic center university".split())
GIVEN_CN = frozenset("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂兰玉华红建国文辉力健世广志义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子浩宇轩梓涵欣怡雨佳琪思远嘉诗雅婷梦琳璐瑶晨曦泽睿博墨俊凯天佑一鸣皓若语桐淑珍凤洁梅琴素云莲真环雪荣爱妹香月莺媛瑞凡倩婉茜莎锦黛青嫣晓晶妍蓓仪荷丹蓉眉君琬筠毓悦昭冰爽融园艺聪澜岚苑婕馨瑗希飘滢竹霭凝栋秋珊翰永康德厚保民春松柏年冬根土金木火娣招弟来旺有田守长庚佩玲蕙菊翠碧银铃景正启铭承绍庆瑾瑜彦鹏程翔楷瀚辰逸恒毅坤乾震霆钢铁峰岩岳江河川湖洪津浦阳光耀灿炜烨焕")
"""Characters usual in given names: a hint, not a list of names."""
_SUFFIX_CN = frozenset("省市区县镇乡村路街弄巷号院校厂司所局")


@cache
def _surname_chars() -> frozenset[str]:
    return frozenset(name[0] for name in words.surnames_cn())


@cache
def _divisions() -> re.Pattern[str]:
    levels = words.places_cn()
    bare = [name[:-1] for level in ("p", "c") for name in levels[level] if name[-1] in "省市" and len(name) > 2]
    return words.trie_pattern([*(name for level in levels.values() for name in level), *bare, "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "台湾"])


def chinese(text: str) -> list[list[str]]:
    """One list of features a character of the folded text."""
    size = len(text)
    marks = [""] * size
    for match in words.clinical_cn().finditer(text):
        marks[match.start():match.end()] = ["w"] * len(match[0])
    for match in _divisions().finditer(text):
        if marks[match.start()] != "w":
            marks[match.start():match.end()] = ["g"] * len(match[0])
    surnames = _surname_chars()
    shown = [char if char > "\u3400" else "0" if char.isdigit() else "a" if char.isalpha() else char for char in text]
    flags = [("s" if char in surnames else "x" if char in _SUFFIX_CN else "") + ("n" if char in GIVEN_CN else "") + mark for char, mark in zip(text, marks, strict=True)]
    padded, wide = ["<", "<", *shown, ">", ">"], ["", "", *flags, "", ""]
    return [["0" + padded[i + 2], "1" + padded[i + 1], "2" + padded[i + 3], "3" + padded[i], "4" + padded[i + 4], "5" + padded[i + 1] + padded[i + 2],
             "6" + padded[i + 2] + padded[i + 3], "7" + padded[i] + padded[i + 1], "8" + padded[i + 3] + padded[i + 4], "9" + wide[i + 2],
             "A" + wide[i + 1] + "|" + wide[i + 2] + "|" + wide[i + 3], "B" + wide[i] + "|" + wide[i + 1] + "|" + wide[i + 2], "C" + wide[i + 2] + "|" + wide[i + 3] + "|" + wide[i + 4],
             "D" + padded[i + 1] + wide[i + 2] + wide[i + 3], "E" + wide[i + 1] + wide[i + 2] + padded[i + 3]] for i in range(size)]


def english(tokens: list[str]) -> list[list[str]]:
    """One list of features a word."""
    lower = [token.lower() for token in tokens]
    kinds = [_word_kind(token, low) for token, low in zip(tokens, lower, strict=True)]
    lower = ["<", "<", *lower, ">", ">"]
    kinds = ["", "", *kinds, "", ""]
    return [["0" + lower[i], "1" + lower[i - 1], "2" + lower[i + 1], "3" + lower[i - 2], "5" + lower[i - 1] + "_" + lower[i], "6" + lower[i + 2], "s" + lower[i][-3:], "k" + kinds[i],
             "K" + kinds[i - 1] + "|" + kinds[i], "L" + kinds[i] + "|" + kinds[i + 1], "M" + kinds[i - 1] + "|" + kinds[i] + "|" + kinds[i + 1]] for i in range(2, len(tokens) + 2)]


def _word_kind(token: str, low: str) -> str:
    """Shape and lists: a capital, a given name, a surname, a place, a drug, an eponym, a title, a cue."""
    if not token[0].isalpha():
        return "9" if token[0].isdigit() else token[0]
    if low in _TITLES:
        return "T"
    if low in _CUES and not token[0].isupper():
        return "c"
    if token[0].islower():
        return "d" if low in words.drugs_en() else "a"
    titled = token.title()
    return ("AA" if token.isupper() and len(token) > 1 else "A") + ("f" if titled in words.given_us() else "") + ("l" if titled in words.surnames_us() else "") \
        + ("p" if titled in _place_words() else "") + ("d" if low in words.drugs_en() else "") + ("e" if titled in words.eponyms_en() else "") + ("w" if low in words.COMMON_NAME_WORDS else "")


@cache
def _place_words() -> frozenset[str]:
    places = words.places_us()
    return frozenset(word for level in places.values() for name in level for word in name.split() if len(word) > 2)
