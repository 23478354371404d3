"""The JSON-lines door `touchstone deid text`: many lines at a time as each alone, as they come, none waiting for the next."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text import lines as door_of
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.lines import LineCleaner, arrived
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.training.generate import corpus
from schemas.deid import KnownIdentity
from schemas.shapes.site import Site

POLICY = load_text_policy("cn-gold")
CLEANER = TextCleaner(POLICY)
KNOWN = (None, KnownIdentity(names=("陈雅婷", "Ada Goldner")), KnownIdentity(ids=("ZY2024000",)))


def test_the_door_keeps_order_moves_dates_with_the_patient_and_answers_broken_lines():
    key = ProjectKey(bytes(32), "t")
    door = LineCleaner(CLEANER, Site.bare("east"), key)
    shift = key.shift_days(key.subject("east", "east", "77"))
    out = json.loads(
        door.clean(json.dumps({"id": "1", "text": "陈雅婷 2024-03-05复查", "patient_id": "77", "known": {"names": ["陈雅婷"]}}).encode())
    )
    assert out["text"] == f"[NAME] {(dt.date(2024, 3, 5) + dt.timedelta(days=shift)).isoformat()}复查"
    assert out["spans"][0] == {"start": 0, "end": 3, "type": "NAME", "rule": "known.name"}
    assert json.loads(door.clean(b"nonsense"))["issues"][0]["code"] == "TXT-003"
    assert json.loads(door.clean(b'{"id": 5, "text": "\xe8\xa1\x80\xe9\x92\xbe4.1"}')) == {"id": 5, "text": "血钾4.1", "spans": []}
    assert door.broken == 1


def test_a_patient_without_a_key_gets_tags_and_a_note():
    door = LineCleaner(CLEANER, None, None)
    assert json.loads(door.clean(b'{"id": 1, "text": "2024-03-05", "patient_id": "9"}'))["text"] == "[DATE]"
    assert [issue.code for issue in door.notes()] == ["TXT-004"]


def test_many_texts_together_are_cleaned_as_each_alone_whoever_their_patients_are():
    notes = [text for language in ("zh", "en") for text, _ in corpus(language, 300, 17)]
    texts = ["\n".join(notes[start : start + 5]) for start in range(0, len(notes), 3)]   # sentences come again, dates with other shifts
    asked = [(text, KNOWN[number % 3], (None, -100, -731)[number % 3 - 1]) for number, text in enumerate(texts)]
    together, alone = TextCleaner(POLICY), TextCleaner(POLICY)
    found = [cleaned for start in range(0, len(asked), 40) for cleaned in together.clean_many(asked[start : start + 40])]
    assert found == [alone.clean(text, known, None, shift) for text, known, shift in asked]
    assert found == [TextCleaner(POLICY).clean(text, known, None, shift) for text, known, shift in asked]
    assert sum(len(cleaned.spans) for cleaned in found) > 500


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b"", b" ", b"a", b"bc" * 9, b"d" * 40, b"\r"]), max_size=40), st.integers(1, 30), st.booleans())
def test_lines_arrive_whole_in_order_and_without_the_blank_ones(lines, size, ended):
    came = [line for some in arrived(Slow(b"\n".join(lines) + b"\n" * ended, size)) for line in some]
    assert came == [line for line in lines if line.strip()]


def test_a_line_that_is_too_long_is_answered_and_the_next_one_cleaned(monkeypatch):
    monkeypatch.setattr(door_of, "MAX_LINE_BYTES", 1000)
    long, short = json.dumps({"id": 1, "text": "a" * 5000}).encode(), json.dumps({"id": 2, "text": "住院号ZY2024000"}).encode()
    door = LineCleaner(CLEANER, None, None)
    came = list(arrived(Slow(long + b"\n" + short, 300)))
    assert max(len(line) for some in came for line in some) == 1001
    first, second = (json.loads(answer) for some in came for answer in door.clean_many(some))
    assert [issue["code"] for issue in first["issues"]] == ["TXT-007"]
    assert second == {"id": 2, "text": "住院号[MRN]", "spans": [{"start": 3, "end": 12, "type": "MRN", "rule": second["spans"][0]["rule"]}]}


def test_whoever_waits_for_an_answer_before_the_next_line_gets_it():
    words = [sys.executable, "-c", "from pipelines.cli.main import run; run()", "deid", "text"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        for number in range(3):
            peer.stdin.write(json.dumps({"id": number, "text": "联系电话13905285656"}).encode() + b"\n")
            peer.stdin.flush()
            assert json.loads(peer.stdout.readline()) | {"spans": []} == {"id": number, "text": "联系电话[PHONE]", "spans": []}
        peer.stdin.close()
        assert peer.wait() == 0


class Slow(io.BytesIO):
    """Gives a few bytes at a time, as a pipe does."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(min(self._size, size if size and size > 0 else self._size))
