"""`python -m eval_harness.verify FILE`: the verifier where there is Python and numpy and nothing else."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eval_harness.base import TouchstoneError
from eval_harness.base.console import language
from eval_harness.verify.command import about, new_key, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="verify", description="Check an evidence file and re-compute its numbers.")
    parser.add_argument("file", type=Path, nargs="?", help="V.zip or R.zip")
    parser.add_argument("--new-key", type=Path, help="make the regulator's key pair instead: FILE and FILE with .pub")
    parser.add_argument("--trust", type=Path, help="the platform's public key (64 hexadecimal characters)")
    parser.add_argument("--opening", type=Path, help="the other edition: shows that both belong together")
    parser.add_argument("--blobs", type=Path, help="blobs.tar with masks by digest")
    parser.add_argument("--key", type=Path, help="the regulator's private key, which opens the sealed tables")
    parser.add_argument("--task", type=Path, help="folder of a task pack that brings its own measure function")
    parser.add_argument("--extract", type=Path, help="folder for the opened members, the full report among them")
    parser.add_argument("--version", action="store_true", help="which version this is, and which formats it reads")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--lang", choices=("zh", "en"))
    given = parser.parse_args()
    lang = language(given.lang)
    try:
        if given.version:
            return about(given.json, lang)
        if given.new_key is not None:
            return new_key(given.new_key, lang)
        return run(given.file, given.trust, given.opening, given.blobs, given.key, given.task, given.json, lang, given.extract)
    except TouchstoneError as error:
        sys.stderr.write(error.issue.text(lang) + "\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
