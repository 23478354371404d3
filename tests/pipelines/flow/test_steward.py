"""What a data steward types: doors with their exit codes, decisions with a reason, and errors that say what to do."""
from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eval_harness.base import Retryable, WrongUsage
from governance import registry
from governance.audit import Actor, Audit
from governance.store import open_store
from pipelines import steward
from pipelines.cli import main
from pipelines.phi_zone.landing import LandingWriter
from pipelines.settings import Settings
from tests.pipelines.flow.conftest import Disk, Lake, site_file
from tests.pipelines.flow.test_pull import Night, Source, came, ids

ME = Actor("li", "steward")
NOTES = b"number,remark\n1,not a record of anybody\n"


def touchstone(*words: str, home: Path) -> tuple[int, dict[str, Any], str]:
    """Type a command; give its exit code, its JSON and what it said."""
    done = subprocess.run([sys.executable, "-c", "from pipelines.cli.main import run; run()", *words, "--home", str(home), "--json"],
                          capture_output=True, text=True, env={**os.environ, "TOUCHSTONE_JOBS": "1"}, check=False)
    return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}, done.stderr


def test_a_steward_connects_a_folder_pulls_it_and_reads_the_ledger(tmp_path: Path, disk: Disk) -> None:
    disk.put("notes.csv", NOTES)
    home, file = tmp_path / "home", site_file(tmp_path, disk)
    assert touchstone("site", "add", str(file), home=home)[:2] == (0, {"changed": True, "site_id": "usb"})
    code, tested, _ = touchstone("site", "test", "usb", home=home)
    assert (code, tested["sources"][0]["counts"]["other"]) == (0, 1)
    code, pulled, words = touchstone("ingest", "usb", home=home)
    assert (code, pulled["receipts"][0]["counts"]["quarantined"]) == (1, 1)
    assert "usb  pull" in words
    code, ledger, _ = touchstone("ledger", home=home)
    assert code == 0
    assert set(ledger["rows"][0]) == {"site_id", "day", "kind", "basis", "expected", "released", "quarantined", "rejected", "in_flight",
                                      "unlisted", "difference", "settled"}
    assert touchstone("quarantine", "list", home=home)[1]["rows"][0]["code"] == "DCM-101"
    assert touchstone("status", home=home)[1]["sites"][0]["quarantined"] == 1


def test_a_decision_needs_a_reason_moves_the_state_and_not_the_days_total(lake: Lake, disk: Disk) -> None:
    disk.put("notes.csv", NOTES)
    lake.ingest()
    code, _, words = touchstone("quarantine", "reject", "1", home=lake.home.root)
    assert (code, "QUA-004" in words) == (2, True)
    receipts = steward.retry(lake.settings, lake.quarantined(), "a corrected rule", actor=ME)
    assert [receipt.counts["quarantined"] for receipt in receipts] == [1]
    assert [row["number"] for row in lake.quarantined()] == [1]
    before = [(line.expected, line.day) for line in lake.days()]
    steward.reject(lake.settings, lake.quarantined(), "no record at all", actor=ME)
    assert lake.quarantined() == []
    assert [(line.expected, line.day) for line in lake.days()] == before
    assert [(line.rejected, line.difference) for line in lake.days()] == [(1, 0)]


def test_locate_tells_the_place_and_is_written_down_without_it(lake: Lake, disk: Disk) -> None:
    disk.put("张伟 notes.csv", NOTES)
    lake.ingest()
    place = steward.locate(lake.settings, lake.quarantined()[0], ME)
    assert place["id"].startswith("张伟 notes.csv")
    records = list(Audit(lake.home.audit).records())
    assert records[-1]["action"] == "quarantine.locate"
    assert "张伟" not in json.dumps(records, ensure_ascii=False)


