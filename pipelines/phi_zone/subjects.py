"""Patients first: every reference a source uses for a patient → subject, and all that is known of each subject, sealed.

phi.subject_key holds three kinds of rows, told apart by how their token was made: a reference (`Patient/id`, ...) → subject; a
subject → what identifies it (searched for in texts and pixels); the site's staff, searched for in every patient's text.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from eval_harness.base import Issue, Terminal, canonical, digest
from pipelines import ledger
from pipelines.engines.base import ObjectRef
from pipelines.ledger import Event
from pipelines.phi_zone import alias
from pipelines.phi_zone.describe import FHIR_MEDIA, known_dict, known_from, reference_token, subject_token
from pipelines.phi_zone.fhir.read import read_resource
from pipelines.phi_zone.fhir.references import tokens_of
from pipelines.phi_zone.identity import PatientIdentity, SubjectIndex, added, identity_of_patient
from pipelines.phi_zone.known_people import known_of
from pipelines.phi_zone.landing import GONE, LandingReader
from pipelines.phi_zone.pending import pending
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.sealed import Broken
from schemas.deid import KnownIdentity
from schemas.tables import EVENT, LANDING_INDEX, SUBJECT_KEY

Row = dict[str, Any]
PEOPLE = ("Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService")
NO_PATIENT = "FHR-008"
"""Why a record is quarantined whose Patient had not come. It is taken up again by itself on the night the Patient comes."""
LOOKUP = "SELECT s.token, s.subject, s.sealed FROM stored AS s JOIN wanted AS w ON s.token = w.token"


@dataclass
class Gathered:
    """What the pending units say about who is who."""

    references: dict[str, str] = field(default_factory=dict)
    """Token of a reference → subject."""
    known: dict[str, KnownIdentity] = field(default_factory=dict)
    """Subject → identities."""
    related: list[tuple[list[str], KnownIdentity]] = field(default_factory=list)
    staff: KnownIdentity = field(default_factory=KnownIdentity)
    patients: list[tuple[str, PatientIdentity]] = field(default_factory=list)
    """(subject, identity) of the Patients read now, for the person index."""

    def learn(self, subject: str, known: KnownIdentity) -> None:
        held = self.known.get(subject)
        self.known[subject] = known if held is None else held.merged(known)


def gather(run: Run) -> Gathered:
    """Read the Patients and other people among the pending units, and the identities instances brought; write phi.subject_key."""
    found = Gathered()
    spine = SubjectIndex(run.key, run.site)
    for resource in _people(run):
        kind = resource.get("resourceType")
        if kind == "Patient":
            identity = identity_of_patient(resource, run.site)
            if identity is not None:
                subject = identity.subject(run.key, run.site)
                found.references |= {reference_token(run.key, run.site_id, name): subject for name in identity.reference_keys}
                found.learn(subject, identity.known)
                found.patients.append((subject, identity))
        elif kind == "RelatedPerson":
            found.related.append((tokens_of(resource.get("patient")), known_of(resource)))
        else:
            spine.add_staff([resource])
        run.tick()
    found.staff = spine.staff
    for row in _instances(run):
        secret = json.loads(run.key.open("landing-index", row["sealed"], row["unit_token"].encode()))
        if "subject" in secret:
            found.learn(secret["subject"], known_from(secret.get("known", {})))
        run.tick()
    _write(run, found)
    return found


def resolve(run: Run, rows: list[Row]) -> dict[str, tuple[str, KnownIdentity]]:
    """subject_token → (subject, what is known of it), for the landed units in `rows`. A token without a subject is left out."""
    tokens = {row["subject_token"] for row in rows if row["subject_token"]}
    direct = lookup(run, tokens)
    others = {row["subject_token"]: _other_names(run, row) for row in rows
              if row["kind"] == "resource" and row["subject_token"] and row["subject_token"] not in direct}
    found = lookup(run, [token for names in others.values() for token in names])
    direct |= {token: found[name] for token, names in others.items() for name in reversed(names) if name in found}
    subjects = {row["subject"] for row in direct.values()}
    by_subject = lookup(run, {subject_token(run.key, run.site_id, subject) for subject in subjects})
    known = {row["subject"]: _opened(run, row) for row in by_subject.values()}
    return {token: (row["subject"], known.get(row["subject"], KnownIdentity())) for token, row in direct.items()}


def _other_names(run: Run, row: Row) -> list[str]:
    """Tokens of further references by which a resource names its patient (an identifier, a urn), best first."""
    secret = json.loads(run.key.open("landing-index", row["sealed"], row["unit_token"].encode()))
    return [reference_token(run.key, run.site_id, name) for name in secret.get("references", [])[1:]]


def staff(run: Run) -> KnownIdentity:
    """Names, numbers and places of the site's own people."""
    row = lookup(run, {_staff_token(run)}).get(_staff_token(run))
    return _opened(run, row) if row else KnownIdentity()


