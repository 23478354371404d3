
"""Names of departments, wards and rooms that every hospital has, and of makers of devices: they tell nothing of whom or where.

Clinical texts and headers need them. `心血管内科` and `Cardiology` are such names; `嘉禾影像中心` and `Larkspur Clinic` are not.
"""

from __future__ import annotations

import re

from pipelines.phi_zone.lists import words_of

LONGEST = 24
_MAKER = re.compile(
    r"(?:siemens|ge (?:healthcare|medical)|general electric|philips|canon medical|toshiba|hitachi|fuji(?:film)?|shimadzu|hologic|agfa|"
    r"carestream|konica|kodak|olympus|mindray|united imaging|neusoft|esaote|samsung|medtronic|abbott|boston scientific|biotronik|roche|"
    r"beckman|sysmex|西门子|通用电气|飞利浦|佳能医疗|东芝|日立|富士胶片|岛津|联影|东软医疗|迈瑞|美敦力|雅培|罗氏|贝克曼|希森美康)(?![a-z])[\w\s.,()（）&\-]{0,40}\Z",
    re.IGNORECASE,
)
_ZH = re.compile(
    "(?:第?[一二三四五六七八九十百0-9A-Za-z]{1,4}(?:[号#])?|[东西南北]|特需|国际|综合|普通|专科|专家|急诊|急救|门急诊|门诊|住院|重症|监护|医学|临床|影像|放射|放疗|介入|超声|核医学|病理|检验|化验|输血|"
    "血库|内镜|腔镜|胃镜|肠镜|心电图?|脑电图?|肌电图?|肺功能|康复|理疗|针灸|推拿|中医|中西医结合|全科|老年|疼痛|营养|感染|传染|发热|肝病|肝胆|胰腺?|胃肠|结直肠|肛肠|甲状腺|乳腺|血液|肿瘤|内分泌|代谢|风湿|免疫|肾脏?|透析|"
    "呼吸|危重症?|消化|心脏?|血管|心血管|胸痛?|神经|脑|卒中|骨|关节|脊柱|创伤|运动|手足?|整形|美容|烧伤|泌尿|男性?|妇|产|妇产|妇女|生殖|儿童?|新生儿|小儿|皮肤|性病|眼|耳鼻咽?喉|头颈|口腔|麻醉|精神|心理|睡眠|变态反应|过敏|"
    "体检|健康|管理|预防|保健|接种|药|药学|药剂|西药|中药|手术|日间|导管|产房|待产|供应|消毒|抢救|观察|留观|隔离|护理|护士|医生|示教|登记|预约|收费|挂号|导诊|分诊|注射|换药|采血|输液|内|外|科|室|部|处|组|病区|病房|"
    "单元|中心|房|站|台|楼|层|床|区|诊)+"
)


def generic(name: str) -> bool:
    """Could a hospital anywhere call a part of itself so, or is it the maker of a device?"""
    if _MAKER.match(name.strip()) is not None:
        return True
    bare = re.sub(r"[\s()（）\-·、/&,.]", "", name)
    if not bare.isascii():
        return len(bare) <= LONGEST and _ZH.fullmatch(bare) is not None
    words = [word for word in re.split(r"[\s()/&,.\-]+", name.lower().replace("'", "")) if word]
    return bool(words) and all(word in words_of("departments_en.txt") or len(word) <= 2 or word.isdigit() for word in words)
