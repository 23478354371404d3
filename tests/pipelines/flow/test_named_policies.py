"""A policy that is not there is told with the place that names it, whichever command reads it."""
from __future__ import annotations

import pytest
import yaml

from eval_harness.base import WrongUsage
from pipelines.cli.deid_dicom import deid_dicom
from pipelines.cli.deid_fhir import deid_fhir
from pipelines.cli.deid_text import deid_text
from pipelines.cli.site import add
from pipelines.phi_zone.keys import new_key_file

KINDS = ("dicom", "fhir", "text")


@pytest.fixture
def place(tmp_path):
    """Writes a site file that names a policy which is not there; gives the folder."""
    (tmp_path / "in").mkdir()
    new_key_file(tmp_path / "p.key")

    def made(**policies: str):
        site = {"site_id": "sh-east", "name": {"zh": "东方", "en": "East"}, "tier": "tertiary", "patient_id_issuer": "sh-east",
                "folder": {"path": str(tmp_path / "in")}, "policies": policies}
        (tmp_path / "east.yaml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")
        return tmp_path
    return made


def refused(call) -> str:
    with pytest.raises(WrongUsage) as caught:
        call()
    assert caught.value.issue.code in ("POL-002", "FHR-021", "TXT-002")
    return caught.value.issue.where


@pytest.mark.parametrize("kind", KINDS)
def test_a_hospital_is_not_registered_with_a_policy_that_is_not_there(place, kind):
    at = place(**{kind: "cn-gld"})
    assert refused(lambda: add(at / "east.yaml", home=str(at / "home"))) == f"east.yaml, policies.{kind}"
    assert not (at / "home").exists()


@pytest.mark.parametrize(("command", "kind"), [(deid_dicom, "dicom"), (deid_dicom, "text"), (deid_fhir, "fhir"), (deid_fhir, "text")])
def test_the_commands_without_a_lake_name_the_file_and_the_key_or_the_option(place, command, kind):
    at = place(**{kind: "cn-gld"})
    given = {"inputs": [at / "in"], "out": at / "out", "key_file": at / "p.key"}
    assert refused(lambda: command(site=str(at / "east.yaml"), **given)) == f"east.yaml, policies.{kind}"
    option, where = ("text_policy", "--text-policy") if kind == "text" else ("policy", "--policy")
    assert refused(lambda: command(site="sh-east", **given, **{option: "cn-gld"})) == where
    assert not (at / "out").exists()


def test_text_names_the_file_and_the_key_or_the_option(place):
    at = place(text="cn-gld")
    assert refused(lambda: deid_text(site=str(at / "east.yaml"))) == "east.yaml, policies.text"
    assert refused(lambda: deid_text(policy="cn-gld")) == "--policy"
