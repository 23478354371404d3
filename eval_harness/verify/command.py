"""What `verify` prints and returns; shared by `touchstone-eval verify` and `python -m eval_harness.verify`."""
from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.console import print_json
from eval_harness.base.phrases import in_chinese
from eval_harness.base.reasons import why
from eval_harness.report import archive
from eval_harness.report.edition import INNER
from eval_harness.verify.envelope import open_archive
from eval_harness.verify.formats import READS
from eval_harness.verify.own import own_pack
from eval_harness.verify.pack import open_sealed, verify_pack
from eval_harness.verify.result import COMMITTED, DIFFERS, MATCH, VerifyReport

LEVELS = {"done": {"zh": "已做", "en": "done"}, "part": {"zh": "部分", "en": "in part"},
          "not_here": {"zh": "此处不能做", "en": "not possible here"}}


def about(as_json: bool, lang: str) -> int:
    """Say which version this is and which formats it reads."""
    if as_json:
        print_json({"version": version(), "reads": list(READS)})
    else:
        sys.stdout.write(eval_messages().text("VER-056", lang, version=version(), known=", ".join(READS)) + "\n")
    return 0


def version() -> str:
    """Of the distribution that was installed: the whole harness, or the verifier alone."""
    from importlib import metadata

    for name in ("touchstone-eval", "touchstone-verifier"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "?"


def new_key(path: Path, lang: str) -> int:
    """Make a regulator's key pair: private half in `path` (0600), public half beside it. Raises WrongUsage VER-042 where it exists."""
    from eval_harness.report.keys import new_reader_key

    if path.exists():
        raise WrongUsage(eval_messages().issue("VER-042", path.name))
    new_reader_key(path)
    sys.stdout.write(eval_messages().text("VER-043", lang, private=path.name, public=path.with_suffix(".pub").name) + "\n")
    return 0


def extract(file: Path, key: bytes | None, folder: Path) -> int:
    """Write what `file` holds to `folder` (0700): the vendor edition's members and, with the key, the opened sealed ones under
    sealed/. Gives their number; 0 where the file or the seal does not open."""
    report = VerifyReport()
    members = open_archive(file.read_bytes(), None, report)
    if members is None:
        return 0
    out = dict(members)
    if INNER in members:
        out = dict(archive.unpack(members[INNER]))
        sealed = any(name.endswith(".hpke") for name in members)
        opened = open_sealed(members, key if sealed else None, report) if key is not None or not sealed else None
        out |= {f"sealed/{name}": data for name, data in (opened or {}).items()}
    for name, data in out.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(data)
    return len(out)


def run(file: Path | None, trust: Path | None, opening: Path | None, blobs: Path | None, key: Path | None, task: Path | None,
        as_json: bool, lang: str, into: Path | None = None) -> int:
    """Exit code: 0 everything fits and the signer was checked; 1 otherwise. Raises WrongUsage for a key or file that cannot be read."""
    if file is None:
        raise WrongUsage(eval_messages().issue("VER-040", "FILE"))
    for path in (file, opening, blobs):
        if path is not None and not path.is_file():
            raise WrongUsage(eval_messages().issue("VER-040", path.name))
    own = own_pack(task) if task is not None else None
    report = verify_pack(file, read_key(trust), opening, blobs, key=read_key(key), own=own)
    if into is not None and report.sound:
        extract(file, read_key(key), into)
    if as_json:
        print_json(report.to_dict())
    else:
        sys.stdout.write("\n".join(spoken(report, lang)) + "\n")
    return 0 if report.ok else 1


def read_key(path: Path | None) -> bytes | None:
    """32 bytes from a file of 64 hexadecimal characters. Raises WrongUsage REP-005."""
    if path is None:
        return None
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise WrongUsage(eval_messages().issue("REP-005", path.name, reason=why(error))) from error
    if len(key) != 32:
        raise WrongUsage(eval_messages().issue("REP-005", path.name, reason=f"{len(key)} bytes"))
    return key


def spoken(report: VerifyReport, lang: str) -> list[str]:
    """The findings as lines: levels, numbers that differ, issues, the closing line."""
    words = eval_messages()
    said = in_chinese if lang == "zh" else str
    out = [words.text("VER-050", lang, edition=said(report.edition or "?"), visibility=said(report.visibility or "?"),
                      signer=report.signer or "?", checked={True: "✓", False: "✗"}[report.signer_checked])]
    out += [f"  {level}  {LEVELS[state][lang]}" for level, state in report.levels.items()]
    wrong = [number for number in report.numbers if number.status == DIFFERS]
    out += [f"  {number.status}  {number.pointer}  {number.stored} → {number.again}" for number in wrong]
    out += [issue.text(lang) for issue in report.issues]
    if report.opening != "not_asked":
        out.append(words.text("VER-051" if report.opening == "same_file" else "VER-052", lang))
    if report.signed_only:
        out.append(words.text("VER-027", lang))
    counts = report.counts
    out.append(f"{MATCH} {counts[MATCH]}  {DIFFERS} {counts[DIFFERS]}  {COMMITTED} {counts[COMMITTED]}")
    out.append(words.text("VER-053" if report.ok else "VER-054" if report.sound else "VER-055", lang))
    return out
