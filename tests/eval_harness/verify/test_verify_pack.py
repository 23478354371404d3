import json
import random

import pytest
from forging import changed, codes, signed_again

from eval_harness.base import canonical, dsse, sha256
from eval_harness.report import archive, hpke, write_edition
from eval_harness.report.edition import MANIFEST, STATEMENT
from eval_harness.verify import verify_pack

OTHER = b"\x07" * 32


def test_every_number_of_a_regulator_edition_is_made_again_and_matches(sealed):
    report = verify_pack(sealed.regulator, sealed.trust, key=sealed.key)
    assert report.ok
    assert report.levels == {"V0": "done", "V1": "done", "V2": "done"}
    assert report.counts["MATCH"] > 100
    assert (report.counts["DIFFERS"], report.counts["COMMITTED"]) == (0, 0)
    assert report.opening == "redaction_proved"


def test_a_vendor_edition_of_a_sealed_set_says_committed_for_what_it_does_not_disclose(sealed):
    report = verify_pack(sealed.vendor, sealed.trust)
    assert report.ok
    assert report.counts["DIFFERS"] == 0
    assert report.counts["MATCH"] >= 1
    assert report.counts["COMMITTED"] > 20


def test_a_practice_set_is_verified_whole_from_the_vendor_edition(practice):
    for data in (practice.vendor, practice.regulator):
        report = verify_pack(data, practice.trust)
        assert report.ok
        assert report.levels["V2"] == "done"
        assert report.counts["COMMITTED"] == 0


def test_the_opening_proves_that_the_filed_copy_is_the_opened_one(sealed, practice):
    report = verify_pack(sealed.vendor, sealed.trust, opening=sealed.regulator, key=sealed.key)
    assert report.ok
    assert report.opening == "redaction_proved"
    assert verify_pack(sealed.vendor, sealed.trust, opening=sealed.regulator).opening == "same_file"
    stranger = verify_pack(sealed.vendor, sealed.trust, opening=practice.regulator)
    assert "VER-034" in codes(stranger)
    assert not stranger.ok


@pytest.mark.parametrize("edition", ["vendor", "regulator"])
def test_two_hundred_one_byte_changes_are_each_found_with_their_place(sealed, edition):
    data = getattr(sealed, edition)
    members = archive.unpack(data)
    for seed in range(200):
        rng = random.Random(seed)
        regions = [rng.randrange(len(data)), len(data) - 1 - rng.randrange(60 * len(members)), data.index(members[STATEMENT]) + seed]
        place = regions[seed % 3]
        broken = bytearray(data)
        broken[place] ^= 1 << rng.randrange(8)
        report = verify_pack(bytes(broken), sealed.trust, key=sealed.key)
        assert not report.sound, (seed, place)
        assert all(issue.where for issue in report.issues)


def test_without_a_trusted_key_the_report_is_sound_but_not_ok(sealed):
    report = verify_pack(sealed.vendor)
    assert report.sound
    assert not report.ok
    assert codes(report) == {"VER-005"}


def test_a_signature_by_another_key_is_named(sealed):
    forged = signed_again(archive.unpack(sealed.vendor), OTHER)
    report = verify_pack(forged, sealed.trust)
    assert "VER-004" in codes(report)
    assert not report.ok


def test_a_member_swapped_under_an_old_signature_is_named(sealed):
    members = archive.unpack(sealed.vendor)
    report = verify_pack(archive.pack({**members, "report.zh.html": members["report.en.html"]}), sealed.trust)
    assert [issue.where for issue in report.issues if issue.code == "VER-009"] == ["report.zh.html"]


def test_a_page_that_does_not_follow_from_the_facts_is_named_even_when_signed(sealed):
    members = archive.unpack(sealed.vendor)
    page = members["report.zh.html"].replace(b"0.", b"9.", 1)
    report = verify_pack(signed_again({**members, "report.zh.html": page}), sealed.trust)
    assert [issue.where for issue in report.issues if issue.code == "VER-015"] == ["report.zh.html"]


def test_facts_of_another_protocol_are_named_as_stale(sealed):
    report = verify_pack(changed(sealed.vendor, "protocol.json", lambda plan: plan.update(seed=1)), sealed.trust)
    assert "VER-012" in codes(report)


def test_audit_heads_in_the_wrong_order_are_named(sealed):
    def swap(audit):
        audit["heads"]["unsealed"]["seq"], audit["heads"]["predicted"]["seq"] = 2, 3
    report = verify_pack(changed(sealed.vendor, "audit.json", swap), sealed.trust)
    assert any("predicted 3" in issue.message_en for issue in report.issues if issue.code == "VER-013")


def test_an_audited_root_of_other_predictions_is_named(sealed):
    other = changed(sealed.vendor, "audit.json", lambda audit: audit["heads"]["predicted"].update(root="0" * 64))
    report = verify_pack(other, sealed.trust)
    assert "VER-014" in codes(report)


def test_a_number_that_was_improved_differs_even_when_everything_is_signed_again(practice):
    """The forger holds the key and writes matching pages; the measurements still say otherwise."""
    from eval_harness.report.compose import documents_of, pages
    members = archive.unpack(practice.vendor)
    facts = json.loads(members["facts.json"])
    facts["estimates"][0]["value"] += 0.001
    members["facts.json"] = canonical(facts)
    members |= pages(documents_of(members))
    report = verify_pack(signed_again(members), practice.trust)
    assert [number.pointer for number in report.numbers if number.status == "DIFFERS"] == ["/estimates/0"]
    assert not report.sound


