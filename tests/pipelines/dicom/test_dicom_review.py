"""The review queue: what could not be read waits, a person decides on loopback, and the next run does as decided."""
from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
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
from dicom_door import KEY, SITE, holds

from eval_harness.base import Retryable
from governance.audit import Actor, Audit
from pipelines.phi_zone.dicom import deidentify_instance, load_policy
from pipelines.phi_zone.pixels import cleaner as room
from pipelines.phi_zone.pixels.cleaner import OcrCleaner
from pipelines.phi_zone.pixels.decisions import decisions, decisions_file
from pipelines.phi_zone.pixels.look import Seen
from pipelines.phi_zone.pixels.ocr import Line
from pipelines.phi_zone.pixels.review import AROUND_PX, MARK, ReviewDesk, decide, enlarged, numbered
from pipelines.phi_zone.pixels.review_page import index
from pipelines.phi_zone.pixels.review_server import HEADERS, make_server
from schemas.shapes.dicom_policy import DicomPolicy

BOX = (0, 10, 20, 61, 33)
WHO = Actor("wang", "steward")


def us(seed: int = 1) -> bytes:
    image = np.random.default_rng(seed).integers(0, 90, (64, 96), np.uint8)
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
    """Two files that wait, 0 and 1."""
    out, digests = tmp_path / "out", list[str]()
    (out / ".work").mkdir(parents=True)
    with (out / "manifest.jsonl").open("w") as manifest, (tmp_path / "map.jsonl").open("w") as paths:
        for number in range(2):
            source = tmp_path / f"王建国 {number}.dcm"
            source.write_bytes(us(number))
            digests.append(hashlib.sha256(us(number)).hexdigest())
            manifest.write(json.dumps({"source_sha256": digests[number], "issues": [{"code": "DCM-141"}]}) + "\n")
            paths.write(json.dumps({"source_sha256": digests[number], "path": str(source)}) + "\n")
    desk = ReviewDesk(out, tmp_path / "map.jsonl", policy, Audit(tmp_path / "audit"), WHO)
    server = make_server(desk, "en")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.digests = digests  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()


def address(server: Any, tail: str = "") -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{server.token}/{tail}"


