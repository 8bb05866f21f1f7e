#!/usr/bin/env python3
"""Verifies a bundle that Nod exported: python3 verify.py bundle.zip VKEY [CHECKPOINT]

A second verifier, written from docs/verify.md, with Python's standard library alone and
nothing of Nod. Exit status 0 if everything holds, 1 if not; the last line says what is
wrong, and begins with the word by which the first verifier knows that kind of fault.

It is written to be read from top to bottom. It keeps the bundle in memory, some 6 kB for
each line; for millions of them use nod verify-export.
"""

import base64
import datetime
import hashlib
import json
import re
import sys
import zipfile


class Fault(Exception):
    """The first thing that is wrong: its kind, and what to tell."""

    def __init__(self, kind, what):
        super().__init__(what)
        self.kind = kind


def need(holds, kind, what):
    if not holds:
        raise Fault(kind, what)


# Ed25519, verification only (RFC 8032, section 5.1). It is slow, and needed once.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    if x2 % P == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def add(p, q):  # extended coordinates
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    q = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_verify(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return same(times(s, BASE), add(r, times(h, a)))


# The checkpoint (C2SP signed-note and tlog-checkpoint).


def unbase64(text, kind, what):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault(kind, what) from None
    need(base64.b64encode(raw).decode() == text, kind, what)
    return raw


def read_key(vkey, origin):
    """A key is name+id+base64; the id is a hash of the name and the key."""
    name, _, rest = vkey.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    key = unbase64(encoded, "wrong_key", "the key is none of a signed note (name+id+key)")
    want = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    need(len(key) == 33 and key[0] == 1 and key_id == want, "wrong_key", "the key is none of a signed note (name+id+key)")
    need(name == origin, "wrong_key", f"the key is of the log {name}, the bundle of the log {origin}")
    return name, bytes.fromhex(key_id), key[1:]


def open_checkpoint(raw, origin, key):
    """The size and the root that the key signed."""
    name, key_id, public = key

    def bad(why):
        return Fault("not_signed", f"no checkpoint of the log {origin} that the key signed: {why}")

    try:
        note = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise bad("it is no text") from None
    if len(raw) > 1_000_000 or any(ord(c) < 0x20 and c != "\n" for c in note) or not note.endswith("\n"):
        raise bad("it is no signed note")
    cut = note.rfind("\n\n")
    if cut < 0:
        raise bad("it is no signed note")
    text, lines = note[: cut + 1], note[cut + 2 :].split("\n")[:-1]
    signed = False
    if not 0 < len(lines) <= 100:
        raise bad("it has no signature, or too many")
    for line in lines:
        if not line.startswith("\u2014 "):
            raise bad("a signature is none")
        by, _, encoded = line[2:].partition(" ")
        signature = unbase64(encoded, "not_signed", "no checkpoint: a signature is none")
        if not by or "+" in by or any(c.isspace() for c in by) or len(signature) < 5:
            raise bad("a signature is none")
        if by == name and signature[:4] == key_id and not signed:
            if not ed25519_verify(public, text.encode(), signature[4:]):
                raise bad("the signature does not hold")
            signed = True
    if not signed:
        raise bad("the key has not signed it")
    head = text.split("\n")
    if len(head) < 4 or head[0] != origin or not re.fullmatch(r"0|[1-9][0-9]{0,17}", head[1]):
        raise bad("it is about another log")
    root = unbase64(head[2], "not_signed", "the checkpoint's root is none")
    if len(root) != 32:
        raise bad("its root is none")
    return int(head[1]), root


# The tree (RFC 6962, section 2.1).


def leaf_hash(line):
    return hashlib.sha256(b"\0" + line).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_root(leaves, size):
    """The root over the first size leaf hashes."""
    whole = []  # roots of full subtrees, the largest first
    for n in range(size):
        h = leaves[32 * n : 32 * n + 32]
        while n & 1:
            h = node_hash(whole.pop(), h)
            n >>= 1
        whole.append(h)
    if not whole:
        return hashlib.sha256(b"").digest()
    root = whole.pop()
    while whole:
        root = node_hash(whole.pop(), root)
    return root


# Timestamps (RFC 3161), as far as one can read them without trusting anybody: what they are
# of, and which time they say. Who says it, this file does not verify.


class DER:
    """Elements one after the other: tags of one byte, and the shortest length."""

    def __init__(self, raw):
        self.rest = raw

    def take(self, tag):
        b = self.rest
        if len(b) < 2 or b[0] != tag:
            raise ValueError("another element")
        n, at = b[1], 2
        if n >= 0x80:
            more = n & 0x7F
            length = b[2 : 2 + more]
            if not 1 <= more <= 3 or len(length) < more or length[0] == 0:
                raise ValueError("no length of DER")
            n, at = int.from_bytes(length, "big"), 2 + more
            if n < 0x80:
                raise ValueError("a length that is not the shortest")
        if at + n > len(b):
            raise ValueError("it breaks off")
        self.rest = b[at + n :]
        return b[at : at + n]

    def within(self, tag):
        return DER(self.take(tag))

    def literal(self, want):
        if not self.rest.startswith(want):
            raise ValueError("another value")
        self.rest = self.rest[len(want) :]

    def end(self):
        if self.rest:
            raise ValueError("there is more")


SEQUENCE, SET, INTEGER, OCTETS, OBJECT, GENERALIZED_TIME, EXPLICIT_0 = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18, 0xA0
GRANTED = bytes.fromhex("3003020100")
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
SHA256 = bytes.fromhex("0609608648016503040201")


def only(parent, tag):
    """The one element in another."""
    inside = parent.within(tag)
    parent.end()
    return inside


def read_timestamp(tsr, message):
    """The time that a timestamp of these bytes says."""
    if len(tsr) > 64 << 10:
        raise ValueError("it is too large")
    response = only(DER(tsr), SEQUENCE)
    response.literal(GRANTED)
    token = only(response, SEQUENCE)
    token.literal(SIGNED_DATA)
    signed = only(only(token, EXPLICIT_0), SEQUENCE)
    signed.take(INTEGER)
    signed.take(SET)
    content = signed.within(SEQUENCE)  # certificates and signatures follow
    content.literal(TST_INFO)
    info = only(only(only(content, EXPLICIT_0), OCTETS), SEQUENCE)
    info.literal(b"\x02\x01\x01")
    info.take(OBJECT)
    imprint = info.within(SEQUENCE)
    algorithm = imprint.within(SEQUENCE)
    algorithm.literal(SHA256)
    if algorithm.rest:
        algorithm.literal(b"\x05\x00")
    algorithm.end()
    if imprint.take(OCTETS) != hashlib.sha256(message).digest():
        raise ValueError("it is of other bytes")
    imprint.end()
    info.take(INTEGER)
    at = re.fullmatch(rb"([0-9]{14})(\.[0-9]+)?Z", info.take(GENERALIZED_TIME))
    if not at:
        raise ValueError("its time is none")
    return datetime.datetime.strptime(at[1].decode(), "%Y%m%d%H%M%S").isoformat() + "Z"


def read_timestamps(b):
    """For each timestamp the size and the root of its checkpoint, and the time it says."""
    found = []
    for name in sorted(b.manifest["files"]):
        part = STAMP.fullmatch(name)
        if not part or part[2] != "tsr":
            continue
        checkpoint = b.file(name[: -len("tsr")] + "checkpoint")
        head = checkpoint.split(b"\n")
        good = len(head) >= 4 and head[0] == b.manifest["origin"].encode() and head[1] == part[1].encode()
        need(good, "wrong_timestamp", f"what {name} is of is no checkpoint of this log over so many lines")
        root = unbase64(head[2].decode("latin-1"), "wrong_timestamp", f"the checkpoint of {name} has no root")
        need(len(root) == 32, "wrong_timestamp", f"the checkpoint of {name} has no root")
        try:
            found.append((int(part[1]), root, read_timestamp(b.file(name), checkpoint)))
        except ValueError as e:
            raise Fault("wrong_timestamp", f"{name}: {e}") from None
    return found


# JSON, read strictly: each name once.


def once(pairs):
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name is there twice")
    return names


def parse(raw, kind, what):
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as e:
        raise Fault(kind, f"{what}: {e}") from None


def canonical(value):
    """RFC 8785, for what a manifest holds: ASCII names, whole numbers, texts, booleans."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def instant(text):
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        raise ValueError(text)
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


# The manifest and the zip.

TABLES = ["consents.csv", "checks.csv", "alternatives.csv", "requests.csv", "instructions.csv", "access.csv"]
FIXED = [
    "records.ndjson", "proof/checkpoint", "proof/keys", "proof/leaves", "proof/places",
    "proof/support.ndjson", "proof/support-places", "consents.jsonld", "report.html", "VERIFY.txt",
] + TABLES
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DOCUMENT = re.compile(rf"notices/{UUID}\.[A-Za-z]{{2,8}}(-[A-Za-z0-9]{{1,8}})*\.json|delegations/{UUID}\.(json|agreement)")
STAMP = re.compile(r"proof/timestamps/(0|[1-9][0-9]{0,17})\.(checkpoint|tsr)")
FIELDS = {
    "format": str, "enterprise": str, "origin": str, "filter": dict, "complete": bool, "size": int, "first": int,
    "count": int, "records": int, "identifiers": str, "counts": dict, "files": dict,
}


def whole(n):
    return type(n) is int and 0 <= n < 1 << 62


def read_manifest(raw):
    m = parse(raw, "not_a_bundle", "manifest.json cannot be read")
    need(
        isinstance(m, dict) and all(type(m.get(k)) is t for k, t in FIELDS.items()) and len(m) == len(FIELDS)
        and canonical(m) == raw and m["format"] == "nod-bundle-1",
        "not_a_bundle", "manifest.json is not in its canonical form, or of another format",
    )
    need(len(m["counts"]) <= 200, "too_large", "manifest.json counts more types of Records than any log has")
    f = m["filter"]
    need(
        set(f) <= {"from", "to", "purposes", "subject"} and all(f.values())
        and all(type(f.get(k, "")) is str for k in ("from", "to", "subject"))
        and type(f.get("purposes", [])) is list and all(type(p) is str for p in f.get("purposes", []))
        and all(type(n) is int for n in m["counts"].values())
        and all(type(e) is dict and set(e) == {"sha256", "bytes"} and type(e["sha256"]) is str and type(e["bytes"]) is int
                for e in m["files"].values()),
        "not_a_bundle", "manifest.json has fields that the format has not",
    )
    for kind, n in m["counts"].items():
        need(re.fullmatch("[a-z_]{1,32}[.][a-z_]{1,32}", kind) and n >= 0, "not_counted", f"the manifest counts {kind!r}, which is no type of Records")
    for name, e in m["files"].items():
        need(name in FIXED or DOCUMENT.fullmatch(name) or STAMP.fullmatch(name), "wrong_entries", f"the manifest lists {name!r}, which no bundle has")
        need(whole(e["bytes"]) and re.fullmatch("[0-9a-f]{64}", e["sha256"]), "not_counted", f"no length or SHA-256 of {name}")
    for name in FIXED:
        need(name in m["files"], "wrong_entries", f"the manifest does not list {name}")
    need(re.fullmatch("[0-9a-f]{32}", f.get("subject", "0" * 32)), "not_counted", f"the manifest filters by {f.get('subject')!r}, which is nobody's pseudonym")
    part = "purposes" in f or "subject" in f
    first, count, size, records = m["first"], m["count"], m["size"], m["records"]
    good = (
        all(whole(n) for n in (first, count, size, records)) and size <= 1 << 40 and first + count <= size
        and re.fullmatch(UUID, m["enterprise"]) and re.fullmatch("[!-*,-~]+", m["origin"])
        and m["origin"].endswith("/" + m["enterprise"]) and m["complete"] != part
        and (records == count if m["complete"] else records <= count)
        and ("from" in f or "to" in f or (first == 0 and count == size))
        and m["identifiers"] in ("pseudonyms", "subjects")
        and m["files"]["proof/leaves"]["bytes"] == 32 * size and m["files"]["proof/places"]["bytes"] == 8 * records
    )
    need(good, "not_counted", "the manifest does not hold together")
    for name in m["files"]:
        part = STAMP.fullmatch(name)
        if part:
            other = name[: -len(part[2])] + ("checkpoint" if part[2] == "tsr" else "tsr")
            need(other in m["files"], "wrong_entries", f"the manifest lists {name}, and not {other}")
            need(int(part[1]) <= size, "not_counted", f"the manifest lists {name}, of a log of {size}")
    try:
        m["from"], m["to"] = (instant(f[k]) if k in f else None for k in ("from", "to"))
    except ValueError:
        raise Fault("not_counted", "the manifest filters by what is no time") from None
    return m


class Bundle:
    def __init__(self, path):
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError) as e:
            raise Fault("not_a_bundle", f"no zip file that can be read: {e}") from None
        infos = self.zip.infolist()
        self.entries = {}
        for i in infos:
            need(i.filename not in self.entries, "wrong_entries", f"the entry {i.filename!r} is in the zip twice")
            need(i.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), "wrong_entries", f"{i.filename!r} is packed otherwise")
            self.entries[i.filename] = i
        need(infos and infos[0].filename == "manifest.json", "not_a_bundle", "the first entry of the zip is not manifest.json")
        need(infos[0].file_size <= 8 << 20, "too_large", "the manifest is too large")
        self.manifest = read_manifest(self.unpack("manifest.json"))
        files = self.manifest["files"]
        for name in self.entries:
            need(name == "manifest.json" or name in files, "wrong_entries", f"the entry {name!r} is not listed in the manifest")
        size = sum(i.compress_size for i in infos) + 200
        for name, e in files.items():
            need(name in self.entries, "wrong_entries", f"the manifest lists {name!r}, which is not in the zip")
            need(self.entries[name].file_size == e["bytes"], "changed", f"{name} is of another length than listed")
        need(sum(e["bytes"] for e in files.values()) <= 200 * size, "too_large", "the zip claims to unpack to far too much")

    def unpack(self, name):
        """An entry, whole; Python's zipfile reads no more than the zip says, and checks its sum."""
        try:
            with self.zip.open(name) as f:
                return f.read()
        except Exception as e:  # zipfile and zlib raise many sorts
            raise Fault("not_a_bundle", f"{name} cannot be unpacked: {e}") from None

    def file(self, name):
        raw = self.unpack(name)
        need(hashlib.sha256(raw).hexdigest() == self.manifest["files"][name]["sha256"], "changed", f"{name} is not the file that is listed")
        return raw


def read_lines(b, name, places, size):
    """The lines of a file with their places."""
    text, raw = b.file(name), b.file(places)
    need(text == b"" or text.endswith(b"\n"), "not_a_record", f"{name} breaks off")
    lines = text.split(b"\n")[:-1]
    need(len(raw) == 8 * len(lines), "wrong_places", f"{name} has {len(lines)} lines and not as many places")
    at = [int.from_bytes(raw[i : i + 8], "big") for i in range(0, len(raw), 8)]
    need(all(p < q for p, q in zip(at, at[1:])) and all(p < size for p in at), "wrong_places", f"the places of {name} are out of order")
    return list(zip(at, lines))


# Records.

TEXTS = [
    "id", "type", "enterprise", "at", "subject", "prev", "purpose", "route", "session", "consent", "guardian_consent", "by",
    "until", "attempt", "capture", "reason", "method", "result", "actor", "key", "role", "effective_from", "audience",
    "request", "kind", "due_at", "outcome", "via", "cause",
]


class Record(dict):
    """A line; what is not in it is empty."""

    def __missing__(self, key):
        return ""


def reference(v):
    if v == "":
        return None
    if type(v) is not dict or type(v.get("id")) is not str or type(v.get("version")) is not int or type(v.get("sha256")) is not str:
        raise ValueError("a reference is none")
    return (v["id"], v["version"], v["sha256"], v.get("locale", ""))


def read_record(line, enterprise, where):
    r = parse(line, "not_a_record", where)
    need(type(r) is dict, "not_a_record", f"{where} is no object")
    r = Record(r)
    try:
        good = (
            r["v"] == 1 and all(type(r[k]) is str for k in TEXTS) and re.fullmatch(UUID, r["id"]) and r["type"]
            and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", r["at"])
        )
        r["when"] = instant(r["at"])
        for name in ("notice", "notice_in_force", "delegation"):
            r[name] = reference(r[name])
    except ValueError as e:
        raise Fault("not_a_record", f"{where}: {e}") from None
    need(good, "not_a_record", f"{where} lacks an id, a type or a time")
    need(r["enterprise"] == enterprise, "other_enterprise", f"{where} is of the enterprise {r['enterprise']}")
    return r


def locale(ref):
    return ref[3] or "zh-CN"


class LaidDown:
    """What the enterprise published and recorded."""

    def __init__(self, records):
        self.notices, self.series, self.delegations, self.revoked, self.latest = {}, {}, {}, {}, None
        for r in records:
            if r["type"] == "notice.published" and r["notice"] and r["notice"][0] not in self.notices:
                begins = max(r["when"], instant(r["effective_from"])) if r["effective_from"] else r["when"]
                p = {"ref": r["notice"], "hashes": r["hashes"] or {}, "series": (r["purpose"], r["audience"]), "from": begins,
                     "version": r["notice"][1], "material": r["material"] is True}
                self.notices[r["notice"][0]] = p
                self.latest = max(self.latest or (r["when"], ""), (r["when"], r["notice"][0]))
                self.series.setdefault(p["series"], []).append(p)
            elif r["type"] == "delegation.recorded" and r["delegation"]:
                self.delegations[r["delegation"][0]] = r["delegation"]
            elif r["type"] == "delegation.revoked" and r["delegation"]:
                self.revoked[r["delegation"][0]] = r["when"]

    def knows(self, r):
        for ref in (r["notice"], r["notice_in_force"]):
            if ref:
                p = self.notices.get(ref[0])
                need(p, "missing", f"the publication of the notice {ref[0]} is not in the bundle")
                need(p["version"] == ref[1] and p["hashes"].get(locale(ref)) == ref[2], "other_document",
                     f"the Record {r['id']} names the notice {ref[0]} otherwise than it was published")
        ref = r["delegation"]
        if ref:
            need(ref[0] in self.delegations, "missing", f"the recording of the delegation {ref[0]} is not in the bundle")
            need(self.delegations[ref[0]] == ref, "other_document", f"the Record {r['id']} names the delegation {ref[0]} otherwise")

    def stale(self, agreed, in_force, at):
        """Was there a material version after the one agreed to, that this check had to know?"""
        return any(
            p["material"] and p["version"] > agreed["version"] and (p["version"] <= in_force["version"] or p["from"] + GRACE < at)
            for p in self.series[agreed["series"]]
        )


GRACE = datetime.timedelta(seconds=10)
OUTCOMES = ["check.passed", "check.failed", "check.not_performed", "check.unknown"]


class Rules:
    """What must hold between Records, in the order of the log."""

    def __init__(self, laid, begins):
        self.laid, self.begins = laid, begins
        self.grants, self.current, self.running = {}, {}, {}
        self.first = None
        self.sum = dict.fromkeys(
            ["started", "no_consent", "consent_over", "stale_notice", "delegation_over", "concluded", "no_start", "without_outcome"], 0)

    def breach(self, kind, what):
        self.sum[kind] += 1
        self.first = self.first or Fault(kind, what)

    def decision(self, r):
        need(re.fullmatch("[0-9a-f]{32}", r["subject"]), "not_a_record", f"the Record {r['id']} is a decision of nobody")
        if r["type"] in ("consent.withdrawn", "consent.lapsed"):
            if r["consent"] in self.grants and self.grants[r["consent"]]["lane"][0] == r["subject"]:
                self.grants[r["consent"]]["ended"] = True
            return
        p = self.laid.notices.get(r["notice"][0]) if r["notice"] else None
        audience = p["series"][1] if p else ""
        lane = (r["subject"], r["purpose"], r["by"], audience)
        if lane in self.current:
            self.current.pop(lane)["ended"] = True
        if r["type"] != "consent.granted":
            return
        try:
            until = instant(r["until"])
        except ValueError:
            until = None
        need(until and r["notice"] and r["id"] not in self.grants, "not_a_record", f"the grant {r['id']} lacks something, or is there twice")
        self.grants[r["id"]] = self.current[lane] = {
            "lane": lane, "routes": r["routes"] or [], "notice": r["notice"], "until": until, "ended": False,
        }

    def granted(self, r, consent):
        g = self.grants.get(consent)
        return g if g and g["lane"][:2] == (r["subject"], r["purpose"]) else None

    def carries(self, r, consent):
        g, which = self.granted(r, consent), f"the check {r['id']}"
        if g is None:
            self.breach("no_consent", which + " rests on no consent of that person to that purpose")
        elif g["ended"]:
            self.breach("consent_over", which + " began after its consent had ended")
        elif r["when"] >= g["until"] + datetime.timedelta(seconds=1):
            self.breach("no_consent", which + " began after the term of its consent")
        elif r["route"] not in g["routes"]:
            self.breach("no_consent", which + " is made in a way that its consent does not cover")
        else:
            return g
        return None

    def start(self, r):
        self.sum["started"] += 1
        key, which = (r["subject"], r["session"], r["attempt"]), f"the check {r['id']}"
        if key in self.running:
            self.breach("no_start", which + " began twice")
        self.running[key] = self.names(r)
        g = self.carries(r, r["consent"])
        if g is None:
            return
        if r["notice"] != g["notice"]:
            return self.breach("no_consent", which + " names another notice than its consent")
        if g["lane"][2:] == ("self", "guardian") and not r["guardian_consent"]:
            return self.breach("no_consent", which + " is of a minor and rests on no guardian's consent")
        if r["guardian_consent"]:
            other = self.carries(r, r["guardian_consent"])
            if other and other["lane"][1:] != (r["purpose"], "guardian", "guardian"):
                self.breach("no_consent", which + " names a guardian's consent that is none")
            if other and not self.up_to_date(r, other):
                return
        if self.up_to_date(r, g) and r["delegation"]:
            revoked = self.laid.revoked.get(r["delegation"][0])
            if revoked and revoked + GRACE < r["when"]:
                self.breach("delegation_over", which + " began under a delegation that was revoked")

    def up_to_date(self, r, g):
        agreed = self.laid.notices.get(g["notice"][0])
        in_force = r["notice_in_force"] and self.laid.notices.get(r["notice_in_force"][0])
        if not agreed or not in_force or agreed["series"] != in_force["series"] or self.laid.stale(agreed, in_force, r["when"]):
            self.breach("stale_notice", f"the check {r['id']} rests on a notice that had changed materially")
            return False
        return True

    @staticmethod
    def names(r):
        return tuple(r[k] for k in ("subject", "purpose", "route", "consent", "guardian_consent"))

    def outcome(self, r):
        self.sum["concluded"] += 1
        began = self.running.pop((r["subject"], r["session"], r["attempt"]), None)
        if began is not None and began != self.names(r):
            self.breach("no_start", f"the outcome {r['id']} is of another check than the one that began")
        elif began is None and self.begins:
            self.breach("no_start", f"the outcome {r['id']} is of no check that began")
        elif began is None and self.granted(r, r["consent"]) is None:
            self.breach("no_consent", f"the check {r['id']} rests on no consent of that person to that purpose")


# The tables.

COLUMNS = {
    "consents.csv": "at,type,record,place,subject,purpose,routes,by,session,notice_version,notice_sha256,notice_locale,"
                    "delegation_id,delegation_version,delegation_sha256,until,consent",
    "checks.csv": "at,type,record,place,subject,purpose,route,session,attempt,capture,reason,notice_version,notice_sha256,"
                  "delegation_id,delegation_version,delegation_sha256,consent,guardian_consent,notice_in_force_version",
    "alternatives.csv": "at,record,place,subject,purpose,route,session,method,result",
    "requests.csv": "at,type,record,place,subject,request,kind,due_at,outcome,reason",
    "instructions.csv": "at,type,record,place,actor,purpose,audience,notice_version,delegation_id,key,role,enabled,material",
    "access.csv": "at,type,record,place,actor,subject,reason",
}


def table_of(kind):
    family = kind.partition(".")[0]
    if kind == "check.alternative":
        return "alternatives.csv"
    if kind in ("notice.published", "settings.changed"):
        return "instructions.csv"
    return {"consent": "consents.csv", "check": "checks.csv", "request": "requests.csv", "enterprise": "instructions.csv",
            "key": "instructions.csv", "delegation": "instructions.csv", "access": "access.csv", "export": "access.csv"}.get(family)


def cell(r, place, column):
    if column == "place":
        return str(place)
    if column == "record":
        return r["id"]
    if column == "routes":
        return " ".join(r["routes"] or [])
    if column in ("enabled", "material"):
        return {True: "true", False: "false"}.get(r[column], "")
    for name in ("notice_in_force", "notice", "delegation"):
        if column.startswith(name + "_"):
            part = ["id", "version", "sha256", "locale"].index(column[len(name) + 1 :])
            return str(r[name][part]) if r[name] else ""
    return r[column]


def row(cells):
    out = []
    for c in cells:
        if c and c[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20":
            c = "'" + c
        c = re.sub("([;\t\r\n])(\"*[-=+@\uff1d\uff0b\uff0d\uff20])", r"\1'\2", c)
        if c == "\\." or re.search('[",\r\n]', c) or c[:1].isspace() and c[0] not in "\x1c\x1d\x1e\x1f":
            c = '"' + c.replace('"', '""').replace("\r", "").replace("\n", "\r\n") + '"'
        out.append(c)
    return ",".join(out).encode()


END, UNPROVEN = re.compile(rb"\r\n"), re.compile(rb",([^\r\n]{0,1022})\r\n")


def unproven(text, at):
    """The cell of subject_id and the end of its row: such as an id is written by whoever makes a bundle."""
    found = UNPROVEN.match(text, at)
    if not found:
        return None
    try:
        cell = found[1].decode("utf-8")
    except UnicodeDecodeError:
        return None
    if re.search("[\\x00-\\x1f\\x7f-\\x9f]", cell):
        return None
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    subject = cell[1:-1].replace('""', '"') if quoted else cell
    return found if row([subject]) == found[1] else None


def check_tables(b, records):
    subjects = b.manifest["identifiers"] == "subjects"
    text = {name: b.file(name) for name in TABLES}
    read = {}
    for name in TABLES:
        more = ",subject_id" if subjects and name in TABLES[:2] else ""
        header = ("\ufeff" + COLUMNS[name] + more + "\r\n").encode()
        need(text[name].startswith(header), "wrong_table", f"{name} begins otherwise")
        read[name] = len(header)
    for place, r in records:
        name = table_of(r["type"])
        if not name:
            continue
        want = row([cell(r, place, c) for c in COLUMNS[name].split(",")])
        at = read[name]
        end = at + len(want)
        need(text[name][at:end] == want, "wrong_table", f"{name} has no row for the Record {r['id']} where it must be")
        rest = unproven(text[name], end) if subjects and name in TABLES[:2] else END.match(text[name], end)
        need(rest, "wrong_table", f"{name}: the row of the Record {r['id']} ends otherwise")
        read[name] = rest.end()
    for name in TABLES:
        need(read[name] == len(text[name]), "wrong_table", f"{name} has more rows than the lines come to")


# The consents for programs: a node for each line, and then what these share.

IRI, TIME = {"@type": "@id"}, {"@type": "xsd:dateTime"}
CONTEXT = {
    "dct": "http://purl.org/dc/terms/", "dpv": "https://w3id.org/dpv#", "loc": "https://w3id.org/dpv/loc#", "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "$schema": {"@id": "schema:schemaVersion", "@type": "@id"}, "skos:broader": IRI, "dct:conformsTo": IRI, "dct:publisher": IRI,
    "dct:created": TIME, "dct:date": TIME, "dct:modified": TIME, "dpv:isIndicatedAtTime": TIME,
}
CONTEXT.update((f"dpv:{name}", IRI) for name in (
    "hasConsentControl", "hasDataController", "hasDataProcessor", "hasDataSubject", "hasEntity", "hasJurisdiction", "hasLegalBasis",
    "hasLocation", "hasNotice", "hasProcess", "hasProcessing", "hasRecipient", "hasRight", "isExercisedAt", "isIndicatedBy"))
WAYS = {
    "granted": "the page's button to agree", "refused": "the page's button to refuse", "session": "the page's button to withdraw",
    "receipt": "the receipt's link", "request": "a request for deletion, which the enterprise granted",
}


def consent_node(r, origin):
    """A line about a consent as a node of the graph."""
    kind, at, enterprise = r["type"].partition(".")[2], r["at"], "urn:uuid:" + r["enterprise"]
    person = f"{enterprise}#subject-{r['subject']}"
    by = {"@type": "dpv:GuardianOfDataSubject"} if r["by"] == "guardian" else person
    status = {"@id": f"urn:uuid:{r['id']}#status", "dpv:isIndicatedAtTime": at, "dpv:isIndicatedBy": by, "dpv:hasDuration": {"@type": "dpv:EndlessDuration"}}
    node = {"@id": "urn:uuid:" + r["consent"], "dct:modified": at}
    if kind in ("granted", "refused"):
        consent, (notice, _, _, _) = "urn:uuid:" + r["id"], r["notice"] or ("", 0, "", "")
        notice, language = "urn:uuid:" + notice, locale(r["notice"]) if r["notice"] else ""
        delegation = r["delegation"] or ("", 0, "", "")
        node = {
            "@id": consent, "@type": "dpv:ConsentRecord", "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
            "dct:created": at, "dct:identifier": r["id"], "dpv:hasIdentifier": r["id"], "dct:language": language,
            "dpv:hasConsentControl": {
                "@id": consent + "#control", "@type": "dpv:WithdrawConsent",
                "dct:description": {"@language": "en", "@value": "with the receipt's link, or on the person's page"},
                "dpv:isExercisedAt": f"https://{origin[: -len(r['enterprise']) - 1]}/w/{r['enterprise']}",
            },
            "dpv:hasDataController": enterprise, "dpv:hasJurisdiction": "loc:CN", "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
            "dpv:hasDataSubject": {"@id": person, "@type": ["dpv:DataSubject"], "dpv:hasIdentifier": person, "dpv:hasName": r["subject"]},
            "dpv:hasEntity": [enterprise, person], "dpv:hasNotice": f"{notice}#{language}", "dpv:hasRight": notice + "#rights",
            "dpv:hasOrganisationalMeasure": {
                "@id": "urn:uuid:" + delegation[0], "@type": "dpv:DataProcessingAgreement",
                "schema:version": delegation[1], "schema:sha256": delegation[2],
            },
            "dpv:hasProcess": [f"{notice}#{name}" for name in (r["routes"] or []) + ["evidence"]],
        }
        status.update({"@type": "dpv:ConsentGiven" if kind == "granted" else "dpv:ConsentRefused", "dpv:hasIndicationMethod": WAYS[kind]})
        if kind == "granted":
            status["dpv:hasDuration"] = {"@type": "dpv:UntilTimeDuration", "rdf:value": r["until"]}
    elif kind == "withdrawn":
        status.update({"@type": "dpv:ConsentWithdrawn", "dpv:hasIndicationMethod": WAYS.get(r["via"], "")})
    else:
        over = "dpv:ConsentExpired" if r["cause"] == "term_over" else "dpv:ConsentInvalidated"
        status.update({"@type": over, "dct:description": r["cause"], "dpv:isIndicatedBy": enterprise})
    node["dpv:hasConsentStatus"] = [status]
    return node


KINDS = {  # of data: whether they are sensitive, and what they are in DPV's words
    "face_image": (True, ["pd:Biometric", "pd:Picture"]), "reference_photo": (True, ["pd:Biometric", "pd:Picture"]),
    "liveness_video": (True, ["pd:Biometric"]), "id_number": (True, ["pd:OfficialID"]), "name": (False, ["pd:Name"]),
    "subject_id": (False, ["pd:Identifier"]),
}
NEEDS = {
    "photo": ["face_image", "reference_photo", "subject_id"], "authority": ["face_image", "name", "id_number", "subject_id"],
    "hosted": ["face_image", "liveness_video", "subject_id"], "two_factor": ["name", "id_number", "subject_id"],
}


def texts(by_language):
    return [{"@language": l, "@value": by_language[l]} for l in ("zh-CN", "en") if (by_language or {}).get(l)]


def entity(name, called, role, contact):
    return {
        "@id": name, "@type": ["dpv:Organisation", role], "dpv:hasIdentifier": name, "dpv:hasName": called,
        "schema:contactPoint": [{"@type": ["schema:ContactPoint", "schema:PostalAddress"], "schema:description": contact}],
    }


def notice_node(d, sha256, begins):
    at = begins.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (begins.microsecond // 1000)
    return {
        "@id": f"urn:uuid:{d['id']}#{d['locale']}", "@type": "dpv:ConsentNotice", "dct:identifier": d["id"], "dct:date": at,
        "dct:coverage": at + "/..", "dct:language": d["locale"], "schema:version": d["version"], "schema:sha256": sha256,
    }


def told_nodes(d):
    """What all who read a notice were told: their rights, what is done with the data, who gets it."""
    facts, notice, enterprise = d["facts"], "urn:uuid:" + d["id"], "urn:uuid:" + d["enterprise"]

    def data(kind):
        sensitive, broader = KINDS.get(kind, (False, []))
        sensitive = sensitive or d["audience"] == "guardian"  # a child's are all
        return {"@type": "dpv:SensitivePersonalData" if sensitive else "dpv:PersonalData", "dct:identifier": kind, "skos:broader": broader}

    def process(name, purpose, broader, basis):
        return {
            "@id": f"{notice}#{name}", "@type": "dpv:Process", "dct:identifier": name, "dpv:hasDataController": enterprise,
            "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:identifier": purpose, "skos:broader": broader},
            "dpv:hasJurisdiction": "loc:CN", "dpv:hasLegalBasis": basis, "dpv:hasRight": notice + "#rights",
        }

    routes, recipients = facts["routes"] or [], facts["recipients"] or []
    needs = {r: NEEDS.get(r, NEEDS["two_factor"]) for r in routes}
    given = [(x["name"], x["contact"]) for x in recipients]
    recipient = [f"{notice}#recipient-{given.index(x) + 1}" for x in given]
    yield {
        "@id": notice + "#rights", "@type": "dpv:DataSubjectRight", "dct:description": texts(facts["rights"]),
        "schema:contactPoint": {"@type": "schema:ContactPoint", "schema:description": texts(facts["contact"])},
    }
    for route in routes:
        p = process(route, d["purpose"], "dpv:IdentityVerification", "dpv:ExplicitlyExpressedConsent")
        p["dpv:hasPurpose"]["dct:description"] = texts(facts["necessity"])
        p["dpv:hasProcessing"] = ["dpv:Collect", "dpv:Transmit", "dpv:Match", "dpv:Erase"]
        p["dpv:hasProcessingCondition"] = [
            {"@type": "dpv:ProcessingLocation", "dpv:hasLocation": "loc:CN"},
            {"@type": "dpv:ProcessingDuration", "dpv:hasDuration": {
                "@type": "dpv:UntilEventDuration",
                "rdf:value": "the answer of the check; of what the learning platform gave beforehand: the end of the session"}},
        ]
        p["dpv:hasPersonalData"] = [  # what no route of the notice needs is told with each
            data(k) for k in facts["data_kinds"] or [] if k in needs[route] or not any(k in needs[r] for r in routes)]
        to = [recipient[i] for i, x in enumerate(recipients) if x["route"] == route]
        p["dpv:hasRecipient"], p["dpv:hasDataProcessor"] = to, to
        yield p
    p = process("evidence", "evidence", "dpv:FulfilmentOfObligation", "dpv:LegalObligation")
    p["dpv:hasProcessing"] = ["dpv:Record", "dpv:Store"]
    p["dpv:hasPersonalData"] = [
        data("subject_id"), {"@type": "dpv:PseudonymisedData", "dct:identifier": "pseudonym", "skos:broader": ["pd:Identifier"]}]
    p["dpv:hasRecipient"] = [enterprise]
    p["dpv:hasStorageCondition"] = [
        {"@type": "dpv:StorageLocation", "dpv:hasLocation": "loc:CN"},
        {"@type": "dpv:StorageDuration", "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": f"P{facts['retention_days']}D"},
         "dct:description": {"@language": "en", "@value": "after the last check that relied on the consent"}},
    ]
    yield p
    for i, (name, contact) in enumerate(given):
        if given.index((name, contact)) == i:
            yield entity(recipient[i], name, "dpv:DataProcessor", contact)


def check_consents(b, records, laid):
    def document(notice, language):
        return parse(b.file(f"notices/{notice}.{language}.json"), "other_document", "a notice")

    want = b'{"@context":' + canonical(CONTEXT) + b',"@graph":[\n'
    named, told = set(), set()
    for r in records:
        if r["type"].startswith("consent."):
            want += canonical(consent_node(r, b.manifest["origin"])) + b",\n"
        if r["type"] in ("consent.granted", "consent.refused") and r["notice"]:
            named.add((r["notice"][0], locale(r["notice"]), r["notice"][2]))
    for notice, language, sha256 in sorted(named):
        d = document(notice, language)
        nodes = [notice_node(d, sha256, laid.notices[notice]["from"])]
        if notice not in told:
            told.add(notice)
            nodes += told_nodes(d)
        want += b"".join(canonical(n) + b",\n" for n in nodes)
    facts = document(laid.latest[1], "zh-CN")["facts"] if laid.latest else {"enterprise_name": {}, "contact": {}}
    enterprise = "urn:uuid:" + b.manifest["enterprise"]
    want += canonical(entity(enterprise, texts(facts["enterprise_name"]), "dpv:DataController", texts(facts["contact"]))) + b"\n]}\n"
    need(b.file("consents.jsonld") == want, "wrong_table", "consents.jsonld is not what the lines come to")


# Documents.


def named_documents(records):
    named = {}
    for _, r in records:
        for ref in (r["notice"], r["notice_in_force"]):
            if ref:
                name = f"notices/{ref[0]}.{locale(ref)}.json"
                need(named.setdefault(name, ref[2]) == ref[2], "other_document", f"Records name {name} by two hashes")
        if r["delegation"]:
            name = f"delegations/{r['delegation'][0]}.json"
            need(named.setdefault(name, r["delegation"][2]) == r["delegation"][2], "other_document", f"Records name {name} by two hashes")
    return named


def check_documents(b, named, laid):
    files = b.manifest["files"]
    for name in sorted(named):
        need(name in files, "missing", f"Records name {name}, which is not in the bundle")
        need(files[name]["sha256"] == named[name], "other_document", f"{name} is not the document that the Records name")
    for name in sorted(files):
        if name in FIXED or STAMP.fullmatch(name):
            continue
        raw = b.file(name)
        if name.endswith(".agreement"):
            of = name[: -len("agreement")] + "json"
            need(of in named, "other_document", f"no Record names the delegation of {name}")
            terms = parse(b.file(of), "other_document", of).get("terms", {})
            need(terms.get("agreement_sha256") == files[name]["sha256"], "other_document", f"{name} is not the agreement that the terms name")
            continue
        folder, _, rest = name.partition("/")
        of, _, rest = rest.partition(".")
        language = rest[: -len(".json")] if folder == "notices" else None
        if name not in named:
            p = laid.notices.get(of)
            need(folder == "notices" and p and p["hashes"].get(language) == files[name]["sha256"], "other_document", f"no Record names {name}")
        d = parse(raw, "other_document", name)
        good = type(d) is dict and d.get("id") == of and d.get("enterprise") == b.manifest["enterprise"]
        need(good and (language is None or d.get("locale") == language), "other_document", f"{name} speaks of another one in itself")


# All together.


def check_exported(m, records):
    """What must hold of the exported lines beside their being in the log."""
    first, count, f = m["first"], m["count"], m["filter"]
    need(len(records) == m["records"], "not_counted", f"{len(records)} lines, the manifest counts {m['records']}")
    counts, heads = {}, {}
    for n, (place, r, leaf) in enumerate(records):
        where = f"line {n + 1} of records.ndjson"
        need(first <= place < first + count, "wrong_places", f"{where} is outside of the range")
        if m["complete"]:
            need(place == first + n, "wrong_places", f"{where} is not where a complete range has it")
            if n in (0, len(records) - 1):
                inside = (m["from"] is None or r["when"] >= m["from"]) and (m["to"] is None or r["when"] < m["to"])
                need(inside, "not_counted", f"{where} is outside of the window")
        need(not r["purpose"] or r["purpose"] in f.get("purposes", [r["purpose"]]), "not_counted", f"{where} is of another purpose")
        counts[r["type"]] = counts.get(r["type"], 0) + 1
        need(r["subject"] == f.get("subject", r["subject"]), "not_counted", f"{where} is not about the person of the filter")
        if not r["subject"]:
            need(not r["prev"], "broken_chain", f"{where} is about nobody and names a Record before it")
            continue
        need(re.fullmatch("[0-9a-f]{32}", r["subject"]), "not_a_record", f"{where} names a person otherwise")
        if "purposes" in f:
            continue
        if r["subject"] in heads:
            need(r["prev"] == heads[r["subject"]].hex(), "broken_chain", f"{where} does not name the person's Record before it")
        elif first == 0:
            need(not r["prev"], "broken_chain", f"{where} is a person's first and names a Record before it")
        heads[r["subject"]] = leaf
    need(counts == m["counts"], "not_counted", "the manifest counts the types of Records otherwise")


def verify(path, vkey, held=None):
    b = Bundle(path)
    m = b.manifest
    key = read_key(vkey, m["origin"])
    size, root = open_checkpoint(b.file("proof/checkpoint"), m["origin"], key)
    need(size == m["size"], "not_counted", f"the checkpoint is over {size} lines, the manifest says {m['size']}")
    older = open_checkpoint(held, m["origin"], key) if held is not None else None
    if older and older[0] > size:
        print(f"note: the checkpoint held elsewhere is over {older[0]} lines, more than this bundle's {size}: the two were not compared; export anew")
    stamps = read_timestamps(b)
    leaves = b.file("proof/leaves")
    need(tree_root(leaves, size) == root, "wrong_root", "the leaf hashes do not come to the root that is signed")
    if older and older[0] <= size:
        need(tree_root(leaves, older[0]) == older[1], "forked", "the log does not contain the checkpoint held elsewhere")
    for n, then, at in stamps:
        need(tree_root(leaves, n) == then, "forked", f"the log does not contain the checkpoint over {n} lines that was timestamped")
        print(f"note: a timestamp says that the first {n} lines were as they are by {at}; who says so was not verified here")
    if not stamps:
        print("note: nobody outside says when the log was as it is: it is neither timestamped nor witnessed")
    for name in m["files"]:
        b.file(name)

    exported = read_lines(b, "records.ndjson", "proof/places", size)
    support = read_lines(b, "proof/support.ndjson", "proof/support-places", size)
    own = {place for place, _ in exported}
    need(own.isdisjoint(p for p, _ in support), "wrong_places", "a place is in records.ndjson and in proof/support.ndjson")
    walk = []
    for place, line in sorted(exported + support):
        leaf = leaf_hash(line)
        need(leaf == leaves[32 * place : 32 * place + 32], "not_in_the_log", f"a line is not the one at place {place} of the log")
        walk.append((place, read_record(line, m["enterprise"], f"the line at place {place}"), leaf))
    records = [w for w in walk if w[0] in own]
    check_exported(m, records)

    laid = LaidDown(r for _, r, _ in walk)
    rules = Rules(laid, m["first"] == 0)
    for place, r, _ in walk:
        if place in own:
            laid.knows(r)
        if r["type"].startswith("consent."):
            rules.decision(r)
        elif place in own and r["type"] == "check.started":
            rules.start(r)
        elif place in own and r["type"] in OUTCOMES:
            rules.outcome(r)
    rules.sum["without_outcome"] = len(rules.running)
    check_tables(b, [(place, r) for place, r, _ in records])
    check_documents(b, named_documents([(p, r) for p, r, _ in walk]), laid)
    if rules.first:
        raise rules.first
    check_consents(b, [r for _, r, _ in records], laid)
    return rules.sum


def plain(text):
    """What a terminal shows and does nothing else with."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def main(args):
    if len(args) not in (2, 3):
        print(__doc__)
        return 1
    try:
        held = None
        if len(args) == 3:
            with open(args[2], "rb") as f:
                held = f.read()
        found = verify(args[0], args[1], held)
    except Fault as fault:
        print(plain(f"{fault.kind}: {fault}"))
        return 1
    print("note: report.html is the file that the manifest lists; that it is what the lines come to, nod verify-export checks")
    print("verified " + json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
