"""One input resource on its way to its line of the manifest."""

from __future__ import annotations

import orjson

from eval_harness.base import Issue


class Row:
    """What became of one resource; `line` is its place in its type's file, -1 for none."""

    __slots__ = ("actions", "content", "issues", "kind", "line", "new_id", "sha256", "source_id", "status", "subject")

    def __init__(self, sha256: str, kind: str | None, subject: str | None, issues: tuple[Issue, ...] = ()) -> None:
        self.sha256, self.kind, self.subject, self.issues = sha256, kind, subject, issues
        self.status, self.content, self.line = "quarantined", b"", -1
        self.new_id = self.source_id = ""
        self.actions: tuple[int, ...] = ()

    def quarantine(self, *issues: Issue) -> None:
        self.status, self.content, self.issues = "quarantined", b"", issues

    def manifest(self) -> bytes:
        """Sorted keys; written out by hand for the usual row, whose parts need no escapes."""
        if self.status == "released" and not self.issues:
            subject = f'"{self.subject}"' if self.subject is not None else "null"
            return (
                f'{{"issues":[],"output":"released/{self.kind}.ndjson","output_line":{self.line},"resource_type":"{self.kind}",'
                f'"source_sha256":"{self.sha256}","status":"released","subject":{subject}}}\n'
            ).encode()
        return orjson.dumps(
            {
                "source_sha256": self.sha256,
                "resource_type": self.kind,
                "status": self.status,
                "output": f"released/{self.kind}.ndjson" if self.line >= 0 else None,
                "output_line": self.line if self.line >= 0 else None,
                "subject": self.subject,
                "issues": [issue.to_dict() for issue in self.issues],
            },
            option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE,
        )
