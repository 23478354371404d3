"""`touchstone-eval report DIR`: the two editions of the evidence from a score."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EDITIONS = {"vendor": ("企业版", "vendor edition"), "regulator": ("审评版", "regulator edition")}


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `score` wrote.")],
    edition: Annotated[str, typer.Option("--edition", help="vendor or regulator.")],
    out: Annotated[Path, typer.Option("--out", help="The ZIP to write.")],
    key: Annotated[Path | None, typer.Option("--key", help="Ed25519 private key that signs; without it one is made in DIR.")] = None,
    regulator_key: Annotated[Path | None, typer.Option("--regulator-key", help="X25519 public key the sealed tables are for.")] = None,
    timestamp: Annotated[Path | None, typer.Option("--timestamp", help="RFC 3161 response over manifest.json.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write the PDF as well as the page.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Write an edition. The regulator edition holds, byte for byte, the vendor edition that the same options write."""
    from eval_harness.base import eval_messages, sha256
    from eval_harness.base.console import language, print_json, say
    from eval_harness.report.blobs import write_blobs
    from eval_harness.report.edition import write_edition
    from eval_harness.report.keys import manifest_sha256, opened, public_of, signing_key
    from eval_harness.report.words import Words
    from eval_harness.verify.command import read_key

    held = opened(folder)
    private = signing_key(held.path, key)
    stamp = timestamp.read_bytes() if timestamp is not None else None
    path = write_edition(held, edition, out, private, regulator_key=read_key(regulator_key), timestamp=stamp, pdf=pdf)
    blobs = path.with_suffix(".blobs.tar")
    masks = write_blobs(held, blobs) if edition == "regulator" else 0
    trust = path.with_suffix(".pub")
    trust.write_text(public_of(private).hex() + "\n", encoding="ascii")
    facts = held.facts
    if as_json:
        print_json({"file": str(path), "sha256": sha256(path.read_bytes()), "edition": edition, "public_key": str(trust),
                    "blobs": str(blobs) if masks else None, "verdict": facts["verdict"], "manifest_sha256": manifest_sha256(path),
                    "official": facts["official"]})
    else:
        tongue = language(lang)
        say(eval_messages().text("REP-010", tongue, file=path, edition=EDITIONS[edition][tongue == "en"], trust=trust,
                                 verdict=Words(tongue)(f"verdict.{facts['verdict']}")))
