"""How much burned-in text is hidden: made-up texts on nine backgrounds, by contrast, size, angle: python -m benchmarks.deid_pixels

A text counts as hidden when 95 % of its strokes lie in filled boxes after one look (the engine looks again at what it filled). Legible is a
text of which the recogniser, told where it stands and how it is turned, reads at least 60 %. Pictures without text tell false alarms.
"""
from __future__ import annotations

import argparse
import difflib
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.deid_pixels_cases import Case, Planted, case
from pipelines.phi_zone.dicom.identity import matcher
from pipelines.phi_zone.pixels.contrast import cleared
from pipelines.phi_zone.pixels.fill import padded
from pipelines.phi_zone.pixels.look import Seen, look
from pipelines.phi_zone.pixels.ocr import Picture, reader
from schemas.deid import KnownIdentity

HIDDEN, UNTOUCHED, READ = 0.95, 0.1, 0.6
CLEAN_SEEDS = 100_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--clean", type=int, default=100, help="pictures without text")
    parser.add_argument("--first-seed", type=int, default=0)
    chosen = parser.parse_args()
    nobody = matcher(KnownIdentity())
    table: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    kept = technique = 0
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.texts):
        one = case(seed)
        seen = look(one.picture, reader(), nobody)
        for text in one.texts:
            share = hidden_share(one, text, seen)
            if not text.personal:
                technique, kept = technique + 1, kept + (share < UNTOUCHED)
                continue
            legible = can_be_read(one.picture, text)
            for row in classes(one, text):
                for place, add in enumerate((share >= HIDDEN, True, legible and share >= HIDDEN, legible)):
                    table[row][place] += add
    print(f"{'class':34s} hidden of all      hidden of legible")
    for (what, value), (hidden, every, hidden_legible, legible_ones) in sorted(table.items()):
        print(f"{what + ' ' + value:34s} {hidden:4d} of {every:4d}       {hidden_legible:4d} of {legible_ones:4d}")
    print(f"technique texts kept: {kept} of {technique}")
    alarms = [look(case(CLEAN_SEEDS + seed, clean=True).picture, reader(), nobody) for seed in range(chosen.clean)]
    print(f"pictures without text in which something was hidden: {sum(any(map(to_hide, ones)) for ones in alarms)} of {chosen.clean}")
    return 0


def to_hide(one: Seen) -> bool:
    return one.verdict != "technique"


def hidden_share(one: Case, text: Planted, seen: list[Seen]) -> float:
    """Of a text's strokes, those inside boxes that would be filled."""
    rows, columns = one.picture.shape[:2]
    mask = np.zeros((rows, columns), bool)
    for line in filter(to_hide, seen):
        x0, y0, x1, y1 = padded(line.line.corners, rows, columns)
        mask[y0:y1, x0:x1] = True
    x0, y0, x1, y1 = text.box
    return float(mask[y0:y1, x0:x1][text.strokes].mean())


def can_be_read(picture: Picture, text: Planted) -> bool:
    """Whether the recogniser reads it, told where it stands; of letters one below the other, whether they stand out of the grain."""
    import cv2

    if text.vertical:
        return text.contrast > 2 * text.noise
    x0, y0, x1, y1 = text.box
    area: Any = picture[max(0, y0 - 3):y1 + 3, max(0, x0 - 3):x1 + 3]
    if text.angle in (90, 270):
        area = np.rot90(area, 3 if text.angle == 90 else 1)
    elif text.angle not in (0, 180):
        height, width = area.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -text.angle, 1)
        lost = int(abs(np.sin(np.radians(text.angle))) * width * 0.4)
        area = cv2.warpAffine(area, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)[lost:height - lost or None]
    area = np.ascontiguousarray(area)
    wanted = text.text.replace(" ", "")
    return any(difflib.SequenceMatcher(None, wanted, line.replace(" ", "")).ratio() >= READ
               for view in (area, cleared(area, 0.8), cleared(area, 1.4)) for line in reader().read_whole(view))


def classes(one: Case, text: Planted) -> Iterator[tuple[str, str]]:
    grain = text.contrast / max(text.noise, 1e-6)
    yield "all", ""
    yield "contrast, grey levels", "015-025" if text.contrast <= 25 else "035-045" if text.contrast <= 45 else f"{text.contrast:03.0f}"
    yield "contrast over grain", "a: < 1.5" if grain < 1.5 else "b: 1.5-3" if grain < 3 else "c: > 3"
    yield "size, px", str(text.size)
    yield "turned", "vertical" if text.vertical else "slanted" if text.angle % 90 else str(int(text.angle))
    yield "on", one.background


if __name__ == "__main__":
    sys.exit(main())
