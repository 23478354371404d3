"""What somebody can do who holds a signing key: write an archive anew around changed members."""
import json

from eval_harness.base import canonical, dsse, sha256
from eval_harness.report import archive
from eval_harness.report.edition import MANIFEST, PREDICATES, STATEMENT


def codes(report):
    return {issue.code for issue in report.issues}


def signed_again(members, key=b"\x01" * 32, edition="vendor"):
    """The archive with manifest and signature made anew: a forger who holds the platform's key."""
    inner = {name: data for name, data in members.items() if name not in (MANIFEST, STATEMENT)}
    old, _ = dsse.open_envelope(members[STATEMENT])
    manifest = canonical({**json.loads(members[MANIFEST]), "members": [
        {"name": name, "sha256": sha256(data), "bytes": len(data)} for name, data in sorted(inner.items())]})
    body = dsse.statement(PREDICATES[edition], {MANIFEST: sha256(manifest)}, old["predicate"])
    return archive.pack({**inner, MANIFEST: manifest, STATEMENT: dsse.sign(body, key)})


def changed(data, name, change):
    members = archive.unpack(data)
    value = json.loads(members[name])
    change(value)
    return signed_again({**members, name: canonical(value)})
