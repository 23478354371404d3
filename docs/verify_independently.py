#!/usr/bin/env python3
"""Check an evidence file without a line of Touchstone: archive, signature, digests, audited order, Merkle roots.

    python verify_independently.py V.zip --trust PUBLIC_KEY_FILE
    python verify_independently.py R.zip --trust PUBLIC_KEY_FILE --tables DIR     # DIR: the unsealed *.jsonl files

Python 3.9 or later, nothing else. Written against published formats only: ZIP (stored members), DSSE v1, in-toto Statement v1,
Ed25519 (RFC 8032), Merkle trees as RFC 6962 hashes them, canonical JSON (RFC 8785). It re-computes no estimate: that is what
`touchstone-eval verify` does; this page shows that signature and roots can be checked by somebody who trusts neither us nor it.
"""
import argparse
import base64
import hashlib
import io
import json
import sys
import zipfile

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)  # noqa: E741 - the name RFC 8032 gives it


def sha(data):
    return hashlib.sha256(data).hexdigest()


# --- Ed25519, RFC 8032 section 5.1.7 -------------------------------------------------------------------------------------
def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decode(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(k, point):
    total = (0, 1)
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def ed25519(public, message, signature):
    a, r, s = decode(public), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    by = 4 * pow(5, P - 2, P) % P
    return times(s, (recover_x(by, 0), by)) == add(r, times(h, a))


# --- DSSE and the manifest -------------------------------------------------------------------------------------------------
def statement(envelope):
    held = json.loads(envelope)
    payload, signature = base64.b64decode(held["payload"]), held["signatures"][0]
    kind = held["payloadType"].encode()
    signed = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
    public = bytes.fromhex(signature["public_key"])
    return json.loads(payload), public, ed25519(public, signed, base64.b64decode(signature["sig"]))


def check_archive(data, trust, say):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        members = {entry.filename: archive.read(entry) for entry in entries}
    taken = 22 + sum(30 + 46 + 2 * len(entry.filename) + entry.file_size for entry in entries)      # end record, headers, contents
    say(len(members) == len(entries) and taken == len(data), "every member once, and no byte beside them")
    body, public, holds = statement(members["statement.dsse.json"])
    say(holds, "signature of statement.dsse.json holds")
    say(trust is not None and public == trust, f"signed by the trusted key (key {sha(public)[:16]})")
    subjects = {one["name"]: one["digest"]["sha256"] for one in body["subject"]}
    say(subjects["manifest.json"] == sha(members["manifest.json"]), "the statement signs this manifest.json")
    if "timestamp.tsr" in members:
        say(subjects.get("timestamp.tsr") == sha(members["timestamp.tsr"]), "the statement signs this timestamp.tsr")
    listed = {one["name"]: one["sha256"] for one in json.loads(members["manifest.json"])["members"]}
    present = set(members) - {"manifest.json", "statement.dsse.json", "timestamp.tsr"}
    say(present == set(listed), "manifest.json lists every member and no other")
    wrong = [name for name in present & set(listed) if sha(members[name]) != listed[name]]
    say(not wrong, "every member has the digest that was signed" + (f": {', '.join(sorted(wrong))}" if wrong else ""))
    return members, body


# --- what the documents say of one another -----------------------------------------------------------------------------------
def check_documents(members, say):
    facts, protocol, commitments, audit = (json.loads(members[f"{name}.json"]) for name in ("facts", "protocol", "commitments", "audit"))
    say(sha(members["protocol.json"]) == facts["protocol"]["digest"], "facts.json speaks of this protocol.json")
    say(protocol["task"]["digest"] == facts["identity"]["task"]["digest"], "protocol.json and facts.json name one task pack")
    say(all(commitments[name] == root for name, root in facts["commitments"].items()), "commitments.json holds the roots of facts.json")
    if facts["visibility"] == "sealed":
        heads = audit["heads"]
        steps = [heads[name]["seq"] for name in ("locked", "predicted", "unsealed", "scored") if heads.get(name)]
        say(len(steps) >= 3 and steps == sorted(set(steps)), "audited order: locked < predicted < unsealed (< scored)")
        say(heads["predicted"]["root"] == facts["commitments"]["results_root"], "the audited root is the root of these predictions")
    facts["variants"] = [one["name"] for one in protocol.get("variants") or ()]
    return facts, commitments


# --- Merkle roots, RFC 6962 with salted leaves; the tables' lines are canonical JSON already ----------------------------------
def root(leaves):
    while len(leaves) > 1:
        pairs = [hashlib.sha256(b"\x01" + leaves[i] + leaves[i + 1]).digest() for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(leaves) - len(leaves) % 2:]
    return leaves[0].hex() if leaves else sha(b"")


def salted(kind, scope, salt, row):
    head = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), scope.encode()))
    return hashlib.sha256(b"\x00" + head + salt + row).digest()


