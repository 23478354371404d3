"""Check a model's answer against its task and round it to the resolution that the task declares."""
from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from eval_harness.base.json_text import json_text
from eval_harness.tasks.pack import Pack

Reason = tuple[str, str]


class AnswerRefused(ValueError):
    """The output is not an answer to this task. `cause` is a token, `detail` names a place and never a value."""

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause, self.detail = cause, detail


class AnswerCheck:
    """Parses output.json of one task; made once, used for every case."""

    def __init__(self, pack: Pack) -> None:
        import jsonschema_rs

        self._schema = jsonschema_rs.validator_for(dict(pack.output_schema))
        self._spec = pack.spec.output

    def read(self, data: bytes) -> Any:
        """The answer, rounded. Raises AnswerRefused for bytes that are not JSON, NaN, a schema miss, too many marks."""
        return self.checked(strict_json(data, "output.json"))

    def checked(self, answer: Any) -> Any:
        """The same for an answer that is JSON already."""
        try:
            miss = next(iter(self._schema.iter_errors(answer)), None)
        except ValueError as error:   # nested beyond any schema, or a text with half a character
            raise AnswerRefused("not_json", "output.json") from error
        if miss is not None:
            place = "/".join(str(part) for part in miss.instance_path) or "(root)"
            raise AnswerRefused("schema", f"{place}: {'/'.join(str(part) for part in miss.schema_path)}")
        cap = self._spec.mark_cap
        if cap is not None and isinstance(answer, Mapping) and len(answer.get("marks", ())) > cap:
            raise AnswerRefused("mark_cap", f"more than {cap} marks")
        return self._rounded(answer, "")

    def _rounded(self, value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: self._rounded(held, name) for name, held in value.items()}
        if isinstance(value, list):
            return [self._rounded(held, key) for held in value]
        if isinstance(value, float):
            if not math.isfinite(value):
                raise AnswerRefused("not_finite", key)
            return round(value, self._spec.decimals.get(key, self._spec.default_decimals)) + 0.0
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
            raise AnswerRefused("not_finite", key)
        return value


def strict_json(data: bytes, name: str) -> Any:
    """The value of a model's JSON. Raises AnswerRefused not_json, not_finite, repeated_key at `name`."""
    try:
        return _STRICT.decode(json_text(data))
    except (ValueError, RecursionError) as error:
        cause = error.cause if isinstance(error, AnswerRefused) else "not_json"
        raise AnswerRefused(cause, name) from None


def _no_constant(name: str) -> Any:
    raise AnswerRefused("not_finite", name)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise AnswerRefused("repeated_key", "output.json")
    return held


_STRICT = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_no_repeats)
