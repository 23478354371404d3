"""What a policy keeps of real files, per modality, as two Markdown tables.

    python -m benchmarks.deid_dicom_utility [POLICY] [--write]

The first says how many elements were kept, changed and dropped; the second, of what science needs, how many values are unchanged of
those that are there. `--write` puts both into docs/deid-dicom.md and docs/deid-dicom.zh.md, between their marks.
"""
from __future__ import annotations

import argparse
import csv
import io
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"en": ROOT / "docs" / "deid-dicom.md", "zh": ROOT / "docs" / "deid-dicom.zh.md"}
ACTIONS = {"files": "文件", "released": "放行", "kept": "保留", "cleaned": "清洗", "shifted": "平移", "remapped": "换 UID",
           "replaced": "替换", "emptied": "清空", "removed": "删除"}
NEEDED = {
    ("geometry", "几何"): """Rows Columns PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing SliceThickness SpacingBetweenSlices
        ImagePositionPatient ImageOrientationPatient SliceLocation PatientPosition PhysicalDeltaX PhysicalDeltaY PhysicalUnitsXDirection
        PhysicalUnitsYDirection GridFrameOffsetVector NumberOfFrames""",
    ("exposure", "曝光"): """KVP Exposure ExposureInuAs ExposureTime XRayTubeCurrent FilterType ConvolutionKernel GantryDetectorTilt
        SpiralPitchFactor DistanceSourceToDetector DistanceSourceToPatient CTDIvol RepetitionTime EchoTime InversionTime FlipAngle
        EchoTrainLength MagneticFieldStrength ScanningSequence SequenceVariant""",
    ("rescale", "灰阶换算"): """RescaleIntercept RescaleSlope RescaleType BitsAllocated BitsStored HighBit PixelRepresentation
        PhotometricInterpretation SamplesPerPixel WindowCenter WindowWidth SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue
        DoseGridScaling DoseUnits""",
    ("image type", "图像类型"): "ImageType",
    ("b-values", "b 值"): "DiffusionBValue DiffusionGradientOrientation DiffusionDirectionality",
    ("SUV factors", "SUV 因子"): """Units DecayCorrection CorrectedImage RadionuclideTotalDose RadionuclideHalfLife
        RadionuclidePositronFraction PatientWeight PatientSize FrameReferenceTime DecayFactor ActualFrameDuration
        RadiopharmaceuticalStartTime""",
}
SAFE = ("safe private", "安全私有元素")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("policy", nargs="?", default="cn-gold")
    parser.add_argument("--write", action="store_true", help="into the pages of docs/")
    chosen = parser.parse_args()
    counts, needed = measured(chosen.policy)
    for lang, page in PAGES.items():
        text = tables(counts, needed, lang)
        if chosen.write:
            put(page, text)
        elif lang == "en":
            print(text)
    return 0


def measured(name: str) -> tuple[dict[str, Counter[str]], dict[str, dict[tuple[str, str], list[int]]]]:
    """By modality: elements by action, and (unchanged, there) of what is needed."""
    import pydicom

    from pipelines.phi_zone.dicom import deidentify_instance, load_policy
    from pipelines.phi_zone.keys import ProjectKey
    from pipelines.phi_zone.text.cleaner import TextCleaner
    from pipelines.phi_zone.text.policy import load_text_policy
    from schemas.shapes.site import Site

    data = Path(os.environ.get("TOUCHSTONE_DATA", ROOT.parent / "shared" / "data"))
    policy, key, site = load_policy(name), ProjectKey(b"b" * 32, "bench"), Site.bare("bench")
    text = TextCleaner(load_text_policy(name))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    needed: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(dict)
    with (data / "dicom" / "index.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            outcome = deidentify_instance((data / row["file"]).read_bytes(), policy, key, site, None, None, text)
            modality = row["modality"] or "?"
            counts[modality].update({"files": 1, outcome.status: 1, **outcome.actions})
            if outcome.content is not None:
                out = dict(plain(pydicom.dcmread(io.BytesIO(outcome.content))))
                for place, value in plain(pydicom.dcmread(data / row["file"], force=True)):
                    group = group_of(place[-1])
                    if group is not None and value not in ("", "None"):
                        held = needed[modality].setdefault(group, [0, 0])
                        held[0] += out.get(place) == value
                        held[1] += 1
    return counts, needed


Place = tuple[Any, ...]


def plain(dataset: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """(place, value) of every plain value at every level; a private one's place names its creator."""
    for one in dataset:
        if one.VR == "SQ":
            for number, item in enumerate(one.value or ()):
                yield from plain(item, (*path, int(one.tag), number))
        elif one.tag.is_private and not one.tag.is_private_creator:
            yield (*path, (one.tag.group, str(one.private_creator).strip(), one.tag.element & 0xFF)), str(one.value)
        elif one.keyword and not one.tag.is_private:
            yield (*path, one.keyword), str(one.value)


def group_of(last: Any) -> tuple[str, str] | None:
    from schemas import ps3_15

    if isinstance(last, tuple):
        return SAFE if any((row.group, row.creator, row.element) == last for row in ps3_15.safe_private()) else None
    return next((group for group, listed in NEEDED.items() if last in listed.split()), None)


def tables(counts: dict[str, Counter[str]], needed: dict[str, dict[tuple[str, str], list[int]]], lang: str) -> str:
    zh = lang == "zh"
    first = "检查类型" if zh else "modality"
    heads = [ACTIONS[word] if zh else word for word in ACTIONS]
    lines = [f"| {first} | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    lines += [f"| {modality} | {' | '.join(str(found[word]) for word in ACTIONS)} |" for modality, found in sorted(counts.items())]
    groups = [*NEEDED, SAFE]
    lines += ["", "值不变的个数 / 源文件里有值的个数：" if zh else "Values unchanged / values that are in the source:", "",
              f"| {first} | {' | '.join(group[zh] for group in groups)} |", "|---|" + "---|" * len(groups)]
    for modality, found in sorted(needed.items()):
        cells = ["–" if group not in found else f"{found[group][0]}/{found[group][1]}" for group in groups]
        lines.append(f"| {modality} | {' | '.join(cells)} |")
    return "\n".join(lines)


def put(page: Path, text: str) -> None:
    old = page.read_text(encoding="utf-8")
    marks = re.compile(r"(<!-- utility -->\n).*?(<!-- /utility -->)", re.DOTALL)
    page.write_text(marks.sub(lambda found: f"{found[1]}{text}\n{found[2]}", old), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
