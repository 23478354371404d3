"""Everything identifying that was planted, by kind, and how many units each hospital should deliver. Never show it to the platform.

`values`: strings to search for after a run. `dates`: per person, because a shifted date of one may equal a real date of another.
`expected`: per site and night, the holdings and the claims a well-behaved pull makes that night (put = new or changed, delete).
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
    rows = []
    for site_id, nights in story.nights.items():
        before = Shelf()
        for night, shelf in sorted(nights.items()):
            fresh = sum(
                1 for uid, instance in shelf.instances.items() if uid not in before.instances or before.instances[uid].data != instance.data
            )
            changed = sum(1 for key, resource in shelf.resources.items() if before.resources.get(key) != resource)
            rows.append({"site_id": site_id, "night": night, "kind": "instance", "held": len(shelf.instances), "put": fresh, "delete": 0})
            rows.append(
                {
                    "site_id": site_id,
                    "night": night,
                    "kind": "resource",
                    "held": len(shelf.resources),
                    "put": changed,
                    "delete": len(set(shelf.deleted) - set(before.deleted)),
                }
            )
            if site_id == "xj-south":
                rows.append(
                    {
                        "site_id": site_id,
                        "night": night,
                        "kind": "file",
                        "held": len(STRAY),
                        "put": len(STRAY) if night == 1 else 0,
                        "delete": 0,
                    }
                )
            before = shelf
    return rows
