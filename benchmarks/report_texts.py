# ruff: noqa: E501 - sentences stand whole
"""Made-up reports for timing: no two alike, with the repetition a reading room has: most normal findings are said in the same words.

Each report has a heading with a person, a history, findings (standing phrases of the examination, most of them every time), one to
three findings with measures, an impression and a signature. Nobody here exists.
"""
from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from pipelines.phi_zone.text.training.fillers import Chinese, English

NORMAL_ZH = {
    "胸部CT平扫": "胸廓对称，纵隔居中。|双肺纹理清晰，走行自然。|气管及主要支气管通畅。|双侧肺门不大。|纵隔内未见肿大淋巴结。|心影大小形态正常。|双侧胸腔未见积液。|所见骨质结构未见破坏。|胸壁软组织未见异常。|双侧腋窝未见肿大淋巴结。",
    "腹部CT增强": "肝脏大小形态正常，各叶比例协调。|肝内外胆管无扩张。|胆囊不大，壁不厚。|脾脏不大，密度均匀。|胰腺走行自然，胰管无扩张。|双肾灌注对称，未见积水。|腹膜后未见肿大淋巴结。|未见腹水。|所见肠管壁未见增厚。|腹主动脉管壁光滑。",
    "头颅MRI平扫": "双侧大脑半球对称，灰白质分界清楚。|脑室系统无扩张。|中线结构居中。|脑沟脑裂无增宽。|小脑及脑干信号未见异常。|双侧内听道对称。|副鼻窦黏膜无增厚。|垂体形态信号正常。|颅板骨质未见异常。",
    "膝关节MRI": "前后交叉韧带连续，信号均匀。|内外侧副韧带走行正常。|半月板形态规则。|关节软骨面光滑。|髌骨位置居中。|骨髓信号未见异常。|髌下脂肪垫信号正常。|周围肌肉软组织未见肿胀。",
    "上腹部超声": "肝脏切面形态正常，包膜光整，回声均匀。|门静脉内径正常，血流通畅。|胆囊壁光滑，腔内透声好。|胆总管无扩张。|脾脏厚度正常。|胰腺回声均匀。|双肾皮髓质界限清楚。",
}
FINDINGS_ZH = ("{side}肺{lobe}见一磨玻璃结节，大小约{a}×{b}mm，边界清。|{side}肺{lobe}见条索影，较前相仿。|肝S{n}段见类圆形低密度灶，直径约{a}mm，增强未见强化。|{side}肾见囊性灶，直径约{c}cm。|胆囊内见强回声，最大约{a}mm，后伴声影。|"
               "{side}侧基底节区见斑点状长T2信号，大小约{b}mm。|{side}侧筛窦黏膜增厚约{b}mm。|{side}膝内侧半月板后角见线状高信号，II度。|关节腔见少量积液，深约{b}mm。|甲状腺{side}叶见结节，{a}×{b}mm，TI-RADS {n}类。|主动脉瓣口流速{c}m/s，压差{a}mmHg。|肌酐{a}{b}µmol/L，血钾{n}.{b}mmol/L。")
HISTORY_ZH = "因“咳嗽{n}天”就诊，体温3{n}.{n}℃。|体检发现{side}肺结节{n}月余，要求复查。|{side}上腹隐痛{n}周，无发热。|头晕{n}天，既往高血压{a}年。|摔伤后{side}膝肿痛{n}天。|由{kin}{N}陪同，诉间断胸闷{n}月。|{d}曾于{O}行同类检查，片未带。|术后{n}月复查，原在{O}手术。"
IMPRESSION_ZH = "{side}肺{lobe}结节，建议{n}月后复查。|未见明显异常。|{side}肾囊肿。|胆囊结石。|轻度脂肪肝，请结合临床。|与{d}旧片比较无明显变化。|腔隙性脑梗死可能。|半月板损伤，请结合查体。"
NORMAL_EN = {
    "CT Chest without contrast": "The lungs are clear without consolidation.|No pleural effusion or pneumothorax.|Heart size is within normal limits.|No mediastinal or hilar adenopathy.|The central airways are patent.|The thoracic aorta is normal in caliber.|No acute osseous abnormality.|The visualized upper abdomen is unremarkable.|No axillary adenopathy.",
    "CT Abdomen and Pelvis with contrast": "The liver enhances homogeneously.|No intrahepatic or extrahepatic biliary dilatation.|The gallbladder is unremarkable.|The spleen is normal in size.|The pancreas is unremarkable without ductal dilatation.|The adrenal glands are normal.|No hydronephrosis.|The bowel is normal in caliber.|No free fluid or free air.|No retroperitoneal adenopathy.",
    "MRI Brain without contrast": "No restricted diffusion to suggest acute infarct.|The ventricles and sulci are normal for age.|No mass effect or midline shift.|No extra-axial collection.|The major flow voids are preserved.|The paranasal sinuses are clear.|The mastoid air cells are clear.|The pituitary gland is normal in size.",
    "XR Knee 3 views": "No fracture or dislocation.|Joint spaces are preserved.|No joint effusion.|Alignment is anatomic.|Soft tissues are unremarkable.|No radiopaque foreign body.|Bone mineralization is normal.",
    "US Abdomen complete": "The liver is normal in echogenicity.|The common bile duct is not dilated.|No gallstones or wall thickening.|The spleen is normal.|The kidneys are normal in size and echogenicity.|The aorta is not aneurysmal.|Normal hepatopetal flow in the portal vein.",
}
FINDINGS_EN = ("There is a {a} mm nodule in the {side} {lobe} lobe (series {n}, image {a}{b}).|A {c} cm simple cyst arises from the {side} kidney.|Stable {b} mm calcified granuloma on the {side}.|Small {side} pleural effusion, {c} cm in depth.|A {a} x {b} mm hypodensity in segment {n} is too small to characterize.|"
               "Mild degenerative change at L{n}-{n}.|There is a {b} mm focus of T2 signal in the {side} frontal white matter.|Gallstones measuring up to {a} mm.|Ejection fraction is {a}{n} percent.|Creatinine {n}.{b}, potassium {n}.{n}.|Joint effusion measuring {b} mm in depth.")
