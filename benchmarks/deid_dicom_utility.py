"""What a policy keeps of real files, per modality, as a Markdown table: python -m benchmarks.deid_dicom_utility [POLICY]"""
from __future__ import annotations

import csv
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path


def main() -> int:
    from pipelines.phi_zone.dicom import deidentify_instance, load_policy
    from pipelines.phi_zone.keys import ProjectKey
    from pipelines.phi_zone.text.cleaner import TextCleaner
    from pipelines.phi_zone.text.policy import load_text_policy
    from schemas.shapes.site import Site

    name = sys.argv[1] if len(sys.argv) > 1 else "cn-gold"
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    policy, key, site = load_policy(name), ProjectKey(b"b" * 32, "bench"), Site.bare("bench")
    text = TextCleaner(load_text_policy(name))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with (data / "dicom" / "index.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            outcome = deidentify_instance((data / row["file"]).read_bytes(), policy, key, site, None, None, text)
            counts[row["modality"] or "?"].update({"files": 1, outcome.status: 1, **outcome.actions})
    words = ("files", "released", "kept", "cleaned", "shifted", "remapped", "replaced", "emptied", "removed")
    print("| modality | " + " | ".join(words) + " |")
    print("|---|" + "---|" * len(words))
    for modality, found in sorted(counts.items()):
        print(f"| {modality} | " + " | ".join(str(found[word]) for word in words) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
