"""Facts to a report that two languages, a page and a PDF share, and the two signed editions of the evidence."""
from eval_harness.report.edition import write_edition

__all__ = ["write_edition"]
