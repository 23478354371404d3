"""DICOM de-identification: `deidentify_instance` is the whole of it, bytes to bytes."""
from pipelines.phi_zone.dicom.engine import deidentify_instance, identities_of, subject_of
from pipelines.phi_zone.dicom.policy import check_policy, load_policy, policy_names

__all__ = ["check_policy", "deidentify_instance", "identities_of", "load_policy", "policy_names", "subject_of"]
