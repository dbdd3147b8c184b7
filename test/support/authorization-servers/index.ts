'use strict';
/** The real authorisation servers that tests run against; what each takes and gives is in ./index.d.ts. */
module.exports = {
	...require('./oidcProvider'),
	...require('./oauth2Server'),
	...require('./glewlwyd'),
	...require('./djangoOAuthToolkit'),
};
