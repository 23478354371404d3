"""Files that somebody put together who can sign: with another key, or with the platform's. None of them stops the verifier."""
from __future__ import annotations

import copy
import io
import json
import random
import re
import tarfile
from pathlib import Path

import pytest
from forging import changed, codes, signed_again

from eval_harness.base import WrongUsage, canonical, dsse, sha256
from eval_harness.report import archive, hpke, write_edition
from eval_harness.report.compose import documents_of, pages
from eval_harness.report.edition import MANIFEST, STATEMENT
from eval_harness.verify import verify_pack
from eval_harness.verify.command import about, spoken

DOCUMENTS = ("facts.json", "commitments.json", "audit.json", "protocol.json", "pack/pack.json", "env.json", "sandbox.json", "card.json",
             "submission.json", "speed.json")


def with_pages(members):
    """A forger who also writes the pages that follow from his facts."""
    return signed_again({**members, **pages(documents_of(members))})


def altered(filed, name, change):
    members = archive.unpack(filed.vendor)
    value = json.loads(members[name])
    change(value)
    return with_pages({**members, name: canonical(value)})


def spots(value, path=()):
    yield path
    for key, held in value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ():
        yield from spots(held, (*path, key))


def put(value, path, new):
    if not path:
        return new
    out = copy.deepcopy(value)
    place = out
    for key in path[:-1]:
        place = place[key]
    if new is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return out


@pytest.mark.parametrize("seed", range(8))
def test_documents_of_any_shape_are_named_and_never_stop_the_verifier(sealed, seed):
    members, rng = archive.unpack(sealed.vendor), random.Random(seed)
    for _ in range(12):
        name = rng.choice(DOCUMENTS)
        value = json.loads(members[name])
        path = rng.choice(list(spots(value)))
        new = rng.choice([None, "x", 7, [], {}, [[[1]]], KeyError if path else None])
        report = verify_pack(signed_again({**members, name: canonical(put(value, path, new))}), sealed.trust)
        assert {line for lang in ("zh", "en") for line in spoken(report, lang)}
    broken = verify_pack(signed_again({**members, "facts.json": b"[" * 100_000}), sealed.trust)
    assert "VER-016" in codes(broken)
    assert not broken.sound


def test_a_statement_or_manifest_of_another_shape_is_named(sealed):
    members = archive.unpack(sealed.vendor)
    body, _ = dsse.open_envelope(members[STATEMENT])
    for forged in ({"predicate": {}}, {**body, "subject": [{"name": MANIFEST}]}, {**body, "predicate": {}}):
        report = verify_pack(archive.pack({**members, STATEMENT: dsse.sign(forged, b"\x01" * 32)}), sealed.trust)
        assert "VER-016" in codes(report)
        assert not report.ok


def test_an_older_format_version_is_named_with_the_one_that_is_known(sealed):
    members = archive.unpack(sealed.vendor)
    old = {**json.loads(members[MANIFEST]), "schema": "touchstone.evidence/0"}
    report = verify_pack(signed_again({**members, MANIFEST: canonical(old)}), sealed.trust)
    assert codes(report) == {"VER-017"}
    assert "touchstone.evidence/0" in report.issues[0].message_zh
    report = verify_pack(changed(sealed.vendor, "facts.json", lambda facts: facts.update(schema="touchstone.facts/0")), sealed.trust)
    assert codes(report) == {"VER-017"}


def test_a_newer_format_is_said_to_be_newer_and_not_to_be_wrong_in_both_languages(sealed):
    members = archive.unpack(sealed.vendor)
    newer = {**json.loads(members[MANIFEST]), "schema": "touchstone.evidence/3"}
    body, _ = dsse.open_envelope(members[STATEMENT])
    files = {"manifest": signed_again({**members, MANIFEST: canonical(newer)}),
             "facts": changed(sealed.vendor, "facts.json", lambda facts: facts.update(schema="touchstone.facts/12")),
             "statement": archive.pack({**members, STATEMENT: dsse.sign(
                 {**body, "predicateType": body["predicateType"].replace("/v1", "/v2")}, b"\x01" * 32)})}
    for data in files.values():
        report = verify_pack(data, sealed.trust)
        assert codes(report) == {"VER-019"}
        assert not report.ok
        assert "newer than this verifier, which reads touchstone.evidence/2, touchstone.facts/2" in report.issues[0].message_en
        assert "比本核验程序新" in report.issues[0].message_zh
        assert report.to_dict()["reads"] == ["touchstone.evidence/2", "touchstone.facts/2"]


