"""Verifies an HTTP Message Signature (RFC 9421) with Python (3.8 or later) and the package cryptography.

    PUBLIC_KEY="$(cat public.pem)" python3 verify.py POST https://hooks.example.com/in headers.txt body.bin

The URL is the one that the sender calls. headers.txt holds the request's headers, one `name: value` a line;
body.bin the body's exact bytes. PUBLIC_KEY is an Ed25519 key, as PEM.
Takes one signature over plain components, as this node makes it; a library takes more.
"""

import base64
import hashlib
import hmac
import os
import re
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

TOLERANCE_SECONDS = 5 * 60


def refusal(method, url, headers, body, public_key, now=None):
    """Says why a request is refused, or None when it is genuine.

    headers: dict with names in lowercase; body: bytes as received, before any json.loads.
    """
    given = re.fullmatch(r'([a-z*][a-z0-9_.*-]*)=(\(((?:"[^"]+" ?)*)\)(;[^,]*)?)', headers.get("signature-input", ""))
    signature = re.fullmatch(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]+):", headers.get("signature", ""))
    if not given or not signature or given[1] != signature[1]:
        return "a signature header is missing"

    covered = re.findall(r'"([^"]+)"', given[3])
    required = {"@method", "@target-uri", "content-digest"} | ({"content-type"} if body else set())
    created = re.search(r";created=(\d{1,12})(?=;|$)", given[4] or "")
    now = time.time() if now is None else now
    if not created or abs(now - int(created[1])) > TOLERANCE_SECONDS or not required.issubset(covered):
        return "the signature is too old, or does not cover enough"

    values = {**headers, "@method": method, "@target-uri": url}
    if any(name not in values for name in covered):
        return "the signature does not match"
    lines = [f'"{name}": {values[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {given[2]}'])
    try:
        public_key.verify(base64.b64decode(signature[2]), base.encode("latin-1"))
    except (InvalidSignature, ValueError):
        return "the signature does not match"

    # Only now it is known that the digest is the sender's.
    digest = re.search(r"(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]*):", values["content-digest"])
    right = hashlib.new(digest[1].replace("-", ""), body).digest() if digest else b""
    if not digest or not hmac.compare_digest(base64.b64decode(digest[2]), right):
        return "the body is not the one that was signed"
    return None


def parse_headers(text):
    headers = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers


if __name__ == "__main__":
    method, url, headers_file, body_file = sys.argv[1:5]
    with open(headers_file, encoding="latin-1", newline="") as file:
        received = parse_headers(file.read())
    with open(body_file, "rb") as file:
        content = file.read()
    reason = refusal(method, url, received, content, load_pem_public_key(os.environ["PUBLIC_KEY"].encode()))
    print("valid" if reason is None else f"invalid: {reason}")
    sys.exit(0 if reason is None else 1)
