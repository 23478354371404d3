"""`python -m simulator serve --out DIR`: three hospitals on loopback until interrupted.

Prints one line of JSON when ready: where the site files, the secrets and the admin address are. Then, from anywhere:

    curl -X POST ADMIN/_sim/night/2
    curl -X POST ADMIN/_sim/sh-east/faults -d '{"kind": "cut", "match": "/dicom-web/studies/", "at": 0.5}'
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from simulator.faults import Fault
from simulator.people import SITES


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Made-up hospitals on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the hospitals until interrupted")
    serve.add_argument(
        "--out", type=Path, required=True, help="folder for site files, keys, secrets, readings, answer key and the USB disk"
    )
    serve.add_argument("--night", type=int, default=1, choices=(1, 2))
    serve.add_argument("--seed", type=int, default=7)
    serve.add_argument("--only", choices=SITES, help="one hospital only")
    serve.add_argument("--fault", action="append", default=[], metavar="SITE:JSON", help='for example sh-east:{"kind":"cut","at":0.5}')
    options = parser.parse_args(arguments)
    faults: dict[str, list[Fault]] = {}
    for text in options.fault:
        site_id, _, body = text.partition(":")
        try:
            faults.setdefault(site_id, []).append(Fault.from_dict(json.loads(body)))
        except (ValueError, TypeError) as error:
            parser.error(f"--fault {site_id}: {error}")
    return _serve(options, faults)


def _serve(options: argparse.Namespace, faults: dict[str, list[Fault]]) -> int:
    from simulator.hospitals import Hospitals

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Hospitals(options.out, options.seed, options.night, options.only, faults) as hospitals:
        ready = {
            "ready": True,
            "admin": hospitals.admin.url,
            "night": options.night,
            "secrets": str(options.out / "secrets.env"),
            "sites": {site_id: str(hospitals.site_file(site_id)) for site_id in hospitals.sites},
            "answer_key": str(options.out / "answer_key.json"),
            "readings": str(options.out / "readings.csv"),
        }
        print(json.dumps(ready, ensure_ascii=False), flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
