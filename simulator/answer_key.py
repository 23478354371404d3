"""Everything identifying that was planted, by kind, and how many units each hospital should deliver. Never show it to the platform.

`values`: strings to search for after a run. `dates`: per person, because a shifted date of one may equal a real date of another.
`expected`: per site, night and kind, the holdings (`held`) and what is new or changed (`put`), deleted and edited since the night before.
"""

from __future__ import annotations

from typing import Any

from simulator.drop import STRAY
from simulator.people import Person
from simulator.reports import names_of
from simulator.story import CLOSE, Shelf, Story
from simulator.words import HOSPITALS


def answer_key(story: Story, seed: int) -> dict[str, Any]:
    values: dict[str, set[str]] = {kind: set(found) for kind, found in story.extra.items()}

    def plant(kind: str, *found: str) -> None:
        values.setdefault(kind, set()).update(found)

    for person in story.people.persons:
        plant("names", *names_of(person))
        plant("relatives", person.relative.name)
        plant("resident_ids", person.resident_id)
        plant("phones", person.phone, person.relative.phone)
        plant("addresses", person.address)
    for charts in story.people.charts.values():
        plant("mrns", *(chart.mrn for chart in charts))
    for doctors in story.people.doctors.values():
        for doctor in doctors:
            given, family = doctor.latin.split(" ")
            plant("staff", doctor.name, doctor.latin, f"{given}^{family}")
    for hospital in HOSPITALS.values():
        plant("organisations", hospital["zh"], hospital["en"], hospital["department"])
        plant("phones", hospital["phone"])
    for study in story.studies:
        plant("accession_numbers", study.accession_number)
        plant("study_instance_uids", study.study_instance_uid)
    for nights in story.nights.values():
        for shelf in nights.values():
            plant("resource_ids", *(key.split("/")[1] for key in shelf.resources))
            for instance in shelf.instances.values():
                plant("series_instance_uids", instance.series_instance_uid)
                plant("sop_instance_uids", instance.sop_instance_uid)
    return {
        "schema": "simulator-answer-key-1",
        "seed": seed,
        "values": {kind: sorted(found) for kind, found in sorted(values.items())},
        "dates": [_dates(story, person) for person in story.people.persons],
        "nights": {str(night): close.isoformat() for night, close in CLOSE.items()},
        "expected": _expected(story),
    }


def _dates(story: Story, person: Person) -> dict[str, Any]:
    mrns = sorted(chart.mrn for charts in story.people.charts.values() for chart in charts if chart.person is person)
    days = sorted(story.subject_dates.get(person.key, {person.birth_date}))
    return {"name": person.name, "mrns": mrns, "birth_date": person.birth_date.isoformat(), "dates": [day.isoformat() for day in days]}


def _expected(story: Story) -> list[dict[str, Any]]:
    """`edited`: instances with other bytes under a known UID. A folder shows them at once, QIDO only to a full pull."""
    rows: list[dict[str, Any]] = []

    def row(site_id: str, night: int, kind: str, held: int, put: int, delete: int = 0, edited: int = 0) -> None:
        counts = {"held": held, "put": put, "delete": delete, "edited": edited}
        rows.append({"site_id": site_id, "night": night, "kind": kind, **counts})

    for site_id, nights in story.nights.items():
        before = Shelf()
        for night, shelf in sorted(nights.items()):
            known = [uid for uid in shelf.instances if uid in before.instances]
            edited = sum(before.instances[uid].data != shelf.instances[uid].data for uid in known)
            row(site_id, night, "instance", len(shelf.instances), len(shelf.instances) - len(known), edited=edited)
            changed = sum(before.resources.get(key) != resource for key, resource in shelf.resources.items())
            row(site_id, night, "resource", len(shelf.resources), changed, len(set(shelf.deleted) - set(before.deleted)))
            if site_id == "xj-south":
                row(site_id, night, "file", len(STRAY), len(STRAY) if night == 1 else 0)
            before = shelf
    return rows
