# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""The word lists the text rules know: surnames, given names, places, and the clinical words that are never names."""
from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import schemas
from pipelines.phi_zone.text.scan import Words

CODES = Path(schemas.__file__).parent / "codes"

COMMON_NAME_WORDS = frozenset(["young", "long", "white", "short", "brown", "black", "green", "gray", "grey", "bone", "hand", "foot", "head", "best", "good", "day", "may", "june", "april", "august", "rose", "hope", "faith", "grace", "joy", "will", "mark", "bill", "grant", "frank", "pat", "sue", "art", "dean", "page", "price", "rich", "wise", "bird", "wolf", "fox", "rice", "stone", "wood", "field", "hill", "lake", "rivers", "banks", "bush", "cook", "baker", "carter", "mason", "miller", "taylor", "smith", "major", "minor", "little", "small", "large", "strong", "savage", "payne", "pain", "sharp", "blood", "cross", "bell", "ball", "church", "king", "bishop", "pope", "knight", "power", "powers", "marsh", "moss", "reed", "branch", "root", "berry", "cherry", "dawn", "summer", "winter", "chance", "case", "chase", "drew", "rush", "love", "noble", "early", "ray", "cotton", "leaf", "weeks", "new", "old", "man", "many", "much", "see", "low", "high", "ash", "bean", "gold", "silver", "park", "parks", "street", "post", "read", "ring", "roach", "sage", "sands", "speed", "spring", "star", "stern", "street", "swift", "tall", "true", "ward", "wells", "west", "north", "south", "east", "wright", "angel", "christian", "virginia", "carolina", "georgia", "florence", "paris", "austin", "houston", "dallas", "jackson", "washington", "lincoln", "madison", "charity", "mercy", "precious", "miracle", "heaven", "royal", "major", "sterling", "person", "patient", "doctor", "nurse", "test", "normal", "male", "female", "left", "right", "none", "unknown"])
"""English words that are also names: alone they are no evidence."""


PLAIN_GIVEN_EN = frozenset("john maria mary james jane peter thomas tom ann anna jean jerry harry jenny molly sally louis victoria charlotte judy timothy jimmy tommy jacob roger".split())
"""Given names that word lists have in small letters, too, and that no note uses as words."""
FREQUENT_SURNAMES_CN = frozenset(
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅付沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎闫余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱丘秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟"
    "安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍覃霍翁隋甘景单包司柏宁柯阮桂闵解强柴华车冉房边吉饶瞿戚古米池滕晋苑臧宫苟褚廉简娄盖符奚穆党燕"
    "郎谈姬屠连晏栾郁商蒙喻窦迟敖冷卓花仇艾蓝巩井仲乐虞卞封原官楚佟栗匡宗应巫鞠桑荆习胥蔺宣邬缪干支柯")
"""The few hundred surnames nine persons in ten have; a rarer one needs more evidence."""


