"""Verifies a Standard Webhooks signature with Python (3.8 or later) and its standard library.

    WEBHOOK_SECRET="whsec_..." python3 verify.py headers.txt body.bin

headers.txt holds the request's headers, one `name: value` a line; body.bin the body's exact bytes.
WEBHOOK_SECRET may hold several secrets, separated by spaces, while a rotation lasts.
Only v1 (HMAC-SHA256): Python's standard library has no Ed25519, which v1a needs.
"""

import base64
import hashlib
import hmac
import os
import re
import sys
import time

TOLERANCE_SECONDS = 5 * 60


def refusal(headers, body, secrets, now=None):
    """Says why a request is refused, or None when it is genuine.

    headers: dict with names in lowercase; body: bytes as received, before any json.loads;
    secrets: list of `whsec_...`; now: seconds since 1970.
    """
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        return "a webhook header is missing"
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return "the timestamp is not a number"
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        return "the timestamp is more than 5 minutes away"

    signed = f"{message_id}.{timestamp}.".encode() + body
    for secret in secrets:
        if not secret.startswith("whsec_"):
            continue
        key = base64.b64decode(secret[len("whsec_"):])
        if not key:
            continue  # an empty key is one that everybody knows
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for entry in signatures.split(" "):
            if hmac.compare_digest(entry.encode(), expected.encode()):
                return None
    return "no signature matches"


def parse_headers(text):
    headers = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as headers_file, open(sys.argv[2], "rb") as body_file:
        reason = refusal(
            parse_headers(headers_file.read()), body_file.read(), os.environ.get("WEBHOOK_SECRET", "").split()
        )
    print("valid" if reason is None else f"invalid: {reason}")
    sys.exit(0 if reason is None else 1)
