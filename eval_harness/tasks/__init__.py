"""Task packs: what a model of one kind gets, must answer, and how it is judged. One folder a task."""
from eval_harness.tasks.pack import Pack, PackRefused, list_packs, load_pack
from eval_harness.tasks.spec import Limits, TaskSpec

__all__ = ["Limits", "Pack", "PackRefused", "TaskSpec", "list_packs", "load_pack"]
