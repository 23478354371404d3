"""Why something could not be read or done, in words and in both languages; Python's own names for it stay with the programmer."""
from __future__ import annotations

from eval_harness.base.issue import KINDS, REASONS_ZH, Words

ELSE = Words("读不出来", "it cannot be read")


def why(error: BaseException) -> Words:
    """What a person has to look for: `words` of the error's own, the place in the text, what the system says, or its kind.

    Nothing of the error's text is passed on, since it may quote a value of the file.
    """
    words = getattr(error, "words", None)
    if isinstance(words, Words):
        return words
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return Words(f"第 {mark.line + 1} 行不合 YAML 语法", f"line {mark.line + 1} is not YAML")
    line = getattr(error, "lineno", None)
    if type(error).__name__ == "JSONDecodeError" and line is not None:
        column = getattr(error, "colno", 1)
        return Words(f"第 {line} 行第 {column} 个字符起不是 JSON", f"from line {line}, character {column}, it is no JSON")
    if isinstance(error, OSError) and error.strerror:
        return Words(REASONS_ZH.get(error.strerror, error.strerror), error.strerror)
    return next((Words(*KINDS[kind.__name__]) for kind in type(error).__mro__ if kind.__name__ in KINDS), ELSE)
