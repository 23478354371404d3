"""The verifier for a PC without network: one ZIP with a wheel, its digests and how to use it.

    python -m eval_harness.verify.bundle --out dist [--wheels DIR]

The wheel holds what verification imports and needs Python and numpy only. --wheels adds wheels that lie in DIR (numpy for the
PC in question), so that nothing has to be fetched there. The same sources give the same bytes.
"""
from __future__ import annotations

import argparse
import base64
import hashlib
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from eval_harness.verify.formats import READS

PACKAGE = Path(__file__).parent.parent
ROOMS = ("base", "metrics", "stats", "scoring", "report", "verify", "messages")
LEFT_OUT = ("report/fonts/NotoSansSC-SemiBold.ttf", "report/fonts/coverage.txt", "report/pdf.py", "report/template.typ",
            "scoring/gather.py", "scoring/synthetic.py", "base/record.py", "base/wrong_value.py", "base/patterns.toml",
            "verify/bundle.py")
"""Needed to write evidence or to plan, not to verify it."""
NAME = "touchstone-verifier"
FIXED = (1980, 1, 1, 0, 0, 0)
README = """试金石核验程序 / Touchstone verifier {version}

需要 Python 3.11 以上和 numpy，不需要网络。先核对本文件的 SHA-256（从可信渠道取得），再核对 SHA256SUMS。
Needs Python 3.11 or later and numpy; no network. First check this ZIP's SHA-256 (from a trusted channel), then SHA256SUMS.

    python -m pip install --no-index --find-links . {wheel}
    python -m eval_harness.verify V.zip --trust PUBLIC_KEY_FILE
    python -m eval_harness.verify R.zip --trust PUBLIC_KEY_FILE --key REGULATOR_PRIVATE_KEY [--blobs R.blobs.tar] [--lang zh]

读取的格式 Formats it reads: {reads}

退出码 Exit code:
  0 核验通过 verified
  1 不一致、损坏或未核对签名者 differs, damaged or signer not checked
  2 用法 wrong usage   3 环境 the environment failed
"""


def wheel(version: str) -> tuple[str, bytes]:
    """(file name, bytes) of the verifier's wheel."""
    files = {"eval_harness/__init__.py": (PACKAGE / "__init__.py").read_bytes()}
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*")):
            name = path.relative_to(PACKAGE).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and not name.startswith(LEFT_OUT) and path.name != "README.md":
                files[f"eval_harness/{name}"] = path.read_bytes()
    info = f"{NAME.replace('-', '_')}-{version}.dist-info"
    files[f"{info}/METADATA"] = (f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nRequires-Python: >=3.11\n"
                                 "Requires-Dist: numpy>=2.0\nLicense: Apache-2.0\n").encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: touchstone\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ntouchstone-verify = eval_harness.verify.__main__:main\n"
    record = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
              for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return f"{NAME.replace('-', '_')}-{version}-py3-none-any.whl", _zipped(files)


def bundle(out: Path, version: str, wheels: Path | None = None) -> Path:
    """Write out/touchstone-verifier-<version>.zip and give its path; its SHA-256 stands beside it."""
    name, data = wheel(version)
    files: dict[str, bytes] = {name: data}
    for path in sorted(wheels.glob("*.whl")) if wheels is not None else ():
        files[path.name] = path.read_bytes()
    files["README.txt"] = README.format(version=version, wheel=name, reads=", ".join(READS)).encode()
    files["SHA256SUMS"] = "".join(f"{hashlib.sha256(held).hexdigest()}  {file}\n" for file, held in sorted(files.items())).encode()
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{NAME}-{version}.zip"
    whole = _zipped(files)
    path.write_bytes(whole)
    path.with_suffix(".zip.sha256").write_text(f"{hashlib.sha256(whole).hexdigest()}  {path.name}\n", encoding="ascii")
    return path


def _zipped(files: Mapping[str, bytes]) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, FIXED)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return held.getvalue()


def main() -> int:
    from importlib.metadata import version

    parser = argparse.ArgumentParser(description="Pack the verifier for a PC without network.")
    parser.add_argument("--out", type=Path, default=Path("dist"))
    parser.add_argument("--wheels", type=Path, help="folder with wheels to add (numpy for that PC)")
    given = parser.parse_args()
    path = bundle(given.out, version("touchstone-eval"), given.wheels)
    sys.stdout.write(f"{path}  {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