@pytest.mark.parametrize("schema", ["touchstone.evidence/x", "another.evidence/9", "touchstone.evidence", 3, None, "touchstone.evidence/²"])
def test_a_format_of_no_known_name_is_not_called_newer(sealed, schema):
    members = archive.unpack(sealed.vendor)
    report = verify_pack(signed_again({**members, MANIFEST: canonical({**json.loads(members[MANIFEST]), "schema": schema})}), sealed.trust)
    assert codes(report) == {"VER-017"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_verifier_states_which_formats_it_reads(lang, capsys):
    assert about(False, lang) == about(True, lang) == 0
    spoken, told = capsys.readouterr().out.splitlines()
    assert "touchstone.evidence/2, touchstone.facts/2" in spoken
    assert ("读取的格式" if lang == "zh" else "formats it reads") in spoken
    assert json.loads(told)["reads"] == ["touchstone.evidence/2", "touchstone.facts/2"]


@pytest.mark.parametrize(("name", "change", "where"), [
    ("facts.json", lambda facts: facts["protocol"].update(seed=1), "facts.json#/protocol/seed"),
    ("facts.json", lambda facts: facts["identity"]["device"].update(version="9.9"), "facts.json#/identity/device"),
    ("facts.json", lambda facts: facts["tests"][0]["comparator"].update(value=0.01), "facts.json#/tests/0/comparator"),
    ("facts.json", lambda facts: facts["tests"][0].update(level=0.5), "facts.json#/tests/0/level"),
    ("facts.json", lambda facts: facts["disclosure"]["policy"].update(min_cell=2), "facts.json#/disclosure/policy"),
    ("facts.json", lambda facts: facts["estimates"][0].update(unit_of_analysis="lesion"), "facts.json#/estimates/0/unit_of_analysis"),
    ("facts.json", lambda facts: facts.update(not_verifiable=[]), "facts.json#/not_verifiable"),
    ("facts.json", lambda facts: facts["run"].update(run_id="0" * 64), "facts.json#/run/run_id"),
    ("submission.json", lambda sent: sent.update(kind="predictions"), "facts.json#/identity/submission/kind"),
    ("pack/pack.json", lambda pack: pack["title"].update(en="Another task"), "facts.json#/identity/task/title"),
])
def test_facts_that_say_another_plan_device_rule_or_pack_are_named_even_with_fitting_pages(sealed, name, change, where):
    report = verify_pack(altered(sealed, name, change), sealed.trust)
    assert where in {issue.where for issue in report.issues if issue.code == "VER-012"}
    assert not report.sound


TABLES = ("keys", "reference", "results", "measurements", "salts", "baseline")
REWRITTEN = {
    "turned round": lambda lines: lines[::-1], "a row twice": lambda lines: [lines[0], *lines],
    "a row before the one that counts": lambda lines: [lines[0].replace(b"0.", b"1.", 1), *lines],
    "an empty line": lambda lines: [*lines, b"\n"],
    "line ends of another system": lambda lines: [lines[0].replace(b"\n", b"\r\n"), *lines[1:]],
    "a blank between": lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]],
}


@pytest.mark.parametrize("how", REWRITTEN)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_was_written_anew_is_named_though_it_gives_the_same_numbers(practice, table, how):
    members, name = archive.unpack(practice.vendor), f"open/{table}.jsonl"
    rows = b"".join(REWRITTEN[how](members[name].splitlines(keepends=True)))
    report = verify_pack(signed_again({**members, name: rows}), practice.trust)
    assert ("VER-028", f"{table}.jsonl") in {(issue.code, issue.where) for issue in report.issues}
    assert not report.sound


def test_salts_that_were_not_used_and_a_comparison_left_out_are_named(practice):
    members = archive.unpack(practice.vendor)
    salts = [{**json.loads(line), "salt": "00" * 32} for line in members["open/salts.jsonl"].splitlines()]
    report = verify_pack(signed_again({**members, "open/salts.jsonl": b"".join(canonical(row) + b"\n" for row in salts)}), practice.trust)
    assert [(issue.code, issue.where) for issue in report.issues] == [("VER-012", "salts.jsonl")]
    report = verify_pack(altered(practice, "facts.json", lambda facts: facts.update(comparison=None)), practice.trust)
    assert ("VER-012", "facts.json#/comparison") in {(issue.code, issue.where) for issue in report.issues}


def test_a_plan_is_locked_only_where_a_signature_or_the_audit_log_says_so(practice):
    report = verify_pack(altered(practice, "facts.json", lambda facts: facts["protocol"].update(locked=True)), practice.trust)
    assert "facts.json#/protocol/locked" in {issue.where for issue in report.issues}


def test_a_number_changed_in_one_language_only_is_named_there(sealed):
    members = archive.unpack(sealed.vendor)
    for lang, other in (("zh", "en"), ("en", "zh")):
        page = members[f"report.{lang}.html"].replace(b"120", b"121", 1)
        report = verify_pack(signed_again({**members, f"report.{lang}.html": page}), sealed.trust)
        assert [issue.where for issue in report.issues] == [f"report.{lang}.html"]
        assert f"report.{other}.html made again" in report.passed