HISTORY_EN = "{a}-year-old with cough for {n} days.|Follow up of {side} lung nodule.|Epigastric pain for {n} weeks.|Fall on {d} with {side} knee pain.|{kin} {N} reports two episodes of confusion.|Prior imaging at {O} on {d}, not available.|History of hypertension, status post surgery {n} months ago."
IMPRESSION_EN = "{side} {lobe} lobe nodule, follow up in {n} months.|No acute abnormality.|Simple {side} renal cyst.|Cholelithiasis without cholecystitis.|No significant change since {d}.|Small {side} effusion.|Chronic microvascular change."


def reports(language: str, count: int, seed: int = 7) -> list[str]:
    """`count` reports, each another."""
    rng = random.Random(f"reports:{language}:{seed}")
    make = _chinese if language == "zh" else _english
    filler = Chinese(rng) if language == "zh" else English(rng)
    found: dict[str, None] = {}
    while len(found) < count:
        found[make(rng, filler)] = None
    return list(found)


def repeated_share(texts: list[str], units: str = "。\n") -> float:
    """Share of the characters that stand in a line or sentence an earlier report had word for word."""
    seen: set[str] = set()
    again = whole = 0
    for text in texts:
        for unit in _units(text, units):
            whole += len(unit)
            again += len(unit) if unit in seen else 0
            seen.add(unit)
    return again / whole


def _units(text: str, ends: str) -> Iterator[str]:
    start = 0
    for place, char in enumerate(text):
        if char in ends:
            yield text[start:place + 1]
            start = place + 1
    yield text[start:]


def _chinese(rng: random.Random, filler: Chinese) -> str:
    exam = rng.choice(list(NORMAL_ZH))
    day, sign = filler.plain("d"), filler.name
    values = _values(rng, filler, ("左", "右"), ("上叶", "下叶", "上叶尖段", "下叶背段"), ("女儿", "儿子", "配偶"))
    head = (f"姓名：{filler.name()} 性别：{rng.choice('男女')} 年龄：{rng.randint(18, 88)}岁 住院号：ZY{rng.randint(10**7, 10**8 - 1)}\n"
            f"检查号：{rng.choice(('CT', 'MR', 'US'))}{rng.randint(10**8, 10**9 - 1)} 检查日期：{day} 检查部位：{exam}\n")
    body = [line for line in NORMAL_ZH[exam].split("|") if rng.random() < 0.88]
    for _ in range(rng.randint(1, 3)):
        body.insert(rng.randint(0, len(body)), rng.choice(FINDINGS_ZH.split("|")).format(**values()))
    ends = [f"{number}.{rng.choice(IMPRESSION_ZH.split('|')).format(**values())}" for number in range(1, rng.randint(2, 4))]
    return (f"{head}病史：{rng.choice(HISTORY_ZH.split('|')).format(**values())}\n影像所见：\n{''.join(body)}\n影像诊断：\n" + "\n".join(ends)
            + f"\n报告医师：{sign()} 审核医师：{sign()} 报告时间：{day}")


def _english(rng: random.Random, filler: Chinese) -> str:
    exam = rng.choice(list(NORMAL_EN))
    day, sign = filler.plain("d"), filler.name
    values = _values(rng, filler, ("left", "right"), ("upper", "lower"), ("Daughter", "Wife", "Son"))
    body = [line for line in NORMAL_EN[exam].split("|") if rng.random() < 0.88]
    for _ in range(rng.randint(1, 3)):
        body.insert(rng.randint(0, len(body)), rng.choice(FINDINGS_EN.split("|")).format(**values()))
    ends = [f"{number}. {rng.choice(IMPRESSION_EN.split('|')).format(**values())}" for number in range(1, rng.randint(2, 4))]
    return (f"PATIENT: {filler.name()}   MRN: {rng.randint(10**7, 10**8 - 1)}   DOB: {filler.plain('d')}\nEXAM: {exam}   DATE: {day}\n"
            f"HISTORY: {rng.choice(HISTORY_EN.split('|')).format(**values())}\nFINDINGS:\n" + "\n".join(body) + "\nIMPRESSION:\n" + "\n".join(ends)
            + f"\nElectronically signed by {sign()}, MD on {day}")


def _values(rng: random.Random, filler: Chinese, sides: tuple[str, ...], lobes: tuple[str, ...], kin: tuple[str, ...]) -> Callable[[], dict[str, object]]:
    def draw() -> dict[str, object]:
        return {"side": rng.choice(sides), "lobe": rng.choice(lobes), "kin": rng.choice(kin), "a": rng.randint(3, 39), "b": rng.randint(2, 19),
                "c": f"{rng.uniform(0.5, 6):.1f}", "n": rng.randint(1, 9), "d": filler.plain("d"), "N": filler.name(), "O": filler.organisation()}

    return draw
