import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies an HMAC signature over the time and the body with Java (17 or later) and nothing else.
 *
 * <pre>WEBHOOK_SECRET="..." java VerifyHmac.java headers.txt body.bin</pre>
 *
 * For the Custom preset as it is filled in at first: {@code X-Signature: sha256=<hex>} over {@code <X-Timestamp>.<body>}.
 * headers.txt holds the request's headers, one {@code name: value} a line; body.bin the body's exact bytes.
 * PREVIOUS_SECRET may hold the secret before this one while a rotation lasts.
 */
public final class VerifyHmac {
	private static final long TOLERANCE_SECONDS = 5 * 60;

	private VerifyHmac() {}

	/** Says why a request is refused, or null when it is genuine. Header names in lowercase, body as received. */
	public static String refusal(Map<String, String> headers, byte[] body, List<String> secrets, long now)
			throws GeneralSecurityException {
		String timestamp = headers.getOrDefault("x-timestamp", "");
		String signature = headers.getOrDefault("x-signature", "");
		if (timestamp.isEmpty() || signature.isEmpty()) return "a signature header is missing";
		if (!timestamp.matches("[0-9]{1,12}")) return "the timestamp is not a number";
		if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
			return "the timestamp is more than 5 minutes away";
		}

		for (String secret : secrets) {
			if (secret.isEmpty()) continue; // an empty key is one that everybody knows
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
			mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
			String right = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
			// Constant time, whatever the lengths.
			if (MessageDigest.isEqual(
					right.getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8))) {
				return null;
			}
		}
		return "no signature matches";
	}

	public static void main(String[] args) throws Exception {
		Map<String, String> headers = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of(args[0]))) {
			int colon = line.indexOf(':');
			if (colon < 1) continue;
			headers.put(line.substring(0, colon).trim().toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
		}
		Map<String, String> env = System.getenv();
		List<String> secrets =
				List.of(env.getOrDefault("WEBHOOK_SECRET", ""), env.getOrDefault("PREVIOUS_SECRET", ""));
		String reason = refusal(headers, Files.readAllBytes(Path.of(args[1])), secrets, Instant.now().getEpochSecond());
		System.out.println(reason == null ? "valid" : "invalid: " + reason);
		System.exit(reason == null ? 0 : 1);
	}
}
