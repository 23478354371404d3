"""The policies that a site file names: one that cannot be found is told with the file and the key that name it."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from eval_harness.base import WrongUsage
from schemas.shapes.site import Site

NOT_THERE = ("POL-002", "FHR-021", "TXT-002")


@contextlib.contextmanager
def named_at(where: str) -> Iterator[None]:
    """Around the reading of a policy: where its name stands, for whoever has to correct it."""
    try:
        yield
    except WrongUsage as wrong:
        if wrong.issue.code not in NOT_THERE:
            raise
        raise WrongUsage(replace(wrong.issue, where=where)) from wrong


def check_policies(site: Site, file: str) -> None:
    """Read the site's policies. Raises WrongUsage when one is missing or says something impossible. file: what holds the site."""
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.fhir.policy import load_fhir_policy
    from pipelines.phi_zone.text.policy import load_text_policy

    with named_at(f"{file}, policies.dicom"):
        load_policy(site.policies.dicom)
    with named_at(f"{file}, policies.fhir"):
        load_fhir_policy(site.policies.fhir)
    with named_at(f"{file}, policies.text"):
        load_text_policy(site.policies.text)
