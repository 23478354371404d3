"""`make demo`: the whole line on one machine. Three hospitals, two nights, two frozen sets, three models, verified reports.

It types the same commands a person would; each is printed before it runs, and everything stays under `.demo/` or the folder that
`--folder` names. Offline, loopback only. Ends with exit code 0 when every promise of the README holds, and says which one does not
when one does not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from simulator.demo_steps import evaluate, freeze_sets, nights, search, verify
from simulator.driver import LOG, Driver
from simulator.hospitals import Hospitals


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator.demo", description="The whole line on one machine, in a few minutes.")
    parser.add_argument("--folder", type=Path, default=Path(".demo"),
                        help="where everything goes (.demo); what an earlier demo left there is removed")
    folder = parser.parse_args(arguments).folder
    started = time.monotonic()
    if folder.exists() and any(folder.iterdir()) and not any((folder / made).exists() for made in (LOG, "hospitals")):
        parser.error(f"--folder {folder}: this folder holds other things than a demo; name a new one")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / LOG).touch()
    driver = Driver(folder, started)
    driver.say("building three made-up hospitals (seed 7) 造三家虚拟医院")
    with Hospitals(folder / "hospitals") as hospitals:
        driver.env.update(hospitals.env)
        nights(driver, hospitals)
        sets = freeze_sets(driver, folder / "hospitals")
        reports = evaluate(driver, sets)
    verify(driver, reports)
    search(driver, folder / "hospitals" / "answer_key.json")
    return driver.finish(reports)


if __name__ == "__main__":
    sys.exit(main())