def _lines(name: str) -> list[str]:
    return [line for line in (CODES / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def _words(name: str) -> list[str]:
    return [word for line in _lines(name) for word in line.split()]


@cache
def surnames_cn() -> frozenset[str]:
    return frozenset(_words("surnames_cn.txt"))


@cache
def rare_surnames_cn() -> frozenset[str]:
    """Family names that are rare or mostly ordinary words: they count only where somebody must be meant."""
    return frozenset(_words("surnames_rare_cn.txt"))


@cache
def compound_surnames_cn() -> frozenset[str]:
    return frozenset(name for name in surnames_cn() if len(name) == 2)


@cache
def surname_letters_cn() -> frozenset[str]:
    """Letters a surname begins with."""
    return frozenset(name[0] for name in surnames_cn())


def _world(which: str) -> list[str]:
    return [name for line in _lines("names_world.txt") if line[0] == which for name in line.split()[1:]]


@cache
def firms_cn() -> dict[str, tuple[str, ...]]:
    """Employers, insurers, laboratories: a told by their name alone, c only behind a cue."""
    return {kind: tuple(name for line in _lines("firms_cn.txt") if line[0] == kind for name in line.split()[1:]) for kind in "ac"}


@cache
def firms_en() -> tuple[str, ...]:
    """Hospitals, employers, insurers, shops and schools under short English names."""
    return tuple(name for line in _lines("firms_en.txt") for name in line.split("|"))


@cache
def peoples_cn() -> dict[str, tuple[str, ...]]:
    """Name parts as Chinese writes them: u Uyghur, k Kazakh, t Tibetan, m Mongolian, f foreign, j Japanese family names."""
    return {line[0]: tuple(line.split()[1:]) for line in _lines("names_peoples_cn.txt")}


@cache
def surnames_us() -> frozenset[str]:
    """Family names in Latin letters: frequent ones of the United States, and of other countries."""
    return frozenset([*_words("surnames_us.txt"), *_world("f")])


@cache
def given_us() -> frozenset[str]:
    """Given names in Latin letters: frequent ones of the United States, and of other countries."""
    return frozenset([*_words("surnames_us_given.txt"), *_world("g")])


@cache
def places_cn() -> dict[str, tuple[str, ...]]:
    """Names of divisions by level: p province, c city, d district."""
    found: dict[str, list[str]] = {"p": [], "c": [], "d": []}
    for line in _lines("geo_cn.txt"):
        level, _, names = line.partition(" ")
        found[level].extend(names.split())
    return {level: tuple(names) for level, names in found.items()}


@cache
def world_places_cn() -> frozenset[str]:
    """Countries and cities outside China, as Chinese writes them."""
    return frozenset(_words("geo_world_cn.txt"))


@cache
def places_us() -> dict[str, tuple[str, ...]]:
    """s: state codes and names, c: cities, w: world cities."""
    found: dict[str, list[str]] = {"s": [], "c": [], "w": []}
    for line in _lines("geo_us.txt"):
        level, _, names = line.partition(" ")
        found[level].extend(part for name in names.split("|") for part in name.split("="))
    return {level: tuple(names) for level, names in found.items()}


@cache
def towns_en() -> frozenset[str]:
    """Towns, districts and islands outside the United States, as English notes write them."""
    return frozenset(name for line in _lines("geo_towns_en.txt") for name in line.split("|"))


@cache
def villages_en() -> frozenset[str]:
    """Thirty-six thousand further towns and villages of the world; none is a word, a given name, a medicine or an eponym."""
    return frozenset(name for line in _lines("geo_villages_en.txt") for name in line.split("|"))


@cache
def telling_towns_en() -> frozenset[str]:
    """Those that are no English word, given name or eponym: behind any preposition a place."""
    return frozenset(name for name in towns_en() if " " in name or not (common_en(name.lower()) or name in given_us() or name in eponyms_en()))


@cache
def clinical_cn() -> Words:
    """Eponyms, organisms, drugs and clinical words in Chinese."""
    return Words(word for word in (*_words("eponyms_cn.txt"), *_words("drugs_cn.txt")) if len(word) > 1)


_PEOPLES_OF_DIVISIONS = re.compile("(?:(?:朝鲜|土家|布依|哈尼|景颇|傈僳|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|鄂伦春|鄂温克|达斡尔|拉祜|布朗|纳西|普米|独龙|仡佬|毛南|仫佬|保安|东乡|撒拉|裕固|各|蒙古|藏|回|苗|彝|壮|侗|瑶|白|傣|黎|佤|畲|水|羌|土|满|怒)族|蒙古)+自治(?=[州县旗]$)")


@cache
def short_divisions_cn() -> tuple[str, ...]:
    """Autonomous prefectures, counties and banners as people say them: 凉山州, 都安县; leagues: 锡盟."""
    long = (name for level in ("c", "d") for name in places_cn()[level] if "自治" in name)
    short = {_PEOPLES_OF_DIVISIONS.sub("", name) for name in long}
    return (*sorted(name for name in short if "自治" not in name and len(name) > 2), "巴州", "博州", "克州", "锡盟", "兴安盟", "阿盟", "湘西州", "恩施州", "伊犁州", "伊犁", "西双版纳")


def _divisions() -> list[str]:
    """Provinces, cities and districts; provinces and cities also without their last word."""
    levels = places_cn()
    bare = [name[:-1] for level in ("p", "c") for name in levels[level] if name[-1] in "省市" and len(name) > 2]
    return [*(name for level in levels.values() for name in level), *bare, "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "台湾"]


@cache
def divisions_cn() -> Words:
    """Any province, city or district of the gazetteer."""
    return Words([*_divisions(), *short_divisions_cn(), *telling_stems_cn(), "浦东", "示范省", "示范市", "示范区"])


@cache
def telling_stems_cn() -> frozenset[str]:
    """Cities, counties and banners of three characters and more without their last word: 锡林浩特, 高碑店; none called after a mountain or a river."""
    names = (*places_cn()["c"], *(name for name in places_cn()["d"] if name[-2] not in "山河沟"))
    return frozenset(name[:-1] for name in names if len(name) > 3 and name[-1] in "市县旗" and not re.search("自治|族|开发|管理", name))


@cache
def bare_districts_cn() -> Words:
    """Districts and counties without their last word: 龙岗, 洱源."""
    names = (*places_cn()["d"], *short_divisions_cn())
    return Words(name[:-1] for name in names if len(name) > 2 and name[-1] in "区县市旗" and len(name) < 5)


@cache
def taught_divisions_cn() -> Words:
    """The divisions the tagger was trained with."""
    return Words(_divisions())


@cache
def rare_eponyms_en() -> frozenset[str]:
    """Eponyms that count against a mere guess alone: behind a cue they are names as others are."""
    return eponyms_en() | frozenset(_words("eponyms_rare_en.txt"))


@cache
def eponyms_en() -> frozenset[str]:
    return frozenset(_words("eponyms_en.txt"))


@cache
def eponyms_like_names_en() -> frozenset[str]:
    """Eponyms that are frequent family names, too."""
    return frozenset(_words("eponyms_like_names_en.txt"))


@cache
def drugs_en() -> frozenset[str]:
    return frozenset(_words("drugs_en.txt"))


@cache
def clinical_en() -> frozenset[str]:
    """Words of English clinical text, in lower case, that a dictionary of English lacks and nobody is called."""
    return frozenset(_words("clinical_words_en.txt"))


def of_clinic_en(low: str) -> bool:
    """A medicine, or another word of the clinic or of a language that nobody is called."""
    return low in drugs_en() or low in clinical_en()


@cache
def no_name_en() -> frozenset[str]:
    """Lower-case English words that are no name even with a capital."""
    return frozenset(_words("eponyms_not_names_en.txt"))


@cache
def medical_cn() -> tuple[str, ...]:
    """Chinese words of medicine and food."""
    return tuple(_words("medical_cn.txt"))


@cache
def pairs_cn() -> frozenset[str]:
    """Words of two Chinese characters that are no names."""
    return frozenset(group[0] + second for group in _words("words_cn.txt") for second in group[1:]) | {word for word in medical_cn() if len(word) == 2}


@cache
def heads_cn() -> frozenset[str]:
    """How clinical words begin that begin like a family name: their first letters, four at most."""
    letters = surname_letters_cn() | rare_surnames_cn()
    return frozenset(word[:4] for word in medical_cn() if word[0] in letters)


@cache
def given_rank_cn() -> dict[str, int]:
    """Character of given names -> its place among them by how often it occurs."""
    return {letter: place for place, letter in enumerate("".join(_lines("given_cn.txt")))}


@cache
def words_en() -> frozenset[str]:
    """Base forms of English words, lower case."""
    return frozenset(_words("words_en.txt"))


_ENDINGS = (("s", ("",)), ("es", ("",)), ("ed", ("", "e")), ("ing", ("", "e")), ("ly", ("",)))


@lru_cache(maxsize=65_536)
def common_en(low: str) -> bool:
    """Is it an English word in lower case, or a regular form of one?"""
    bases = words_en()
    return low in bases or any(
        low.endswith(ending) and low[: -len(ending)] + rest in bases for ending, rests in _ENDINGS for rest in rests
    )


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for a few words of a policy, longest match first."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word) or "(?!)")