def test_a_member_listed_twice_and_a_second_signature_are_named(sealed):
    members = archive.unpack(sealed.vendor)
    manifest = json.loads(members[MANIFEST])
    twice = canonical({**manifest, "members": [manifest["members"][0], *manifest["members"]]})
    body = dsse.statement(dsse.open_envelope(members[STATEMENT])[0]["predicateType"], {MANIFEST: sha256(twice)},
                          dsse.open_envelope(members[STATEMENT])[0]["predicate"])
    report = verify_pack(archive.pack({**members, MANIFEST: twice, STATEMENT: dsse.sign(body, b"\x01" * 32)}), sealed.trust)
    assert "VER-008" in codes(report)
    envelope = json.loads(members[STATEMENT])
    for signatures in ([], envelope["signatures"] * 2):
        forged = canonical({**envelope, "signatures": signatures})
        assert codes(verify_pack(archive.pack({**members, STATEMENT: forged}), sealed.trust)) == {"VER-003"}


def test_the_sealed_card_has_every_number_and_the_vendors_follows_from_it(sealed):
    outer = archive.unpack(sealed.regulator)
    scope = sha256(outer["V.zip"]).encode()
    other = hpke.seal(canonical({"cases": 1}), hpke.public_key(sealed.key), scope, b"card.json")
    report = verify_pack(signed_again({**outer, "sealed/card.json.hpke": other}, edition="regulator"), sealed.trust, key=sealed.key)
    assert {"VER-012", "VER-032"} <= codes(report)


def test_a_file_too_large_to_be_evidence_is_not_read(sealed, tmp_path):
    huge = tmp_path / "V.zip"
    with huge.open("wb") as held:
        held.truncate(2**32 + 1)
    report = verify_pack(huge, sealed.trust)
    assert codes(report) == {"VER-018"}
    assert codes(verify_pack(sealed.vendor, sealed.trust, opening=huge)) == {"VER-018"}


def test_a_file_beside_the_archive_that_was_changed_is_an_error_and_one_that_is_not_here_a_warning(practice, tmp_path):
    members = archive.unpack(practice.vendor)
    rows = [json.loads(line) for line in members["open/results.jsonl"].splitlines()]
    answered = next(row for row in rows if row["status"] == "ok")
    data = canonical(answered["output"])
    answered |= {"output": None, "blobs": {"output.json": sha256(data)}}
    moved = signed_again({**members, "open/results.jsonl": b"".join(canonical(row) + b"\n" for row in rows)})
    found = {}
    for name, held in (("whole", data), ("changed", data[:-1] + b" "), ("missing", None)):
        with tarfile.open(tmp_path / name, "w") as tar:
            if held is not None:
                entry = tarfile.TarInfo(sha256(data))
                entry.size = len(held)
                tar.addfile(entry, io.BytesIO(held))
        found[name] = codes(verify_pack(moved, practice.trust, blobs=tmp_path / name))
    assert not {"VER-023", "VER-026"} & found["whole"]
    assert ("VER-026" in found["changed"], "VER-023" in found["missing"]) == (True, True)
    (tmp_path / "whole").write_bytes(b"no tar at all")
    with pytest.raises(WrongUsage, match="VER-025"):
        verify_pack(moved, practice.trust, blobs=tmp_path / "whole")


def test_pdfs_are_said_to_be_signed_and_not_made_again(sealed, tmp_path):
    pytest.importorskip("typst")
    report = verify_pack(write_edition(sealed.score, "vendor", tmp_path / "V.zip", b"\x01" * 32), sealed.trust)
    assert report.ok
    assert report.signed_only == ["report.en.pdf", "report.zh.pdf"]
    assert any("PDF" in line for line in spoken(report, "zh"))


def test_every_phrase_of_a_finding_stands_in_both_languages():
    """Read from the sources: what archive, envelope and seal may say of a damaged file."""
    from eval_harness.base import dsse as envelope_room
    from eval_harness.base.phrases import in_chinese
    said = set()
    for room, kind in ((archive, "ArchiveRefused"), (envelope_room, "EnvelopeRefused"), (hpke, "SealRefused")):
        for call in re.findall(rf"raise {kind}\((.+)\)", Path(room.__file__).read_text(encoding="utf-8")):
            said |= {text for text in re.findall(r'"([^"{}]*[a-z] [a-z][^"{}]*)"', call) if not text.startswith("ZIP")}
    assert len(said) >= 15
    assert [text for text in sorted(said) if in_chinese(text) == text] == []


def test_a_damaged_file_is_told_in_chinese_without_english_between(sealed, tmp_path):
    (tmp_path / "V.zip").write_bytes(sealed.vendor + b"more")
    lines = "\n".join(spoken(verify_pack(tmp_path / "V.zip", sealed.trust), "zh"))
    assert "归档结尾之后还有字节" in lines
    assert "behind the end" not in lines
    members = archive.unpack(sealed.vendor)
    told = "\n".join(spoken(verify_pack(archive.pack({**members, "more.txt": b"x"}), sealed.trust), "zh"))
    assert "文件中有，清单中没有" in told
    assert "企业版" in told
