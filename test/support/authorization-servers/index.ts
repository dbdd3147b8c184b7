/** The real authorization servers that tests run against. */
export * from './authlib';
export * from './djangoOAuthToolkit';
export * from './glewlwyd';
export * from './oauth2Server';
export * from './oidcProvider';
