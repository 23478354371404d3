"""The person index on the lake: keyed national-ID tokens in phi.identity_token, persons in deid.person_link. One writer at a time."""
from __future__ import annotations

from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from pipelines.phi_zone.person_index import PersonLink, person_groups
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.subjects import Gathered, linked
from schemas.tables import IDENTITY_TOKEN, PERSON_LINK

BUCKETS = 16
NATIONAL = "national-id"
OWN = "subject"
"""A token of the subject itself, so that a subject without any national number is a person too."""
LINKED = "linked"
"""A token of two subjects whose Patients the source links (Patient.link)."""
Row = dict[str, Any]


def link_persons(run: Run, found: Gathered) -> int:
    """Add what this night's Patients say, and bring the persons they touch up to date; give how many subjects moved to another person."""
    fresh = {(NATIONAL, token, subject) for subject, identity in found.patients for token in identity.national_tokens(run.key)}
    fresh |= {(OWN, run.key.token("person", subject), subject) for subject in found.known}
    fresh |= {(LINKED, run.key.token("linked", *sorted(pair)), subject) for pair in linked(run, found) for subject in pair}
    if not fresh:
        return 0
    with run.lease("person-index"):
        rows: list[Row] = [{"bucket": _bucket(token), "token_kind": kind, "token": token, "site_id": run.site_id, "subject": subject}
                           for kind, token, subject in sorted(fresh)]
        mark = digest([[row["token"], row["subject"]] for row in rows])[:24]
        run.engine.insert_new(IDENTITY_TOKEN, pa.Table.from_pylist(rows, schema=IDENTITY_TOKEN.columns),
                              commit_id=f"tokens:{run.site_id}:{mark}")
        touched = _touched(run, {row["token"] for row in rows})
        previous = _previous(run, {row["subject"] for row in touched})
        before = [PersonLink(row["subject"], row["person"], row["day_offset"], row["revision"]) for row in previous]
        grouping = person_groups([(row["token"], row["subject"]) for row in touched], before, shift_of=run.key.shift_days)
        site_of = {row["subject"]: row["site_id"] for row in (*previous, *touched)}
        links = [{"subject": link.subject, "site_id": site_of[link.subject], "person": link.person, "day_offset": link.day_offset,
                  "revision": link.revision} for link in grouping.links]
        made = digest([[link["subject"], link["person"], link["revision"]] for link in links])[:24]
        run.engine.upsert(PERSON_LINK, pa.Table.from_pylist(links, schema=PERSON_LINK.columns), commit_id=f"persons:{made}")
    return len(grouping.changed)


def _touched(run: Run, tokens: set[str]) -> list[Row]:
    """All rows of these tokens, of whatever hospital."""
    buckets = ", ".join(str(bucket) for bucket in sorted({_bucket(token) for token in tokens}))
    stored = run.engine.read(IDENTITY_TOKEN, columns=["token", "site_id", "subject"], where=f"bucket IN ({buckets})")
    wanted = run.engine.frame(pa.table({"token": pa.array(sorted(tokens), pa.utf8())}))
    text = "SELECT s.token, s.site_id, s.subject FROM stored AS s JOIN wanted AS w ON s.token = w.token"
    return run.engine.table(run.engine.sql(text, stored=stored, wanted=wanted)).to_pylist()  # type: ignore[no-any-return]


def _previous(run: Run, subjects: set[str]) -> list[Row]:
    """What stands for these subjects, and for everybody else of their persons."""
    links = run.engine.read(PERSON_LINK)
    wanted = run.engine.frame(pa.table({"subject": pa.array(sorted(subjects), pa.utf8())}))
    persons = run.engine.sql("SELECT DISTINCT l.person FROM links AS l JOIN wanted AS w ON l.subject = w.subject", links=links,
                             wanted=wanted)
    frame = run.engine.sql("SELECT l.subject, l.site_id, l.person, l.day_offset, l.revision FROM links AS l JOIN persons AS p "
                           "ON l.person = p.person", links=links, persons=persons)
    return run.engine.table(frame).to_pylist()  # type: ignore[no-any-return]


def _bucket(token: str) -> int:
    return int(token[:4], 16) % BUCKETS
