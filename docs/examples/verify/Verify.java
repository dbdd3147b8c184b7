import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies a Standard Webhooks signature with Java (17 or later) and nothing else.
 *
 * <pre>WEBHOOK_SECRET="whsec_..." java Verify.java headers.txt body.bin</pre>
 *
 * headers.txt holds the request's headers, one {@code name: value} a line; body.bin the body's exact bytes.
 * WEBHOOK_SECRET may hold several keys, separated by spaces, while a rotation lasts: {@code whsec_} keys check
 * v1 signatures (HMAC-SHA256), {@code whpk_} public keys check v1a ones (Ed25519).
 */
public final class Verify {
	private static final long TOLERANCE_SECONDS = 5 * 60;
	/** What comes before the 32 bytes of an Ed25519 public key in its X.509 form (RFC 8410, section 4). */
	private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

	private Verify() {}

	/** Says why a request is refused, or null when it is genuine. Header names in lowercase, body as received. */
	public static String refusal(Map<String, String> headers, byte[] body, List<String> keys, long now)
			throws GeneralSecurityException {
		String id = headers.getOrDefault("webhook-id", "");
		String timestamp = headers.getOrDefault("webhook-timestamp", "");
		String signatures = headers.getOrDefault("webhook-signature", "");
		if (id.isEmpty() || timestamp.isEmpty() || signatures.isEmpty()) return "a webhook header is missing";
		if (!timestamp.matches("[0-9]{1,12}")) return "the timestamp is not a number";
		if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
			return "the timestamp is more than 5 minutes away";
		}

		byte[] signed = concat((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8), body);
		for (String entry : signatures.split(" ")) {
			int comma = entry.indexOf(',');
			if (comma < 0) continue;
			byte[] signature = decode(entry.substring(comma + 1));
			for (String key : keys) {
				if (matches(key, entry.substring(0, comma), signature, signed)) return null;
			}
		}
		return "no signature matches";
	}

	private static boolean matches(String key, String version, byte[] signature, byte[] signed)
			throws GeneralSecurityException {
		if (version.equals("v1") && key.startsWith("whsec_")) {
			byte[] secret = decode(key.substring("whsec_".length()));
			if (secret.length == 0) return false; // an empty key is one that everybody knows
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(secret, "HmacSHA256"));
			// Constant time, whatever the lengths.
			return MessageDigest.isEqual(mac.doFinal(signed), signature);
		}
		if (version.equals("v1a") && key.startsWith("whpk_") && signature.length == 64) {
			byte[] encoded = concat(ED25519_PREFIX, decode(key.substring("whpk_".length())));
			PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
			Signature verifier = Signature.getInstance("Ed25519");
			verifier.initVerify(publicKey);
			verifier.update(signed);
			return verifier.verify(signature);
		}
		return false;
	}

	private static byte[] decode(String base64) {
		try {
			return Base64.getDecoder().decode(base64);
		} catch (IllegalArgumentException notBase64) {
			return new byte[0];
		}
	}

	private static byte[] concat(byte[] first, byte[] second) {
		byte[] both = new byte[first.length + second.length];
		System.arraycopy(first, 0, both, 0, first.length);
		System.arraycopy(second, 0, both, first.length, second.length);
		return both;
	}

	public static void main(String[] args) throws Exception {
		Map<String, String> headers = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of(args[0]))) {
			int colon = line.indexOf(':');
			if (colon < 1) continue;
			headers.put(line.substring(0, colon).trim().toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
		}
		List<String> keys = List.of(System.getenv().getOrDefault("WEBHOOK_SECRET", "").split(" "));
		String reason = refusal(headers, Files.readAllBytes(Path.of(args[1])), keys, Instant.now().getEpochSecond());
		System.out.println(reason == null ? "valid" : "invalid: " + reason);
		System.exit(reason == null ? 0 : 1);
	}
}