def lookup(run: Run, tokens: Iterable[str]) -> dict[str, Row]:
    """Rows of phi.subject_key by token."""
    wanted = sorted(set(tokens))
    if not wanted:
        return {}
    stored = run.engine.read(SUBJECT_KEY, columns=["token", "subject", "sealed"], where=ledger.of_site(run.site_id))
    frame = run.engine.sql(LOOKUP, stored=stored, wanted=run.engine.frame(pa.table({"token": pa.array(wanted, pa.utf8())})))
    return {row["token"]: row for row in run.engine.table(frame).to_pylist()}


def seal_known(run: Run, known: KnownIdentity) -> bytes:
    """Identities as a step may carry them: sealed under the project key."""
    return run.key.seal("known", canonical(known_dict(known)))


def _people(run: Run) -> Iterator[dict[str, Any]]:
    reader = LandingReader(run.home, run.key)
    kinds = ", ".join(f"'{FHIR_MEDIA};type={kind}'" for kind in PEOPLE)
    frame = run.engine.sql(f"SELECT object FROM pending WHERE op = 'put' AND media_type IN ({kinds})",
                           pending=pending(run.engine, run.site_id))
    for batch in run.engine.batches(frame):
        for row in batch.to_pylist():
            try:
                with reader.open(ObjectRef(**row["object"])) as source:
                    resource = read_resource(source.read())
            except Broken:
                continue   # its original is damaged: the deidentify step says so on the row
            except Terminal as error:
                if error.issue.code != GONE:
                    raise
                continue   # its original expired: the same
            if not isinstance(resource, Issue):
                yield resource


def _instances(run: Run) -> Iterator[Row]:
    frame = run.engine.sql("SELECT unit_token, sealed FROM pending WHERE op = 'put' AND kind = 'instance'",
                           pending=pending(run.engine, run.site_id))
    for batch in run.engine.batches(frame):
        yield from batch.to_pylist()


def _write(run: Run, found: Gathered) -> None:
    """Merge with what stands; write only what is new, because a sealed value never has the same bytes twice."""
    before = lookup(run, found.references)
    for tokens, known in found.related:
        keyed = [reference_token(run.key, run.site_id, token) for token in tokens]
        elsewhere = lookup(run, [token for token in keyed if token not in found.references])
        subject = next((found.references.get(token) or elsewhere[token]["subject"] for token in keyed
                        if token in found.references or token in elsewhere), None)
        if subject is not None:
            found.learn(subject, KnownIdentity(known.names, known.ids, known.phones, known.addresses))
    _learn_linked(run, found)
    rows = [_row(run, token, subject, b"") for token, subject in found.references.items()
            if token not in before or before[token]["subject"] != subject]
    held = lookup(run, {subject_token(run.key, run.site_id, subject) for subject in found.known} | {_staff_token(run)})
    learned = [(subject_token(run.key, run.site_id, subject), subject, known) for subject, known in found.known.items()]
    new: dict[str, KnownIdentity] = {}
    for token, subject, known in [*learned, (_staff_token(run), "", found.staff)]:
        stood = _opened(run, held[token]) if token in held else KnownIdentity()
        merged = stood.merged(known)
        if token not in held or merged != stood:
            rows.append(_row(run, token, subject, seal_known(run, merged)))
            if subject and token in held:
                new[subject] = added(stood, merged)
    alias.search(run, new)
    if rows:
        names = sorted(f"{row['token']}:{row['subject']}:{digest(len(row['sealed']))}" for row in rows)
        run.engine.upsert(SUBJECT_KEY, pa.Table.from_pylist(rows, schema=SUBJECT_KEY.columns),
                          commit_id=f"subjects:{run.receipt_id}:{digest(names)[:24]}:{rows[0]['updated_at'].timestamp()}")
    corrected = {token for token, row in before.items() if row["subject"] != found.references[token]}
    _again(run, corrected, "e.state = 'released'", "rekeyed")          # a corrected MRN: released before under another subject
    _again(run, set(found.references) - set(before), f"e.state = 'quarantined' AND e.reason = '{NO_PATIENT}'", "arrived")


