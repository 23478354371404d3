"""Three hospitals that run: `with Hospitals(folder) as hospitals:` writes site files and secrets, serves, advances, misbehaves."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from simulator import fronts, readers
from simulator.answer_key import answer_key
from simulator.drop import write_drop
from simulator.faults import CONTENT, Fault, FaultBook
from simulator.fronts import private
from simulator.people import SITES
from simulator.server import Request, Response, Server, as_json
from simulator.story import CLOSE, Shelf, Story, told


class Hospital:
    """One hospital: its shelf at the current night, its faults, its server if it has one."""

    def __init__(self, site_id: str, nights: dict[int, Shelf], faults: list[Fault]) -> None:
        self.site_id, self.nights, self.faults, self.night = site_id, nights, FaultBook(), 1
        self.server: Server | None = None
        self.shelf = nights[1].copy()
        for fault in faults:
            self.misbehave(fault)

    def now(self) -> dt.datetime:
        return CLOSE[self.night]

    @property
    def url(self) -> str:
        """Where the hospital listens; "" for one that is a folder."""
        return self.server.url if self.server else ""

    @property
    def requests(self) -> list[str]:
        """Every request so far, as `METHOD path?query`."""
        return self.server.requests if self.server else []

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    def advance(self, night: int) -> None:
        """Move to `night`; what was held back arrives."""
        self.night, self.shelf = night, self.nights[night].copy()

    def misbehave(self, fault: Fault) -> None:
        """Order a fault. Content faults take effect at once, wire faults when a matching request comes."""
        if fault.kind not in CONTENT:
            self.faults.add(fault)
            return
        resource_key = (
            fault.unit
            if fault.unit in self.shelf.resources
            else next(key for key in self.shelf.resources if key.startswith("Observation/"))
        )
        if fault.unit in self.shelf.instances and fault.kind in ("hold_back", "delete"):
            del self.shelf.instances[fault.unit]
        elif fault.kind == "hold_back":
            del self.shelf.resources[resource_key]
        elif fault.kind == "delete":
            self.shelf.delete(resource_key, self.now() - dt.timedelta(minutes=1))
        else:
            changed = self.shelf.resources[resource_key]
            self.shelf.resources[resource_key] = {**changed, "language": "zh-CN"}


class Hospitals:
    """All three, or those in `only`. `folder` receives sites/*.yaml, keys, secrets.env, readings.csv/json, answer_key.json, usb/."""

    def __init__(
        self,
        folder: Path,
        seed: int = 7,
        night: int = 1,
        only: str | None = None,
        faults: dict[str, list[Fault]] | None = None,
        token_seconds: int = 300,
        retry_after_s: int = 1,
        story: Story | None = None,
    ) -> None:
        self.folder, self.seed = folder, seed
        self.story = story or told(seed)
        self.token_seconds, self.retry_after_s = token_seconds, retry_after_s
        chosen = [site for site in SITES if only in (None, site)]
        if not chosen:
            raise ValueError(f"no hospital {only!r}; there are {', '.join(SITES)}")
        self.sites = {site: Hospital(site, self.story.nights[site], (faults or {}).get(site, [])) for site in chosen}
        self.env: dict[str, str] = {}
        self.admin = Server(self._admin, FaultBook())
        self.advance(night)

    def __enter__(self) -> Hospitals:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Write every file, start every server."""
        (self.folder / "sites").mkdir(parents=True, exist_ok=True)
        for site_id, hospital in self.sites.items():
            settings = yaml.safe_dump(self._open(site_id, hospital), allow_unicode=True, sort_keys=False)
            self.site_file(site_id).write_text(settings, encoding="utf-8")
            if hospital.server:
                hospital.server.start()
        self.admin.start()
        private(self.folder / "secrets.env", "".join(f"{name}={value}\n" for name, value in self.env.items()))
        for name, text in _papers(self.story, self.seed).items():
            private(self.folder / name, text)

    def stop(self) -> None:
        for hospital in self.sites.values():
            hospital.stop()
        self.admin.stop()

    def advance(self, night: int = 2) -> None:
        if night not in CLOSE:
            raise ValueError(f"there is no night {night}; there are {sorted(CLOSE)}")
        for site_id, hospital in self.sites.items():
            hospital.advance(night)
            if site_id == "xj-south":
                write_drop(self.folder / "usb", hospital.shelf)

    def site_file(self, site_id: str) -> Path:
        return self.folder / "sites" / f"{site_id}.yaml"

    def misbehave(self, site_id: str, fault: Fault) -> None:
        self.sites[site_id].misbehave(fault)
        if site_id == "xj-south" and fault.kind in CONTENT:
            write_drop(self.folder / "usb", self.sites[site_id].shelf)

    def _open(self, site_id: str, hospital: Hospital) -> dict[str, Any]:
        """Open a hospital's doors; the content of its site file."""
        if site_id == "sh-east":
            return fronts.bulk_front(hospital, self.folder, self.env, self.token_seconds, self.retry_after_s)
        return fronts.search_front(hospital, self.env) if site_id == "cd-west" else fronts.drop_front(self.folder)

    def _admin(self, request: Request) -> Response:
        """POST /_sim/night/N · GET, POST, DELETE /_sim/SITE/faults"""
        parts = request.path.strip("/").split("/")
        try:
            if request.method == "POST" and parts[:2] == ["_sim", "night"] and len(parts) == 3:
                self.advance(int(parts[2]))
                return as_json({"night": int(parts[2])}, media_type="application/json")
            if len(parts) == 3 and parts[0] == "_sim" and parts[2] == "faults" and parts[1] in self.sites:
                if request.method == "POST":
                    self.misbehave(parts[1], Fault.from_dict(json.loads(request.body)))
                elif request.method == "DELETE":
                    self.sites[parts[1]].faults.clear()
                return as_json(
                    {"pending": self.sites[parts[1]].faults.pending(), "struck": self.sites[parts[1]].faults.struck},
                    media_type="application/json",
                )
        except (ValueError, TypeError) as error:
            return as_json({"error": str(error)}, 400, "application/json")
        return as_json({"error": "POST /_sim/night/N or /_sim/SITE/faults"}, 404, "application/json")


def _papers(story: Story, seed: int) -> dict[str, str]:
    """Files about the story: what the readers marked and what must never be found. Written once a story."""
    if not story.papers:
        rows = readers.marks(story, seed)
        key = json.dumps(answer_key(story, seed), ensure_ascii=False, indent=1)
        story.papers |= {"readings.csv": readers.as_csv(rows), "readings.json": readers.as_json(rows), "answer_key.json": key}
    return story.papers
