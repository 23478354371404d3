"""The file that describes one hospital (docs/sites.md): who it is, where its records are, what may be pulled and when."""
from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from eval_harness.base.issue import Catalogue
from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken

SiteId = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$")]
Modality = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,16}$")]


class LocalName(Record):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Auth(Record):
    """How to prove who we are. A secret is named (an environment variable or a file), never written here."""

    kind: Literal["none", "basic", "bearer", "smart_backend"] = "none"
    token_url: str | None = None
    client_id: str | None = None
    private_key_file: Path | None = None
    """PEM, EC P-384 (ES384) or RSA (RS384)."""
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    token_env: str | None = None
    token_file: Path | None = None
    scope: str = "system/*.read"

    @model_validator(mode="after")
    def _complete(self) -> Auth:
        needed = {"smart_backend": ("token_url", "client_id", "private_key_file"), "basic": ("username",)}.get(self.kind, ())
        missing = [name for name in needed if getattr(self, name) is None]
        if self.kind == "basic" and not (self.password_env or self.password_file):
            missing.append("password_env or password_file")
        if self.kind == "bearer" and not (self.token_env or self.token_file):
            missing.append("token_env or token_file")
        if missing:
            raise RuleBroken(f"认证方式 {self.kind} 还需要 {', '.join(missing)}", f"auth kind {self.kind} needs {', '.join(missing)}")
        return self


class Tls(Record):
    ca_file: Path | None = None
    client_certificate_file: Path | None = None
    client_key_file: Path | None = None


class BulkExport(Record):
    url: str
    export: Annotated[str, Field(pattern=r"^(system|patient|group/[A-Za-z0-9.\-]{1,64})$")] = "system"
    types: list[str] = Field(min_length=1)


class FhirSearch(Record):
    url: str
    types: list[str] = Field(min_length=1)
    page_size: int = Field(default=200, ge=1, le=5000)


class FhirSource(Record):
    bulk: BulkExport | None = None
    search: FhirSearch | None = None
    auth: Auth = Auth()
    tls: Tls | None = None

    @model_validator(mode="after")
    def _one(self) -> FhirSource:
        if (self.bulk is None) == (self.search is None):
            raise RuleBroken("fhir 下 bulk 与 search 要且只要一个", "fhir needs exactly one of bulk and search")
        return self


class DicomWeb(Record):
    url: str
    auth: Auth = Auth()
    tls: Tls | None = None


class Dimse(Record):
    host: str
    port: int = Field(ge=1, le=65535)
    called_aet: str = Field(min_length=1, max_length=16)
    calling_aet: str = Field(min_length=1, max_length=16)
    retrieve: Literal["c_get", "c_move"] = "c_get"
    storage_port: int | None = Field(default=None, ge=1, le=65535)
    tls: Tls | None = None


class ImagingSource(Record):
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    dicomweb: DicomWeb | None = None
    dimse: Dimse | None = None

    @model_validator(mode="after")
    def _one(self) -> ImagingSource:
        if (self.dicomweb is None) == (self.dimse is None):
            raise RuleBroken("影像来源的 dicomweb 与 dimse 要且只要一个", "an imaging source needs exactly one of dicomweb and dimse")
        return self


class Folder(Record):
    path: Path


class Select(Record):
    modalities: tuple[Modality, ...] = ()
    since: dt.date | None = None


class Schedule(Record):
    lookback_days: int = Field(default=14, ge=0)
    settle_hours: int = Field(default=72, ge=0)
    window: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None
    """Hours in which this hospital may be asked for records, HH:MM-HH:MM in its own time zone, over midnight where the end is the
    earlier. Absent: at any time."""

    @property
    def hours(self) -> tuple[dt.time, dt.time] | None:
        if self.window is None:
            return None
        start, _, end = self.window.partition("-")
        return dt.time.fromisoformat(start), dt.time.fromisoformat(end)

    @model_validator(mode="after")
    def _some_hours(self) -> Schedule:
        if self.hours is not None and self.hours[0] == self.hours[1]:
            raise RuleBroken("window 的起止相同；随时可取就不要写 window",
                             "window begins and ends at the same time; for any time leave it out")
        return self


class PolicyNames(Record):
    dicom: str = "cn-gold"
    fhir: str = "cn-gold"
    text: str = "cn-gold"


class Limits(Record):
    max_connections: int = Field(default=2, ge=1)
    max_bytes_per_s: int | None = Field(default=None, ge=1)
    max_quarantined_share: float = Field(default=0.05, ge=0, le=1)
    """Above this share of quarantined and rejected units a night is reported as needing a person."""


class Identifiers(Record):
    """identifier.system by kind; used inside the PHI zone only."""

    mrn: str | None = None
    resident_id: str | None = None
    passport: str | None = None
    insurance: str | None = None


class Site(Record):
    site_id: SiteId
    name: LocalName
    tier: Literal["tertiary", "secondary", "community"]
    timezone: str = "Asia/Shanghai"
    patient_id_issuer: str = Field(min_length=1)
    """One namespace for the MRNs of FHIR and DICOM."""
    identifiers: Identifiers = Identifiers()
    fhir: FhirSource | None = None
    imaging: tuple[ImagingSource, ...] = ()
    folder: Folder | None = None
    select: Select = Select()
    schedule: Schedule = Schedule()
    policies: PolicyNames = PolicyNames()
    limits: Limits = Limits()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        import zoneinfo

        if value not in zoneinfo.available_timezones():
            raise RuleBroken(f"{value} 不是 IANA 时区名，例如 Asia/Shanghai",
                             f"{value} is not an IANA time zone; Asia/Shanghai would be one")
        return value

    @model_validator(mode="after")
    def _some_source(self) -> Site:
        if self.fhir is None and not self.imaging and self.folder is None:
            raise RuleBroken("fhir、imaging、folder 至少要有一个", "a site needs at least one of fhir, imaging and folder")
        names = [source.name for source in self.imaging]
        if len(set(names)) != len(names):
            raise RuleBroken("两个影像来源同名", "two imaging sources have the same name")
        return self

    @classmethod
    def bare(cls, site_id: str, where: str = "site_id", catalogue: Catalogue | None = None) -> Site:
        """A site of which only the id is known: issuer = site id, no declared identifier system (docs/deid-dicom.md). Raises WrongUsage
        CFG-001 for what is no id."""
        return cls.from_data({"site_id": site_id, "name": {"zh": site_id, "en": site_id}, "tier": "tertiary",
                              "patient_id_issuer": site_id, "folder": {"path": "."}}, where, catalogue=catalogue)