def test_a_locked_home_says_so_and_nothing_changes(lake: Lake, disk: Disk) -> None:
    disk.put("notes.csv", b"a,b\n")
    before = lake.versions()
    with lake.home.lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Retryable, match="FLW-001") as refused:
            lake.ingest()
        code, _, words = touchstone("ingest", "usb", home=lake.home.root)
    assert refused.value.issue.hint_zh
    assert (code, "FLW-001" in words) == (3, True)
    assert lake.versions() == before


def test_a_full_disk_counts_nothing_half_and_the_same_command_goes_on(lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        disk.put(f"notes-{number}.csv", b"a,b\n%d\n" % number)
    put, left = LandingWriter.put, [1]

    def full(self: LandingWriter, chunks: Any) -> Any:
        def until_full() -> Any:
            yield from chunks
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            left[0] -= 1

        return put(self, until_full())

    monkeypatch.setattr(LandingWriter, "put", full)
    with pytest.raises(Retryable, match="LND-001"):
        lake.ingest()
    monkeypatch.undo()
    receipt = lake.ingest()
    assert receipt.counts["quarantined"] == 3
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_a_lost_project_key_is_never_replaced_by_a_new_one(lake: Lake, disk: Disk) -> None:
    disk.put("notes.csv", b"a,b\n")
    lake.ingest()
    lake.home.project_key.rename(lake.home.keys / "elsewhere")
    with pytest.raises(WrongUsage, match="FLW-002"):
        lake.ingest()


@pytest.mark.parametrize("words, code, named", [
    (["inges", "usb"], 2, "ingest"), (["ingest", "nowhere"], 2, "REG-001"), (["ingest", "usb", "--as-of", "yesterday"], 2, "LED-004"),
    (["quarantine", "show", "99"], 2, "QUA-001"), (["quarantine", "retry", "--where", "colour=red", "--reason", "r"], 2, "QUA-002"),
])
def test_wrong_words_end_in_2_with_what_would_be_right(lake: Lake, words: list[str], code: int, named: str) -> None:
    done, _, said = touchstone(*words, home=lake.home.root)
    assert (done, named in said) == (code, True)


def test_an_unknown_key_in_a_site_file_is_refused_with_the_nearest_right_one(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("site_id: a\nname: {zh: 甲, en: A}\ntier: community\npatient_id_issuer: a\nfoldr: {path: /x}\n", encoding="utf-8")
    code, _, said = touchstone("site", "add", str(file), home=tmp_path / "home")
    assert (code, "folder" in said, (tmp_path / "home").exists()) == (2, True, False)


def test_the_help_page_names_every_noun_and_loads_none() -> None:
    probe = ("import sys; sys.argv = ['touchstone', '--help']; from pipelines.cli.main import run; run(); "
             "heavy = {'pyarrow', 'duckdb', 'deltalake', 'pydicom', 'numpy', 'sqlalchemy', 'typer'} & set(sys.modules); "
             "sys.exit(len(heavy))")
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(noun in done.stdout for noun in main.NOUNS)


def test_global_flags_may_stand_before_the_noun() -> None:
    assert main.globals_last(["--home", "H", "--json", "ingest", "a"]) == ["ingest", "a", "--home", "H", "--json"]


def test_a_promise_that_was_never_kept_is_lowered_by_a_named_person_with_a_reason_and_by_nothing_else(tmp_path: Path) -> None:
    night = Night(tmp_path / "home")
    night.pull(Source((ids("1", "2"), [came("1")])))
    store = open_store(Settings(night.home).store_url)
    registry.add_site(store, night.site)
    store.close()
    night.engine.close()
    code, _, said = touchstone("ledger", "--void", "2026-03-02", "--site", "usb", home=night.home.root)
    assert (code, "QUA-004" in said) == (2, True)
    code, ledger, _ = touchstone("ledger", "--void", "2026-03-02", "--site", "usb", "--reason", "listed twice", home=night.home.root)
    assert [(row["expected"], row["in_flight"]) for row in ledger["rows"]] == [(1, 1)]
    record = list(Audit(night.home.audit).records())[-1]
    assert (record["action"], record["facts"]["count"]) == ("ledger.void", 1)
    assert record["actor"] not in ("", "platform")
