"""What the de-identification commands share: naming a site by id or by file, and its policies by option or by that file."""

from __future__ import annotations

from pathlib import Path

from schemas.messages import messages
from schemas.shapes.site import Site


def read_site(site: str) -> Site:
    """The site in a YAML file, or a bare one of that id (issuer = id, no declared identifier systems)."""
    if site.endswith((".yaml", ".yml", ".json")):
        return Site.from_file(Path(site), catalogue=messages())
    return Site.bare(site, "--site", messages())


def chosen(option: str, given: str | None, site: str | None, kind: str, named: str) -> tuple[str, str]:
    """(policy, where its name stands): the option's, else the one that the site names for dicom, fhir or text."""
    return (named, f"{Path(site).name}, policies.{kind}") if given is None and site is not None else (given or named, option)
