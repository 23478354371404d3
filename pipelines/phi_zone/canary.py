# ruff: noqa: E501 - sentences stand whole
"""Made-up identities the platform plants itself: they go through the same engine as the patients', and none may come out.

Drawn from the project key, so that a run is repeatable and nobody outside can tell a canary from a patient.
"""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass
from typing import Any

from pipelines.phi_zone.fhir.deidentify import deidentify_resource
from pipelines.phi_zone.identity import identity_of_patient, with_check_digit
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import KnownIdentity
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site

KINDS = ("name_zh", "name_en", "resident_id", "mobile", "mrn", "address", "email", "ssn", "passport", "bank")
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "若澜羽霁昀琬晗煦珩骞婳嫣翊珂沅澍"
_FIRST = ["Brannoch", "Ysolde", "Tamsin", "Corwin", "Elspeth", "Idris", "Maelle", "Osric", "Thora", "Wystan"]
_LAST = [
    "Quillfeather",
    "Ravensworth",
    "Thistledown",
    "Ambercroft",
    "Holloworth",
    "Juniperus",
    "Larkmoor",
    "Wexcombe",
    "Yarborough",
    "Zellweg",
]


@dataclass(frozen=True)
class Canary:
    """One made-up person: a value of every kind."""

    values: dict[str, str]

    def known(self) -> KnownIdentity:
        v = self.values
        return KnownIdentity(
            (v["name_zh"], v["name_en"]),
            (v["resident_id"], v["mrn"], v["ssn"], v["passport"], v["bank"]),
            (v["mobile"], v["email"]),
            (v["address"],),
        )

    def resources(self, number: int) -> list[dict[str, Any]]:
        """A Patient and a report that spells every value in its text and its attachment."""
        v, ident = self.values, f"canary-{number}"
        note = (
            f"姓名：{v['name_zh']} 住院号：{v['mrn']} 身份证{v['resident_id']}，电话{v['mobile']}，住{v['address']}。家属 {v['name_en']}，邮箱 {v['email']}，"
            f"护照号{v['passport']}，银行卡{v['bank']}，SSN {v['ssn']}。右肺上叶见磨玻璃结节。"
        )
        patient = {
            "resourceType": "Patient",
            "id": ident,
            "name": [{"text": v["name_zh"]}, {"text": v["name_en"]}],
            "telecom": [{"value": v["mobile"]}, {"value": v["email"]}],
            "address": [{"text": v["address"]}],
            "identifier": [
                {"type": {"text": "住院号"}, "value": v["mrn"]},
                *({"value": v[k]} for k in ("resident_id", "ssn", "passport", "bank")),
            ],
        }
        report = {
            "resourceType": "DiagnosticReport",
            "id": f"{ident}-report",
            "status": "final",
            "subject": {"reference": f"Patient/{ident}", "display": v["name_zh"]},
            "conclusion": note,
            "presentedForm": [
                {"contentType": "text/plain", "title": v["name_zh"], "data": base64.b64encode(note.encode("gb18030")).decode()}
            ],
        }
        return [patient, report]


def canaries(key: ProjectKey, count: int, purpose: str = "canary") -> list[Canary]:
    """`count` made-up people, the same for the same key and purpose."""
    rng = random.Random(key.mac(purpose))
    return [Canary(_values(rng)) for _ in range(count)]


def leaked(site: Site, key: ProjectKey, policy: FhirPolicy, cleaner: TextCleaner, count: int) -> int:
    """Send `count` made-up people through this very engine; of how many a value came out, or nothing at all."""
    found = 0
    for number, canary in enumerate(canaries(key, count)):
        scan = Residual.of_known([canary.known()])
        patient, *rest = canary.resources(number)
        identity = identity_of_patient(patient, site)
        assert identity is not None
        subject = identity.subject(key, site)
        outcomes = [deidentify_resource(resource, policy, key, site, subject, identity.known, cleaner) for resource in (patient, *rest)]
        found += any(outcome.content is None or bool(scan.scan_bytes(outcome.content, "canary")) for outcome in outcomes)
    return found


def _values(rng: random.Random) -> dict[str, str]:
    digits = "0123456789"

    def draw(n: int) -> str:
        return "".join(rng.choice(digits) for _ in range(n))

    birth = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    return {
        "name_zh": rng.choice(_FAMILY) + "".join(rng.sample(_GIVEN, 2)),
        "name_en": f"{first} {last}",
        "resident_id": with_check_digit("310" + draw(3) + birth + draw(3)),
        "mobile": "1" + rng.choice("3578") + rng.choice("12356789") + draw(8),
        "mrn": "ZY" + rng.choice("123456789") + draw(9),
        "address": f"沉香市{rng.choice('云月星霜')}{rng.choice('溪湾桥亭')}路{rng.randint(10, 999)}号{rng.randint(101, 999)}室",
        "email": f"{last.lower()}{draw(3)}@canary.example",
        "ssn": f"{rng.randint(100, 665)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",
        "passport": "E" + rng.choice("12345678") + draw(7),
        "bank": _luhn("622202" + draw(12)),
    }


def _luhn(first: str) -> str:
    total = sum(sum(divmod(2 * int(c), 10)) if place % 2 == 0 else int(c) for place, c in enumerate(reversed(first)))
    return first + str(-total % 10)
