"""Columns of one de-identified instance: a DICOM keyword in snake_case and nothing else, read from the new file.

PS3.6 says what each means. Numbers are as the file writes them (DS as double, IS and US as integer, several values
as a list); DA and TM stay text in DICOM form, already shifted. A keyword the policy drops leaves a null.
"""
from __future__ import annotations

import pyarrow as pa

_TEXT, _INT, _REAL = pa.string(), pa.int64(), pa.float64()
_TEXTS, _REALS = pa.list_(pa.string()), pa.list_(pa.float64())

HEADER_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("transfer_syntax_uid", _TEXT),
    ("sop_class_uid", _TEXT),
    ("modality", _TEXT),
    ("image_type", _TEXTS),
    ("patient_sex", _TEXT),
    ("patient_age", _TEXT),          # 045Y; above 89 years 090Y
    ("patient_size", _REAL),         # m
    ("patient_weight", _REAL),       # kg
    ("study_date", _TEXT),           # YYYYMMDD, shifted
    ("study_time", _TEXT),
    ("series_date", _TEXT),
    ("acquisition_date", _TEXT),
    ("acquisition_time", _TEXT),
    ("accession_number", _TEXT),     # keyed token where the policy gives one
    ("study_description", _TEXT),
    ("series_description", _TEXT),
    ("protocol_name", _TEXT),
    ("body_part_examined", _TEXT),
    ("laterality", _TEXT),
    ("view_position", _TEXT),
    ("patient_position", _TEXT),
    ("manufacturer", _TEXT),
    ("manufacturer_model_name", _TEXT),
    ("software_versions", _TEXTS),
    ("magnetic_field_strength", _REAL),   # T
    ("series_number", _INT),
    ("instance_number", _INT),
    ("acquisition_number", _INT),
    ("frame_of_reference_uid", _TEXT),
    ("rows", _INT),
    ("columns", _INT),
    ("number_of_frames", _INT),
    ("samples_per_pixel", _INT),
    ("photometric_interpretation", _TEXT),
    ("bits_allocated", _INT),
    ("bits_stored", _INT),
    ("pixel_representation", _INT),
    ("pixel_spacing", _REALS),       # mm, row then column
    ("imager_pixel_spacing", _REALS),
    ("slice_thickness", _REAL),      # mm
    ("spacing_between_slices", _REAL),
    ("image_position_patient", _REALS),
    ("image_orientation_patient", _REALS),
    ("slice_location", _REAL),
    ("rescale_slope", _REAL),
    ("rescale_intercept", _REAL),
    ("rescale_type", _TEXT),
    ("window_center", _REALS),
    ("window_width", _REALS),
    ("kvp", _REAL),
    ("x_ray_tube_current", _REAL),   # mA
    ("exposure", _REAL),             # mAs
    ("exposure_time", _REAL),        # ms
    ("convolution_kernel", _TEXTS),
    ("repetition_time", _REAL),      # ms
    ("echo_time", _REAL),            # ms
    ("contrast_bolus_agent", _TEXT),
    ("burned_in_annotation", _TEXT),
    ("lossy_image_compression", _TEXT),
)


def snake_case(keyword: str) -> str:
    """'StudyInstanceUID' → 'study_instance_uid', 'KVP' → 'kvp', 'XRayTubeCurrent' → 'x_ray_tube_current'."""
    out: list[str] = []
    for place, letter in enumerate(keyword):
        before, after = keyword[place - 1:place], keyword[place + 1:place + 2]
        starts_word = letter.isupper() and place > 0 and (not before.isupper() or (after.islower() and after.isalpha()))
        if starts_word:
            out.append("_")
        out.append(letter.lower())
    return "".join(out)
