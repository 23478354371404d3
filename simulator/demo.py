"""`make demo`: the whole line on one machine. Three hospitals, two nights, two frozen sets, three models, verified reports.

It types the same commands a person would; each is printed before it runs, and everything stays under `.demo/`. Offline, loopback
only. Ends with exit code 0 when every promise of the README holds, and says which one does not when one does not.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from simulator.demo_steps import evaluate, freeze_sets, nights, search, verify
from simulator.driver import Driver
from simulator.hospitals import Hospitals

FOLDER = Path(".demo")


def main() -> int:
    started = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    driver = Driver(FOLDER, started)
    driver.say("building three made-up hospitals (seed 7) 造三家虚拟医院")
    with Hospitals(FOLDER / "hospitals") as hospitals:
        driver.env.update(hospitals.env)
        nights(driver, hospitals)
        sets = freeze_sets(driver, FOLDER / "hospitals")
        reports = evaluate(driver, sets)
    verify(driver, reports)
    search(driver, FOLDER / "hospitals" / "answer_key.json")
    return driver.finish(reports)


if __name__ == "__main__":
    sys.exit(main())