def _learn_linked(run: Run, found: Gathered) -> None:
    """Patients the source says are the same person: what is known of one is searched for in the records of the other."""
    for subject, other in linked(run, found):
        if other not in found.known:
            held = lookup(run, {subject_token(run.key, run.site_id, other)})
            found.known[other] = next((_opened(run, row) for row in held.values()), KnownIdentity())
        ours, theirs = found.known[subject], found.known[other]
        found.learn(subject, replace(theirs, birth_date=""))
        found.learn(other, replace(ours, birth_date=""))


def linked(run: Run, found: Gathered) -> list[tuple[str, str]]:
    """(subject, other subject) for each Patient.link of the Patients read now whose other end has come."""
    ends = {(subject, reference_token(run.key, run.site_id, link)) for subject, identity in found.patients for link in identity.links}
    elsewhere = lookup(run, {token for _, token in ends} - set(found.references))
    others = found.references | {token: row["subject"] for token, row in elsewhere.items()}
    return sorted({(subject, others[token]) for subject, token in ends if others.get(token, subject) != subject})


def _again(run: Run, tokens: set[str], condition: str, reason: str) -> None:
    """Decide units of these patients again, from their sealed originals: those whose last event fits `condition`."""
    if not tokens:
        return
    text = f"""SELECT i.kind, i.unit_token, i.m, MAX(i.seq) AS seq FROM landed AS i
               JOIN wanted AS w ON i.subject_token = w.token JOIN last AS e
                 ON i.kind = e.kind AND i.unit_token = e.unit_token AND i.seq = e.seq
               WHERE {condition} AND i.op = 'put' GROUP BY i.kind, i.unit_token, i.m"""
    where, engine = ledger.of_site(run.site_id), run.engine
    last = engine.sql(ledger.LAST_EVENT, event=engine.read(EVENT, where=where))
    wanted = engine.frame(pa.table({"token": pa.array(sorted(tokens), pa.utf8())}))
    landed = engine.table(engine.sql(text, landed=engine.read(LANDING_INDEX, where=where), last=last, wanted=wanted)).to_pylist()
    events = [Event(run.site_id, row["kind"], row["unit_token"], row["seq"], row["m"], "retry", reason) for row in landed]
    if events:
        run.count(reason, len(events))
        ledger.note(engine, events, commit_id=f"{reason}:{run.receipt_id}:{digest(sorted(tokens))[:24]}", receipt_id=run.receipt_id,
                    at=run.clock())


def _row(run: Run, token: str, subject: str, sealed: bytes) -> Row:
    return {"site_id": run.site_id, "token": token, "subject": subject, "sealed": sealed, "updated_at": run.clock()}


def _opened(run: Run, row: Row) -> KnownIdentity:
    return known_from(json.loads(run.key.open("known", row["sealed"]))) if row["sealed"] else KnownIdentity()


def _staff_token(run: Run) -> str:
    return run.key.token("staff", run.site_id)