def test_a_measurement_that_the_outputs_do_not_give_is_found(practice):
    members = archive.unpack(practice.vendor)
    rows = [json.loads(line) for line in members["open/measurements.jsonl"].splitlines()]
    hit = next(row for row in rows if row["rows"]["lesions"] and row["rows"]["lesions"][0]["score"])
    hit["rows"]["lesions"][0]["score"] = None
    members["open/measurements.jsonl"] = b"".join(canonical(row) + b"\n" for row in rows)
    found = codes(verify_pack(signed_again(members), practice.trust))
    assert {"VER-020", "VER-021"} <= found


def test_a_label_that_was_turned_breaks_the_reference_root(practice):
    members = archive.unpack(practice.vendor)
    lines = members["open/reference.jsonl"].replace(b'"solid"', b'"part_solid"', 1)
    found = verify_pack(signed_again({**members, "open/reference.jsonl": lines}), practice.trust)
    assert any("reference_root" in issue.message_en for issue in found.issues)


def test_the_wrong_reader_key_opens_nothing_and_says_so(sealed):
    report = verify_pack(sealed.regulator, sealed.trust, key=OTHER)
    assert "VER-033" in codes(report)
    assert not report.ok


def test_without_the_reader_key_a_regulator_edition_is_checked_as_far_as_it_goes(sealed):
    report = verify_pack(sealed.regulator, sealed.trust)
    assert report.ok
    assert codes(report) == {"VER-030"}
    assert report.counts["DIFFERS"] == 0


def test_a_vendor_edition_of_an_older_scoring_does_not_follow_from_the_full_facts(sealed, tmp_path):
    """Stale facts: the inner V.zip says what an older scoring said."""
    members = archive.unpack(sealed.vendor)
    facts = json.loads(members["facts.json"])
    facts["deviations"] = [{"zh": "旧", "en": "old"}]
    from eval_harness.report.compose import documents_of, pages
    members["facts.json"] = canonical(facts)
    members |= pages(documents_of(members))
    inner = signed_again(members)
    outer = archive.unpack(sealed.regulator)
    scope = sha256(inner).encode()
    old_scope, sealed_members = sha256(outer["V.zip"]).encode(), {}
    for name in (name for name in outer if name.startswith("sealed/")):
        aad = name.removeprefix("sealed/").removesuffix(".hpke").encode()
        plain = hpke.unseal(outer[name], sealed.key, old_scope, aad)
        sealed_members[name] = hpke.seal(plain, hpke.public_key(sealed.key), scope, aad)
    statement = dsse.open_envelope(outer[STATEMENT])[0]
    statement["predicate"]["opens"] = sha256(inner)
    forged = {**outer, **sealed_members, "V.zip": inner}
    forged[STATEMENT] = dsse.sign(statement, b"\x01" * 32)
    report = verify_pack(signed_again(forged, edition="regulator"), sealed.trust, key=sealed.key)
    assert "VER-032" in codes(report)


def test_the_same_score_gives_the_same_vendor_bytes(sealed, tmp_path):
    again = write_edition(sealed.score, "vendor", tmp_path / "V.zip", b"\x01" * 32, pdf=False)
    assert again.read_bytes() == sealed.vendor
    assert archive.unpack(sealed.regulator)["V.zip"] == sealed.vendor


def test_a_time_stamp_has_to_be_over_this_manifest(sealed, tmp_path):
    from eval_harness.base import Terminal
    manifest = sha256(archive.unpack(sealed.vendor)[MANIFEST])
    stamp = b"DER of an authority" + bytes.fromhex(manifest)
    path = write_edition(sealed.score, "vendor", tmp_path / "V.zip", b"\x01" * 32, pdf=False, timestamp=stamp)
    assert verify_pack(path, sealed.trust).ok
    members = archive.unpack(path.read_bytes())
    assert "VER-007" in codes(verify_pack(archive.pack({**members, "timestamp.tsr": stamp + b"!"}), sealed.trust))
    with pytest.raises(Terminal, match="REP-003"):
        write_edition(sealed.score, "vendor", tmp_path / "W.zip", b"\x01" * 32, pdf=False, timestamp=b"another digest")


def test_the_regulator_reads_the_numbers_that_the_vendors_page_withholds(sealed, tmp_path):
    from eval_harness.verify.command import extract
    (tmp_path / "R.zip").write_bytes(sealed.regulator)
    assert extract(tmp_path / "R.zip", sealed.key, tmp_path / "out") > 20
    full, vendor = ((tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("sealed/report.en.html", "report.en.html"))
    shown = f"{sealed.score.facts['estimates'][0]['value']:.3f}"
    assert shown in full
    assert "REGULATOR EDITION" in full
    assert "VENDOR EDITION" in vendor
    assert "withheld" in vendor
    assert extract(tmp_path / "R.zip", None, tmp_path / "locked") > 0
    assert not (tmp_path / "locked" / "sealed").exists()


def test_a_swapped_full_page_is_named(sealed):
    members = archive.unpack(sealed.regulator)
    scope = sha256(members["V.zip"]).encode()
    page = hpke.seal(b"<html>all good</html>", hpke.public_key(sealed.key), scope, b"report.en.html")
    forged = signed_again({**members, "sealed/report.en.html.hpke": page}, edition="regulator")
    report = verify_pack(forged, sealed.trust, key=sealed.key)
    assert {"VER-012", "VER-015"} <= codes(report)
