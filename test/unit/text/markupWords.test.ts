import { markupWords } from '../../../lib/text/markupWords';

it.each<[string, string, string]>([
	[
		'nginx',
		'<html>\r\n<head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr></body></html>',
		'502 Bad Gateway',
	],
	[
		'Apache',
		'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN"><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1>\n<p>The requested URL was not found.</p></body></html>',
		'404 Not Found: The requested URL was not found.',
	],
	[
		'Express',
		'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Error</title></head><body><pre>Cannot POST /x</pre></body></html>',
		'Error: Cannot POST /x',
	],
	[
		'a login page',
		'<!doctype html><!-- <title>no</title> --><html><script>"<title>no</title>"</script><title>\n\tSign in &#8211; Acme\n</title><p>Forgot your password?</p></html>',
		'Sign in – Acme',
	],
	[
		'a short page',
		'<html><body>Unauthorized: use &lt;key&gt; &amp; &#x73;ecret</body></html>',
		'Unauthorized: use <key> & secret',
	],
	['a long page without a title', `<html><body>${'word '.repeat(100)}</body></html>`, ''],
	[
		'S3',
		'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId></Error>',
		'Access Denied',
	],
	[
		'SOAP 1.1',
		'<soap:Envelope xmlns:soap="x"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>no such order</faultstring></soap:Fault></soap:Body></soap:Envelope>',
		'no such order',
	],
	[
		'SOAP 1.2',
		'<e:Envelope><e:Body><e:Fault><e:Reason><e:Text xml:lang="en">no such order</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>',
		'no such order',
	],
	[
		'RFC 9457 in XML',
		'<problem xmlns="urn:ietf:rfc:7807"><title>Not valid</title><detail>age is missing</detail></problem>',
		'age is missing: Not valid',
	],
	['CDATA', '<r><message><![CDATA[a <b> is missing]]></message></r>', 'a <b> is missing'],
	['no words', '<?xml version="1.0"?><order><id>5</id></order>', ''],
	['half a tag', '<', ''],
	['half a comment', '<html><!-- x', ''],
	['half CDATA', '<message><![CDATA[cut', 'cut'],
	['a script that never ends', '<html><script>secret', ''],
])('%s', (_name, markup, words) => {
	expect(markupWords(markup)).toBe(words);
});

it.each(['<', '<a ', '<!--', '<a><![CDATA[', '<script>', '&#x41;', '</p', '<title>', ' ', '<html>\n'])(
	'a million times %p is looked at in part',
	(part) => {
		const before = performance.now();
		markupWords(`<html>${part.repeat(1_000_000)}`);
		expect(performance.now() - before).toBeLessThan(500);
	},
);
