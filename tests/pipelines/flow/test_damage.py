"""Damaged, lost or older files of a home: a coded error in both languages, nothing cleared away, nothing silently made anew."""
from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from eval_harness.base import TouchstoneError
from governance.audit import Actor, Audit
from pipelines import flows
from pipelines.cli.doctor import doctor
from pipelines.cli.ledger import ledger
from pipelines.cli.quarantine import list_rows, show
from pipelines.cli.sql import sql
from pipelines.cli.status import status
from pipelines.engines import delta
from pipelines.engines.base import ObjectRef
from pipelines.phi_zone.keys import load_key_file
from pipelines.phi_zone.landing import LandingReader, LandingWriter
from pipelines.phi_zone.opening import opened
from pipelines.phi_zone.sealed import Broken
from pipelines.phi_zone.tidy import tidy
from pipelines.settings import Settings
from pipelines.upkeep import compact_tables
from schemas.home import Home
from schemas.tables import CLAIM, EVENT, INSTANCE, LANDING_INDEX, TOMBSTONE, Table
from tests.pipelines.flow.conftest import NIGHT, SITE, Disk, Lake, shelf

pytestmark = pytest.mark.slow
Damage = Callable[[Home], None]


@pytest.fixture(scope="module")
def one_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one night of one patient and one image."""
    root = tmp_path_factory.mktemp("one night")
    disk = Disk(root / "usb")
    disk.lines([next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))])
    disk.put("CT/1", next(iter(shelf().instances.values())).data)
    assert Lake(root / "home", SITE | {"folder": {"path": str(disk.path)}}).ingest().counts["released"] == 2
    return root


@pytest.fixture
def home(one_night: Path, tmp_path: Path) -> Home:
    shutil.copytree(one_night / "home", tmp_path / "home")
    return Home(tmp_path / "home", tmp_path / "home" / "keys")


def at(home: Home) -> Lake:
    return Lake(home.root, SITE | {"folder": {"path": str(home.root.parent / "usb")}})


def refused(home: Home) -> TouchstoneError:
    """What the next night says; everything that is there must still be there afterwards."""
    before = everything(home)
    with pytest.raises(TouchstoneError) as told:
        flows.ingest(Settings(home, jobs=1), "usb", as_of=NIGHT.replace(day=4))
    assert everything(home) == before
    issue = told.value.issue
    assert all((issue.message_zh, issue.message_en, issue.hint_zh, issue.hint_en))
    return told.value


def everything(home: Home) -> set[str]:
    """Originals, parts and table files: what a night must not clear away."""
    places = (home.landing, home.objects, home.tables("phi"), home.tables("deid"))
    return {str(file.relative_to(home.root)) for place in places for file in place.rglob("*") if file.is_file()}


def folder(home: Home, table: Table) -> Path:
    return home.table(table.zone, table.folder)


def entries(home: Home, table: Table) -> list[Path]:
    return sorted((folder(home, table) / "_delta_log").glob("*.json"))


def data(home: Home, table: Table) -> Path:
    return next(folder(home, table).rglob("*.parquet"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


LOST: dict[str, Damage] = {
    "a table": lambda home: shutil.rmtree(folder(home, INSTANCE)),
    "the index of the originals": lambda home: shutil.rmtree(folder(home, LANDING_INDEX)),
    "the log of a table": lambda home: shutil.rmtree(folder(home, CLAIM) / "_delta_log"),
    "the newest version of a table": lambda home: entries(home, EVENT)[-1].unlink(),
    "the audit log": lambda home: (home.audit / "log.jsonl").unlink(),
    "the end of the audit log": lambda home: cut(home.audit / "log.jsonl"),
}


@pytest.mark.parametrize("lost", LOST)
def test_what_was_lost_is_named_and_nothing_of_what_is_left_is_cleared_away(home: Home, lost: str) -> None:
    LOST[lost](home)
    assert refused(home).issue.code == "FLW-010"


DAMAGED: dict[str, Damage] = {
    "a cut entry of a log": lambda home: cut(entries(home, EVENT)[-1]),
    "an entry that a loss of power left empty": lambda home: emptied(entries(home, EVENT)[-1]),
    "a cut data file": lambda home: cut(data(home, EVENT)),
    "a data file that is gone": lambda home: data(home, LANDING_INDEX).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_of_a_table_is_named_by_table(home: Home, damage: str) -> None:
    DAMAGED[damage](home)
    told = refused(home)
    assert told.issue.code == "ENG-014"
    assert told.issue.where in (EVENT.name, LANDING_INDEX.name)


def test_a_table_whose_log_is_gone_is_no_new_table(tmp_path: Path, home: Home) -> None:
    path = folder(home, INSTANCE)
    shutil.rmtree(path / "_delta_log")
    with pytest.raises(TouchstoneError) as told:
        delta.stored(path)
    assert (told.value.issue.code, told.value.issue.where) == ("ENG-014", INSTANCE.name)
    assert delta.stored(tmp_path / "nothing here yet") is None


def _scramble(home: Home) -> None:
    for file in home.governance.glob("governance.db-*"):
        file.unlink()
    home.database.write_bytes(b"no database " * 1000)


def _turned(home: Home) -> None:
    body = json.loads(home.project_key.read_text())
    secret = bytearray(base64.b64decode(body["secret"]))
    secret[3] ^= 1
    home.project_key.write_text(json.dumps(body | {"secret": base64.b64encode(bytes(secret)).decode()}))


def _without_database(home: Home) -> None:
    for file in home.governance.glob("governance.db*"):
        file.unlink()


def _database_of_no_bytes(home: Home) -> None:
    for file in home.governance.glob("governance.db*"):
        emptied(file)


WRONG: dict[str, tuple[Damage, str]] = {
    "a database that is none": (_scramble, "STO-002"),
    "a database that is gone": (_without_database, "STO-003"),
    "a database of no bytes": (_database_of_no_bytes, "STO-003"),
    "a cut marker": (lambda home: cut(home.marker), "HOM-006"),
    "a key with one bit turned": (_turned, "KEY-006"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_damaged_database_marker_or_key_is_told_and_none_is_made_in_its_place(home: Home, wrong: str) -> None:
    damage, code = WRONG[wrong]
    damage(home)
    assert refused(home).issue.code == code


def test_the_end_of_the_audit_log_with_one_bit_turned_is_no_chain_any_more(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    for number in range(3):
        audit.record("tried", Actor("test", "steward"), f"o{number}")
    place = audit.place()
    assert audit.holds(place)
    file = tmp_path / "log.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"object":"o2"', b'"object":"o3"'))
    assert not audit.holds(place)
    with pytest.raises(TouchstoneError, match="AUD-003"):
        audit.record("tried", Actor("test", "steward"), "o4")


def test_a_damaged_data_key_of_a_receipt_is_broken_to_readers_and_refused_to_writers(one_night: Path, home: Home) -> None:
    key = load_key_file(home.project_key)
    sealed = next(home.landing.rglob("key.sealed"))
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"?")
    name = str(sealed.parent.relative_to(home.landing))
    with pytest.raises(Broken):
        LandingReader(home, key).open(ObjectRef("landing", f"{name}/seg-00000", 0, 100))
    site, _, receipt = name.partition("/")
    with pytest.raises(TouchstoneError, match="LND-004"):
        LandingWriter(home, key, site, receipt).put([b"more"])


def test_damaged_originals_of_a_patient_cost_that_patient_and_not_the_night(
        lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.lines([next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))])
    with monkeypatch.context() as killed:
        killed.setattr(flows, "people", lambda run: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            lake.ingest()
    segment = next(lake.home.landing.rglob("seg-*.enc"))
    segment.write_bytes(segment.read_bytes()[:20] + b"?" + segment.read_bytes()[21:])
    disk.put("CT/1", next(iter(shelf().instances.values())).data)
    receipt = lake.ingest(as_of=NIGHT.replace(day=3))
    assert (receipt.state, receipt.counts["quarantined"]) == ("closed", 0)
    assert [row["code"] for row in lake.quarantined()] == ["LND-003"]
    assert len(lake.rows(INSTANCE)) == 1


def test_a_part_that_was_cut_is_a_difference_in_the_ledger(home: Home) -> None:
    lake = at(home)
    assert [line.difference for line in lake.days()] == [0, 0]
    cut(next(home.objects.rglob("*.tar")))
    assert {line.kind: (line.released, line.difference) for line in lake.days()} == {"instance": (0, 1), "resource": (1, 0)}


def test_the_doctor_names_everything_that_is_missing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(folder(home, INSTANCE))
    shutil.rmtree(folder(home, CLAIM))
    assert doctor(home=str(home.root), as_json=True, lang="zh") == 1
    told = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}["tables"]
    assert (told["state"], told["detail"]) == ("missing", f"FLW-010 {INSTANCE.name}, {CLAIM.name}")


@pytest.mark.parametrize("damage", DAMAGED)
def test_the_doctor_finds_a_damaged_file_without_a_night(home: Home, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    DAMAGED[damage](home)
    assert doctor(home=str(home.root), as_json=True, lang="en") == 1
    told = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}["tables"]
    assert told["detail"] in (f"ENG-014 {EVENT.name}", f"ENG-014 {LANDING_INDEX.name}")


def test_status_and_compaction_refuse_a_home_that_lost_a_table(home: Home) -> None:
    shutil.rmtree(folder(home, EVENT))
    with pytest.raises(TouchstoneError, match="FLW-010"):
        status(home=str(home.root))
    with pytest.raises(TouchstoneError, match="FLW-010"):
        compact_tables(at(home).settings)


@pytest.mark.parametrize("look", [lambda home: ledger(home=home), lambda home: list_rows(home=home), lambda home: show(1, home=home),
                                  lambda home: sql("SELECT COUNT(*) FROM claim", home=home)], ids=["ledger", "list", "show", "sql"])
@pytest.mark.parametrize("lost", [INSTANCE, CLAIM], ids=lambda table: table.name)
def test_a_look_at_a_home_that_lost_a_table_is_no_empty_list(home: Home, look: Callable[[str], object], lost: Table) -> None:
    shutil.rmtree(folder(home, lost))
    with pytest.raises(TouchstoneError, match="FLW-010"):
        look(str(home.root))


def test_a_look_at_a_whole_home_is_answered(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert (ledger(home=str(home.root)), list_rows(home=str(home.root)), sql("SELECT 7 AS seven", home=str(home.root))) == (0, None, 0)
    assert "seven" in capsys.readouterr().out


def test_what_one_hospital_takes_out_does_not_stop_another_that_reads_its_own(lake: Lake) -> None:
    stones = [{"site_id": site, "kind": "resource", "unit_token": "0" * 32, "target": "", "object_digest": "", "reason": "SRC-DELETED",
               "commit_id": "c", "at": NIGHT} for site in ("east", "west")]
    with lake.engine() as engine:
        engine.upsert(TOMBSTONE, pa.Table.from_pylist(stones, schema=TOMBSTONE.columns), commit_id="both")
        frame = engine.read(TOMBSTONE, columns=["site_id"], where="site_id = 'east'")
        next(folder(lake.home, TOMBSTONE).glob("site_id=west/*.parquet")).unlink()
        assert engine.table(frame).column("site_id").to_pylist() == ["east"]


def test_old_objects_stay_while_another_hospital_is_worked_on_because_a_clock_set_ahead_makes_everything_old(home: Home) -> None:
    part = next(home.objects.rglob("*.tar"))
    stray = home.objects / "aa" / f"{'a' * 64}.tar"
    stray.parent.mkdir(exist_ok=True)
    shutil.copy(part, stray)
    os.utime(stray, (0, 0))
    with opened(at(home).settings, "usb") as mine:
        run = mine.run("r-tidy", NIGHT.date(), Actor("test", "steward"))
        with (home.tmp("phi") / "other.lock").open("w") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            tidy(run)
            assert stray.exists()
        tidy(run)
    assert (stray.exists(), part.exists()) == (False, True)