def check_tables(read, facts, commitments, say):
    held = commitments["set"]
    scope, run_id = f"{held['set_id']}@{held['version']}", facts["run"]["run_id"]
    raw = {name: [line for line in read(name).splitlines() if line] for name in
           ("results.jsonl", "measurements.jsonl", "keys.jsonl", "reference.jsonl", "salts.jsonl")}
    results = sorted((json.loads(line)["token"], line) for line in raw["results.jsonl"])
    blank = [line.replace(b'"run_id":"%s"' % run_id.encode(), b'"run_id":""') for _, line in results]
    say(root([hashlib.sha256(b"\x00" + line).digest() for line in blank]) == facts["commitments"]["results_root"], "results root")
    salts = {row["token"]: bytes.fromhex(row["salt"]) for row in map(json.loads, raw["salts.jsonl"])}
    rows = sorted((json.loads(line)["token"], line) for line in raw["measurements.jsonl"])
    say(root([salted("measurement", scope, salts[token], line) for token, line in rows]) == facts["commitments"]["measurements_root"],
        "measurements root")
    keys = {json.loads(line)["token"]: line for line in raw["keys.jsonl"]}
    leaves = {token: bytes.fromhex(leaf) for token, leaf in (held.get("withdrawn_leaves") or {}).items()}
    copies = {sha(f"case copy\0{facts['protocol']['digest']}\0{name}\0{token}".encode())[:32]
              for name in facts["variants"] for token in [*keys, *leaves]}     # run beside the set: not among the frozen rows
    for line in raw["reference.jsonl"]:
        row = json.loads(line)
        if row["token"] in copies:
            continue
        token, salt = row["token"], row["truth"]["salt"]
        truth = line[line.index(b'"truth":') + 8:-1].replace(b'"salt":"%s"' % salt.encode(), b'"salt":""')
        leaves[token] = salted("reference", scope, bytes.fromhex(salt), b'{"key":' + keys[token] + b',"truth":' + truth + b"}")
    say(root([leaves[token] for token in sorted(leaves)]) == held["reference_root"], "reference root")


def content(path):
    with open(path, "rb") as held:
        return held.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--trust", help="file with the platform's public key, 64 hexadecimal characters")
    parser.add_argument("--tables", help="folder with the unsealed tables of a regulator edition")
    given = parser.parse_args()
    found = []

    def say(holds, what):
        found.append(holds)
        print(("ok    " if holds else "WRONG ") + what)

    trust = bytes.fromhex(content(given.trust).decode().strip()) if given.trust else None
    members, body = check_archive(content(given.file), trust, say)
    if "V.zip" in members:
        say(body["predicate"]["opens"] == sha(members["V.zip"]), "R.zip opens the V.zip inside it")
        members, _ = check_archive(members["V.zip"], trust, say)
    facts, commitments = check_documents(members, say)
    if given.tables:
        check_tables(lambda name: content(f"{given.tables}/{name}"), facts, commitments, say)
    elif facts["visibility"] == "practice":
        check_tables(lambda name: members[f"open/{name}"], facts, commitments, say)
    return 0 if all(found) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        print(f"WRONG  this is not an evidence file as the formats say: {type(error).__name__}")
        sys.exit(1)
