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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Verifies an HTTP Message Signature (RFC 9421) with Java (17 or later) and nothing else.
 *
 * <pre>PUBLIC_KEY="$(cat public.pem)" java VerifyMessage.java POST https://hooks.example.com/in headers.txt body.bin</pre>
 *
 * The URL is the one that the sender calls. headers.txt holds the request's headers, one {@code name: value} a
 * line; body.bin the body's exact bytes. PUBLIC_KEY is an Ed25519 key, as PEM. Takes one signature over plain
 * components, as this node makes it; a library takes more.
 */
public final class VerifyMessage {
	private static final long TOLERANCE_SECONDS = 5 * 60;
	private static final Pattern INPUT =
			Pattern.compile("([a-z*][a-z0-9_.*-]*)=(\\(((?:\"[^\"]+\" ?)*)\\)(;[^,]*)?)");
	private static final Pattern SIGNATURE = Pattern.compile("([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]+):");
	private static final Pattern CREATED = Pattern.compile(";created=(\\d{1,12})(?=;|$)");
	private static final Pattern DIGEST = Pattern.compile("(?:^|,)\\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]*):");

	private VerifyMessage() {}

	/** Says why a request is refused, or null when it is genuine. Header names in lowercase, body as received. */
	public static String refusal(
			String method, String url, Map<String, String> headers, byte[] body, PublicKey key, long now)
			throws GeneralSecurityException {
		Matcher input = INPUT.matcher(headers.getOrDefault("signature-input", ""));
		Matcher signature = SIGNATURE.matcher(headers.getOrDefault("signature", ""));
		if (!input.matches() || !signature.matches() || !input.group(1).equals(signature.group(1))) {
			return "a signature header is missing";
		}

		List<String> covered = new ArrayList<>();
		for (Matcher name = Pattern.compile("\"([^\"]+)\"").matcher(input.group(3)); name.find(); ) {
			covered.add(name.group(1));
		}
		List<String> required = new ArrayList<>(List.of("@method", "@target-uri", "content-digest"));
		if (body.length > 0) required.add("content-type");
		Matcher created = CREATED.matcher(input.group(4) == null ? "" : input.group(4));
		if (!created.find()
				|| Math.abs(now - Long.parseLong(created.group(1))) > TOLERANCE_SECONDS
				|| !covered.containsAll(required)) {
			return "the signature is too old, or does not cover enough";
		}

		Map<String, String> values = new TreeMap<>(headers);
		values.put("@method", method);
		values.put("@target-uri", url);
		StringBuilder base = new StringBuilder();
		for (String name : covered) {
			if (!values.containsKey(name)) return "the signature does not match";
			base.append('"').append(name).append("\": ").append(values.get(name)).append('\n');
		}
		base.append("\"@signature-params\": ").append(input.group(2));
		Signature verifier = Signature.getInstance("Ed25519");
		verifier.initVerify(key);
		verifier.update(base.toString().getBytes(StandardCharsets.ISO_8859_1));
		byte[] given = decode(signature.group(2));
		if (given.length != 64 || !verifier.verify(given)) return "the signature does not match";

		// Only now it is known that the digest is the sender's.
		Matcher digest = DIGEST.matcher(values.get("content-digest"));
		if (!digest.find()) return "the body is not the one that was signed";
		byte[] right = MessageDigest.getInstance(digest.group(1).toUpperCase(Locale.ROOT)).digest(body);
		return MessageDigest.isEqual(right, decode(digest.group(2))) ? null : "the body is not the one that was signed";
	}

	private static byte[] decode(String base64) {
		try {
			return Base64.getDecoder().decode(base64);
		} catch (IllegalArgumentException notBase64) {
			return new byte[0];
		}
	}

	public static void main(String[] args) throws Exception {
		Map<String, String> headers = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of(args[2]), StandardCharsets.ISO_8859_1)) {
			int colon = line.indexOf(':');
			if (colon < 1) continue;
			headers.put(line.substring(0, colon).trim().toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
		}
		String pem = System.getenv().getOrDefault("PUBLIC_KEY", "").replaceAll("-----[^-]+-----|\\s", "");
		PublicKey key =
				KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem)));
		byte[] body = Files.readAllBytes(Path.of(args[3]));
		String reason = refusal(args[0], args[1], headers, body, key, Instant.now().getEpochSecond());
		System.out.println(reason == null ? "valid" : "invalid: " + reason);
		System.exit(reason == null ? 0 : 1);
	}
}
