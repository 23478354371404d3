"""A folder that goes, comes back, cannot be read or is empty is never read as `all deleted`, and loses nothing."""
from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.phi_zone.connectors.folder import FolderConnector
from schemas.tables import INSTANCE
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

pytestmark = pytest.mark.slow
NEXT = NIGHT + dt.timedelta(days=1)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Do something once, after the folder was listed and before anything is read."""
    def plan(work: Callable[[], None]) -> None:
        whole, todo = FolderConnector.fetch, [work]

        def fetch(self: FolderConnector, group: Any) -> Iterator[Any]:
            while todo:
                todo.pop()()
            yield from whole(self, group)

        monkeypatch.setattr(FolderConnector, "fetch", fetch)
    return plan


def two_images(disk: Disk) -> None:
    for number, image in enumerate(list(shelf().instances.values())[:2]):
        disk.put(f"图像 1/IM{number}", image.data)


def test_a_disk_that_is_detached_between_listing_and_reading_leaves_everything_in_flight(
        lake: Lake, disk: Disk, between: Callable[[Callable[[], None]], None]) -> None:
    two_images(disk)

    def detach() -> None:
        shutil.move(disk.path, disk.path.with_name("detached"))
        disk.path.mkdir()       # an empty mount point

    between(detach)
    first = lake.ingest()
    assert (first.state, [issue.code for issue in first.issues][:1], first.counts["in_flight"]) == ("open", ["CON-007"], 2)
    assert not any(line.rejected for line in lake.days())
    disk.path.rmdir()
    shutil.move(disk.path.with_name("detached"), disk.path)
    second = lake.ingest()
    assert (second.state, second.counts["released"], second.counts["in_flight"]) == ("closed", 2, 0)
    assert [line.difference for line in lake.days()] == [0]


def test_a_file_that_was_gone_and_is_back_under_its_old_name_is_taken_after_all(
        lake: Lake, disk: Disk, between: Callable[[Callable[[], None]], None]) -> None:
    two_images(disk)
    kept = (disk.path / "图像 1/IM0").read_bytes()
    between(lambda: (disk.path / "图像 1/IM0").unlink())
    assert (lake.ingest().counts["released"], sum(line.rejected for line in lake.days())) == (1, 1)
    quiet = lake.ingest(as_of=NEXT)
    assert (quiet.counts["claimed"], quiet.counts["landed"]) == (0, 0)
    disk.put("图像 1/IM0", kept)
    assert lake.ingest(as_of=NEXT + dt.timedelta(days=1)).counts["released"] == 1
    assert len(lake.rows(INSTANCE)) == 2
    assert [(line.expected, line.released, line.rejected, line.difference) for line in lake.days()] == [(2, 2, 0, 0)]


def test_an_empty_folder_after_a_full_one_is_told_and_deletes_nothing(lake: Lake, disk: Disk) -> None:
    two_images(disk)
    assert lake.ingest().issues == []
    shutil.rmtree(disk.path / "图像 1")
    night = lake.ingest(as_of=NEXT)
    assert ([issue.code for issue in night.issues], night.exit_code) == (["CON-019"], 1)
    assert len(lake.rows(INSTANCE)) == 2


def test_a_folder_that_was_always_empty_is_no_alarm(lake: Lake) -> None:
    assert lake.ingest().issues == []


def test_a_file_that_cannot_be_read_holds_up_nobody_and_comes_when_it_can(
        lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    two_images(disk)
    bad, whole = disk.path / "图像 1/IM0", Path.open

    def broken(self: Path, *how: Any, **more: Any) -> Any:
        if self == bad:
            raise OSError(5, os.strerror(5), str(self))
        return whole(self, *how, **more)

    with monkeypatch.context() as medium:
        medium.setattr(Path, "open", broken)
        night = lake.ingest()
    assert (night.state, night.counts["released"], [issue.code for issue in night.issues]) == ("closed", 1, ["CON-015"])
    assert lake.ingest(as_of=NEXT).counts["released"] == 1
    assert all(line.difference == 0 and not line.rejected for line in lake.days())


def test_a_file_that_fails_while_it_is_read_stays_in_flight(lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    two_images(disk)
    chunks = FolderConnector._chunks

    def failing(self: FolderConnector, path: Path) -> Iterator[bytes]:
        if path.name == "IM0":
            raise OSError(5, os.strerror(5), str(path))
        yield from chunks(self, path)

    with monkeypatch.context() as medium:
        medium.setattr(FolderConnector, "_chunks", failing)
        night = lake.ingest()
    assert (night.counts["released"], night.counts["in_flight"]) == (1, 1)
    assert {issue.code for issue in night.issues} == {"CON-015", "LED-001"}
    assert lake.ingest(as_of=NEXT).counts["released"] == 1
    assert all(line.difference == 0 for line in lake.days())


def test_odd_names_are_taken_and_links_out_of_the_folder_are_not(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    first, second, third, fourth = (image.data for image in list(shelf().instances.values())[:4])
    outside = tmp_path / "outside.dcm"
    outside.write_bytes(fourth)
    odd = os.fsencode(disk.path)
    for name, image in ((b"new\nline.dcm", first), (b"\xff\xfe.dcm", second), (b"n" * 251 + b".dcm", third)):
        Path(os.fsdecode(odd + b"/" + name)).write_bytes(image)
    Path(os.fsdecode(odd + b"/\xfe notes.txt")).write_bytes(b"no record")
    (disk.path / "link.dcm").symlink_to(outside)
    night = lake.ingest()
    assert (night.counts["released"], night.counts["quarantined"]) == (3, 1)
    assert all(line.difference == 0 for line in lake.days())
    assert lake.ingest(as_of=NEXT).counts["landed"] == 0
