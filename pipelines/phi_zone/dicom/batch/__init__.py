"""A folder of files through the DICOM engine: survey, then work by series, in processes of their own. `run_batch` is the whole."""
from pipelines.phi_zone.dicom.batch.run import BatchJob, run_batch

__all__ = ["BatchJob", "run_batch"]
