"""Verifies an HMAC signature over the time and the body with Python (3.8 or later) and its standard library.

    WEBHOOK_SECRET="..." python3 verify.py headers.txt body.bin

For the Custom preset as it is filled in at first: `X-Signature: sha256=<hex>` over `<X-Timestamp>.<body>`.
headers.txt holds the request's headers, one `name: value` a line; body.bin the body's exact bytes.
PREVIOUS_SECRET may hold the secret before this one while a rotation lasts.
"""

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
    secrets: as they are in the sender's credential; now: seconds since 1970.
    """
    timestamp = headers.get("x-timestamp")
    signature = headers.get("x-signature")
    if not timestamp or not signature:
        return "a signature header is missing"
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return "the timestamp is not a number"
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        return "the timestamp is more than 5 minutes away"

    for secret in secrets:
        if not secret:
            continue  # an empty key is one that everybody knows
        right = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        if hmac.compare_digest(signature.encode(), f"sha256={right}".encode()):
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
            parse_headers(headers_file.read()),
            body_file.read(),
            [os.environ.get("WEBHOOK_SECRET", ""), os.environ.get("PREVIOUS_SECRET", "")],
        )
    print("valid" if reason is None else f"invalid: {reason}")
    sys.exit(0 if reason is None else 1)