def origin(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def get(server: Any, tail: str = "") -> bytes:
    content: bytes = urllib.request.urlopen(address(server, tail), timeout=20).read()
    return content


def post(server: Any, tail: str, fields: dict[str, str], **headers: str) -> Any:
    body = urllib.parse.urlencode(fields).encode()
    return urllib.request.urlopen(urllib.request.Request(address(server, tail), body, {"Origin": origin(server), **headers}), timeout=20)


def refused(server: Any, tail: str, fields: dict[str, str], **headers: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(server, tail, fields, **headers)
    assert decisions(server.desk.out) == {}
    return caught.value.code


def actions(server: Any) -> list[tuple[str, str, str, str]]:
    return [(one["actor"], one["action"], one["object"], one["result"]) for one in server.desk.audit.records()]


def test_the_page_shows_the_queue_the_picture_and_takes_the_decision(served: Any) -> None:
    assert b"File 1" in get(served)
    assert b'name="b0"' in get(served, "0")
    assert get(served, "0/frame/0.png").startswith(b"\x89PNG")
    assert get(served, "0/box/0.png").startswith(b"\x89PNG")
    assert post(served, "0", {"b0": "keep", "form": served.form_token}).url == address(served, "1")     # the next one
    assert decisions(served.desk.out) == {served.digests[0]: {BOX: False}}
    post(served, "1", {"form": served.form_token})
    assert decisions(served.desk.out)[served.digests[1]] == {BOX: True}
    assert b"Nothing is waiting" in get(served)


def test_every_picture_opened_and_every_decision_is_in_the_audit_log_and_no_identity_is(served: Any) -> None:
    get(served, "0")
    get(served, "0")
    post(served, "0", {"b0": "keep", "form": served.form_token})
    own = served.digests[0]
    assert actions(served) == [("wang", "review.show", own, "done"), ("wang", "review.decide", own, "begun"),
                               ("wang", "review.decide", own, "done"), ("wang", "review.show", served.digests[1], "done")]
    begun = list(served.desk.audit.records())[1]["facts"]
    line = decisions_file(served.desk.out).read_bytes()
    assert begun == {"hidden": 0, "kept": 1, "line_sha256": hashlib.sha256(line).hexdigest()}
    assert json.loads(line)["by"] == "wang:steward"
    for needle in ("王建国", "JIANGUO", "ZY20240188"):
        assert not holds(served.desk.audit.path.read_bytes() + line, needle)


def test_what_cannot_be_audited_is_not_decided(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    get(served, "0")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("governance.audit.os.fsync", full)
    assert refused(served, "0", {"b0": "keep", "form": served.form_token}) == 409
    with pytest.raises(Retryable):
        decide(served.desk.out, "d", [(BOX, True)], WHO, served.desk.audit)
    assert decisions(served.desk.out) == {}


@pytest.mark.parametrize("path", ["/", "/guess/", "/guess/0", "/%E4%BD%A0/"])
def test_without_the_secret_nothing_is_shown(served: Any, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{served.server_address[1]}{path}")
    assert caught.value.code == 403


@pytest.mark.parametrize("tail", ["9", "x", "0/frame/9.png", "0/box/9.png", "0/frame/-1.png", "0/frame/²", "0/else/0.png", "0/0/0/0"])
def test_what_is_not_there_is_said_in_words_and_nothing_breaks(served: Any, tail: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(served, urllib.parse.quote(tail))
    assert caught.value.code in (404, 409)
    assert b"Back to the list" in caught.value.read()


@pytest.mark.parametrize("name", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]", ""])
def test_a_name_that_was_rebound_to_this_machine_is_refused(served: Any, name: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(address(served), headers={"Host": name}))
    assert caught.value.code == 403
    assert refused(served, "0", {"form": served.form_token}, Host=name, Origin=f"http://{name}") == 403


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": "http://127.0.0.1:1"},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}])
def test_a_post_of_another_origin_is_refused_though_it_knows_the_address(served: Any, headers: dict[str, str]) -> None:
    assert refused(served, "0", {"b0": "keep", "form": served.form_token}, **headers) == 403


@pytest.mark.parametrize("fields", [{"b0": "keep"}, {"b0": "keep", "form": "guess"}, {"b0": "keep", "form": "你"}])
def test_a_post_without_the_forms_own_token_is_refused(served: Any, fields: dict[str, str]) -> None:
    assert refused(served, "0", fields) == 403


def test_a_post_that_is_no_form_or_too_long_is_refused(served: Any) -> None:
    assert refused(served, "0", {"form": served.form_token}, **{"Content-Type": "text/plain"}) == 415
    assert refused(served, "0", {"form": served.form_token, "x": "x" * 70_000}) == 413
    assert refused(served, "0", {"form": served.form_token}, **{"Content-Length": "-1"}) == 404


def test_nothing_may_frame_cache_or_script_the_page(served: Any) -> None:
    headers = urllib.request.urlopen(address(served)).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (headers["Cache-Control"], headers["Referrer-Policy"], headers["Server"]) == ("no-store", "same-origin", "touchstone")


def test_a_file_that_was_changed_since_the_run_is_not_decided_on(served: Any) -> None:
    Path(served.desk.waiting[0].path).write_bytes(us(7))
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(served, "0")
    assert caught.value.code == 409
    assert b"DCM-176" in caught.value.read()
    assert refused(served, "0", {"form": served.form_token}) == 409


def test_a_later_decision_counts_and_a_line_that_a_crash_cut_never_did(tmp_path: Path) -> None:
    (tmp_path / ".work").mkdir()
    audit = Audit(tmp_path / "audit")
    decide(tmp_path, "d", [(BOX, True)], WHO, audit)
    decide(tmp_path, "d", [(BOX, False)], WHO, audit)
    assert decisions(tmp_path) == {"d": {BOX: False}}
    with decisions_file(tmp_path).open("a") as file:
        file.write('{"source_sha256": "d", "boxes": [{"box": [0, 10')
    assert decisions(tmp_path) == {"d": {BOX: False}}
    decide(tmp_path, "e", [(BOX, True)], WHO, audit)
    assert decisions(tmp_path) == {"d": {BOX: False}, "e": {BOX: True}}
    assert decisions_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_the_command_wants_a_run_its_own_policy_and_an_account_that_may_decide(tmp_path: Path) -> None:
    def typed(**more: str) -> str:
        command = [Path(sys.executable).with_name("touchstone"), "review", "serve", str(tmp_path), "--source-map", "map.jsonl",
                   "--policy", "cn-gold", "--lang", "en"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False,
                              env={"PATH": "/usr/bin:/bin", **more})
        assert done.returncode == 2 or "ACC-001" in done.stderr
        return done.stderr

    assert "DCM-174" in typed()
    (tmp_path / "summary.json").write_text(json.dumps({"policy": {"policy_id": "cn-gold", "version": 1, "digest": "0" * 64}}))
    assert "DCM-175" in typed()
    from pipelines.phi_zone.dicom.plan import policy_digest
    (tmp_path / "summary.json").write_text(json.dumps({"policy": {"policy_id": "cn-gold", "version": 1,
                                                                  "digest": policy_digest(load_policy("cn-gold"))}}))
    for name in ("manifest.jsonl", "map.jsonl"):
        (tmp_path / name).write_text("")
    assert "ACC-001" in typed(TOUCHSTONE_ACTOR="li:vendor")
    log = (tmp_path / ".work" / "audit" / "log.jsonl").read_text()
    assert '"deny"' in log


def outlined(png: bytes) -> Any:
    """Where a picture has the colour of marks: rows x columns of bool."""
    import cv2

    seen = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).astype(int)
    return np.abs(seen - np.array(MARK)).sum(axis=2) < 40


@pytest.mark.parametrize("box", [(0, 30, 40, 90, 52), (0, 0, 0, 95, 12), (0, 92, 60, 95, 63), (0, 0, 0, 95, 63)])
def test_an_enlarged_place_shows_which_of_the_lines_is_asked_about(box: tuple[int, int, int, int, int]) -> None:
    marked = outlined(enlarged(np.zeros((64, 96, 3), np.uint8), box))
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    left, top = max(0, box[1] - AROUND_PX), max(0, box[2] - AROUND_PX)
    for line, low, high in ((columns, box[1] - left, box[3] - left), (rows, box[2] - top, box[4] - top)):
        assert abs(line[0] - 3 * low) <= 6
        assert abs(line[-1] - 3 * high) <= 6
    inside = marked[3 * (box[2] - top) + 3:3 * (box[4] - top) - 3, 3 * (box[1] - left) + 3:3 * (box[3] - left) - 3]
    assert not inside.any()     # not over the text


def test_the_number_of_a_place_stands_beside_it_and_inside_the_picture() -> None:
    marked = outlined(numbered(np.zeros((64, 96, 3), np.uint8), 0, [(0, 20, 20, 60, 33)]))
    assert marked[20:33, 64:].any()
    assert not marked[23:30, 24:56].any()
    assert outlined(numbered(np.zeros((64, 96, 3), np.uint8), 0, [(0, 40, 50, 95, 63)])).any()


def test_a_page_in_chinese_carries_its_characters_along() -> None:
    shown = index("zh", "/x/", {0: "ab"}, 0)
    assert "@font-face" in shown
    assert "font-src data:" in HEADERS["Content-Security-Policy"]
    assert "@font-face" not in index("en", "/x/", {0: "ab"}, 0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_decides_in_a_browser(served: Any, lang: str, tmp_path: Path) -> None:
    sys.path.append(str(Path(__file__).parents[2] / "eval_harness" / "report"))
    from devtools_browser import Browser

    served.lang, browser = lang, Browser()
    try:
        for width in (1280, 390):
            for tail in ("", "0"):
                seen = browser.open(address(served, tail), width)
                assert seen["errors"] == []
                assert seen["scroll_width"] <= width
                assert all(url.startswith((origin(served), "data:")) for url in seen["requests"])
                (tmp_path / f"review-{lang}-{width}-{tail or 'list'}.png").write_bytes(base64.b64decode(
                    browser.ask("Page.captureScreenshot", here=True, captureBeyondViewport=True)["data"]))
        assert ("遮盖" if lang == "zh" else "Hide") in seen["text"]
        browser.ask("Runtime.evaluate", here=True, expression="document.querySelector('[value=keep]').click();"
                                                              "document.querySelector('button').click()")
        while not any(event.get("method") == "Page.loadEventFired" for event in browser.events[-3:]):
            browser.events.append(browser._next())
        assert decisions(served.desk.out) == {served.digests[0]: {BOX: False}}
    finally:
        browser.close()
