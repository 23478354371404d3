"""A task pack as JSON, so that it travels inside the evidence and a verifier without pydantic or YAML can read it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pack_json(pack: Any) -> dict[str, Any]:
    """The spec of a loaded pack (eval_harness.tasks.Pack), its digest and its texts in both languages."""
    spec: Mapping[str, Any] = pack.spec.model_dump(mode="json")
    return {**spec, "digest": pack.digest, "texts": {name: dict(words) for name, words in pack.messages.items()},
            "built_in": bool(pack.built_in)}
