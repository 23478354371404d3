"""One batch without pixels over FOLDER/in, for benchmarks.deid_dicom to weigh from outside."""
from __future__ import annotations

import sys
from pathlib import Path

from pipelines.phi_zone.dicom.batch import BatchJob, run_batch
from pipelines.phi_zone.keys import new_key_file
from schemas.shapes.site import Site

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    new_key_file(folder / "key")
    run_batch(BatchJob([folder / "in"], folder / "out", Site.bare("bench"), folder / "key", "cn-gold", None, pixels=False))
