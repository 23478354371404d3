# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Names of China's peoples and of foreigners as Chinese writes them: Tibetan, Mongolian, Yi, Dai, Uyghur, Kazakh, Japanese, European."""
from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.gates import SUBJECTS
from pipelines.phi_zone.text.plausible import TRANSLITERATING_CN
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_HEAD = rf"(?<![{_C}A-Za-z\d])"
_ROLE = rf"(?:{_HEAD}|(?<=[族籍妻母父子女夫弟妹兄姐])|(?<=护士)|(?<=医[师生])|(?<=护士长)|(?<=村医)|(?<=[牧渔]民)|(?<=学生)|(?<=船员)|(?<=外宾)|(?<=患[者儿])|(?<=病[人员])|(?<=[产孕]妇)|(?<=家[属人])|(?<=\d床)|(?<=对象)|(?<=联系人)|(?<=接班时)|(?<=[由请经与和及、]))"
"""Where a name of one part may stand: no letter before it, or a people, a role or kin."""
_AFTER_EPONYM = "(?!氏|病(?![情人房区历史程重故])|征|综合|试验|评分|分[级型类期]|标准|指数|法|线|环|管|钉|膜|反射|体|菌|三角|骨折|手术|切口|瘤|囊肿|细胞|现象|孔|窝|沟|韧带|肌|神经|反应|染色|医院|大学|语|节)"
_AFTER_PLACE = "(?!苏木|嘎查|镇|乡|旗|盟|县|市|草原|牧场|油田|机场)"
_JAPANESE_ENDS = "郎子美介树也人之男夫雄明一平香奈惠代江治司彦辉浩健诚翔斗希菜花乃织穗志哉太辅吾次三造义"
"""Last letters of Japanese given names."""


@cache
def people_rules() -> tuple[Rule, ...]:
    peoples, written = words.peoples_cn(), "".join(sorted(TRANSLITERATING_CN | set("夫娃茨绍罕默")))
    men, women = "".join(peoples["d"]), "".join(peoples["e"])
    mongol = _one_of(peoples["m"])
    others = _one_of(part for people in "ukmf" for part in peoples[people] if len(part) > 2)
    return (
        rule("people.name_tibetan", "NAME", rf"(?P<v>{_one_of(peoples['t'])}{{2}})", None, "cjk peoples", 0),
        rule("people.name_mongol", "NAME", rf"(?P<v>{mongol}{{2,3}}){_AFTER_PLACE}", None, "cjk peoples", 0),
        rule("people.name_yi", "NAME", rf"(?P<v>{_one_of(peoples['y'])}{_one_of(peoples['z'])}[莫嫫作么扎惹]?)", None, "cjk peoples", 0),
        rule("people.name_dai", "NAME", rf"{_ROLE}(?P<v>岩[{men}]{{1,2}}|玉[{women}]{{1,2}})(?![米石兰器佩皿层洞溶鹅蛋床])", None, "cjk", 0),
        rule("people.name_foreign", "NAME", rf"(?:{_HEAD}|(?<=患者)|(?<=病人))(?P<v>[{written}]{{2,8}})(?=[,(]\s?[{_C}]{{1,6}}(?:籍|国人|裔))", None, "cjk", 0),
        rule("people.name_japanese", "NAME", rf"(?:{_HEAD}|(?<=患者)|(?<=病人)|(?<=籍)|(?<=游客)|(?<=学生))(?P<v>{_one_of(peoples['j'])}[{_C}]{{0,2}}[{_JAPANESE_ENDS}])(?!氏|病|征)", None, "cjk peoples", 0),
        rule("people.name_listed", "NAME", rf"{_ROLE}(?P<v>{others}{{1,2}}){_AFTER_EPONYM}", None, "cjk peoples", 0),
        rule("people.name_roled", "NAME", rf"(?:{SUBJECTS}|对象|护士|医师|医生|床(?<=\d床))(?P<v>[{written}]{{3,7}})(?=[,。;、(]|入院|出院|住院|来院|就诊|诉|因|今|昨|于|术后|\d)", _transliterated, "cjk", 0),
    )


def _one_of(parts: Iterable[str]) -> str:
    """Any of the parts, the longest first; their first letters are looked at before them."""
    ordered = sorted(set(parts), key=lambda part: (-len(part), part))
    return rf"(?:(?=[{''.join(sorted({part[0] for part in ordered}))}])(?:{'|'.join(ordered)}))"


def _transliterated(value: str) -> bool:
    """Letters of foreign names that make neither a word of medicine nor an ordinary one."""
    known = words.pairs_cn()
    return not words.clinical_cn().at(value, 0) and not any(value[place : place + 2] in known for place in range(len(value) - 1))
