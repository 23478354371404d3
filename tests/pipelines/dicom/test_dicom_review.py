"""The review queue: what could not be read waits, a person decides on loopback, and the next run does as decided."""
from __future__ import annotations

import hashlib
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_build import US, ct, part10, without
from dicom_door import KEY, SITE

from pipelines.cli.review import make_server
from pipelines.phi_zone.dicom import deidentify_instance, load_policy
from pipelines.phi_zone.pixels import cleaner as room
from pipelines.phi_zone.pixels.cleaner import OcrCleaner
from pipelines.phi_zone.pixels.look import Seen
from pipelines.phi_zone.pixels.ocr import Line
from pipelines.phi_zone.pixels.review import decide, decisions
from schemas.shapes.dicom_policy import DicomPolicy

BOX = (0, 10, 20, 61, 33)


def us() -> bytes:
    image = np.random.default_rng(1).integers(0, 90, (64, 96), np.uint8)
    fields = without(ct(SOPClassUID=US, Modality="US", Rows=64, Columns=96, BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW"))
    return part10(fields | {("PixelData", "OB"): image.tobytes()})


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> DicomPolicy:
    """cn-gold that holds uncertain text, and a reader that finds one smudge."""
    def smudge(picture: Any, *_: Any) -> list[Seen]:
        inside = picture[BOX[2]:BOX[4], BOX[1]:BOX[3]]
        if len(np.unique(inside)) == 1:
            return []
        return [Seen(Line(((10, 20), (60, 20), (60, 32), (10, 32)), "?x?", 0.4), "uncertain")]

    monkeypatch.setattr(room, "look", smudge)
    monkeypatch.setattr(room, "reader", lambda: None)
    gold = load_policy("cn-gold")
    return gold.model_copy(update={"pixels": gold.pixels.model_copy(update={"uncertain": "review"})})


def test_uncertain_text_waits_and_leaves_as_decided(policy: DicomPolicy) -> None:
    def run(**options: Any) -> Any:
        return deidentify_instance(us(), policy, KEY, SITE, None, OcrCleaner(**options))

    assert [issue.code for issue in run().issues] == ["DCM-141"]
    kept, hidden = run(decided={BOX: False}), run(decided={BOX: True})
    assert (kept.status, kept.pixels.pixels_changed) == ("released", False)
    assert (hidden.status, hidden.pixels.pixels_changed) == ("released", True)


@pytest.fixture
def served(policy: DicomPolicy, tmp_path: Path) -> Iterator[Any]:
    source, out = tmp_path / "source.dcm", tmp_path / "out"
    source.write_bytes(us())
    (out / ".work").mkdir(parents=True)
    digest = hashlib.sha256(us()).hexdigest()
    (out / "manifest.jsonl").write_text(json.dumps({"source_sha256": digest, "issues": [{"code": "DCM-141"}]}) + "\n", encoding="utf-8")
    (tmp_path / "map.jsonl").write_text(json.dumps({"source_sha256": digest, "path": str(source)}) + "\n", encoding="utf-8")
    server = make_server(out, tmp_path / "map.jsonl", policy, "wang:steward", "en")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.out, server.digest = out, digest  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()


def address(server: Any, tail: str = "") -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{server.token}/{tail}"


def test_the_page_shows_the_queue_the_picture_and_takes_the_decision(served: Any) -> None:
    assert "file 0" in urllib.request.urlopen(address(served)).read().decode()
    assert "b0" in urllib.request.urlopen(address(served, "0")).read().decode()
    assert urllib.request.urlopen(address(served, "0/0.png")).read().startswith(b"\x89PNG")
    urllib.request.urlopen(address(served, "0"), data=urllib.parse.urlencode({"b0": "keep"}).encode())
    assert decisions(served.out) == {served.digest: {BOX: False}}
    row = json.loads((served.out / ".work" / "decisions.jsonl").read_text(encoding="utf-8"))
    assert row["by"] == "wang:steward"
    assert "Nothing is waiting" in urllib.request.urlopen(address(served)).read().decode()


@pytest.mark.parametrize("path", ["/", "/guess/", "/guess/0"])
def test_without_the_secret_nothing_is_shown(served: Any, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{served.server_address[1]}{path}")
    assert caught.value.code == 403


def test_another_host_name_is_refused(served: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(address(served), headers={"Host": "evil.example"}))
    assert caught.value.code == 403


def test_a_later_decision_counts(tmp_path: Path) -> None:
    (tmp_path / ".work").mkdir()
    decide(tmp_path, "d", [(BOX, True)], "a")
    decide(tmp_path, "d", [(BOX, False)], "b")
    assert decisions(tmp_path) == {"d": {BOX: False}}
