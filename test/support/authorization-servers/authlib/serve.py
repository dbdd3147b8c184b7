"""Authlib's JWT bearer grant on 127.0.0.1, from Debian's packages; started by ../authlib.ts.

The only argument is a file with the configuration (JSON). Prints `ready <port>`. Everything that is checked of a token
request and its JWT is checked by Authlib; here is only what it asks of an application: its clients, users and tokens.
"""
import json
import os
import sys

# The tests are on the loopback interface.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token  # noqa: E402
from authlib.jose import JsonWebKey  # noqa: E402
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidGrantError, TokenMixin  # noqa: E402
from authlib.oauth2.rfc6750 import BearerTokenValidator  # noqa: E402
from authlib.oauth2.rfc7523 import JWTBearerGrant as BaseGrant  # noqa: E402
from flask import Flask, jsonify  # noqa: E402
from wsgiref.simple_server import WSGIRequestHandler, make_server  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)


class Client(ClientMixin):
    def __init__(self, id, jwks, scopes, users, secret=None):
        self.id, self.jwks, self.scopes, self.users, self.secret = id, jwks, scopes, users, secret

    def get_client_id(self):
        return self.id

    def get_allowed_scope(self, scope):
        return " ".join(one for one in (scope or "").split() if one in self.scopes)

    def check_client_secret(self, client_secret):
        return self.secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return True

    def check_grant_type(self, grant_type):
        return grant_type == BaseGrant.GRANT_TYPE


class Token(TokenMixin):
    def __init__(self, token, client, user):
        self.token, self.client, self.user = token, client, user

    def get_scope(self):
        return self.token.get("scope", "")

    def is_expired(self):
        return False

    def is_revoked(self):
        return False


clients = {client["id"]: Client(**client) for client in config["clients"]}
tokens = {}


class JWTBearerGrant(BaseGrant):
    CLAIMS_OPTIONS = {
        "iss": {"essential": True},
        "aud": {"essential": True, "value": config["audience"]},
        "exp": {"essential": True},
    }
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def validate_token_request(self):
        super().validate_token_request()
        # RFC 7523 section 3: client authentication is up to the server; for a client with a secret, Authlib's own.
        if self.request.client.secret and self.authenticate_token_endpoint_client() is not self.request.client:
            raise InvalidClientError()

    def resolve_issuer_client(self, issuer):
        if issuer not in clients:
            raise InvalidGrantError(description="Unknown issuer")
        return clients[issuer]

    def resolve_client_key(self, client, headers, payload):
        try:
            return JsonWebKey.import_key_set(client.jwks).find_by_kid(headers.get("kid"))
        except ValueError:
            raise InvalidGrantError(description="Unknown key")

    def authenticate_user(self, subject):
        return subject if subject in config["users"] else None

    def has_granted_permission(self, client, user):
        return user in client.users


def save_token(token, request):
    tokens[token["access_token"]] = Token(token, request.client, request.user)


class Validator(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return tokens.get(token_string)


app = Flask(__name__)
app.config["OAUTH2_SCOPES_SUPPORTED"] = config["scopes"]
authorization = AuthorizationServer(app, query_client=clients.get, save_token=save_token)
authorization.register_grant(JWTBearerGrant)
require_oauth = ResourceProtector()
require_oauth.register_token_validator(Validator())


@app.route("/token", methods=["POST"])
def issue_token():
    return authorization.create_token_response()


@app.route("/resource")
@require_oauth()
def resource():
    return jsonify(client=current_token.client.id, user=current_token.user, scope=current_token.get_scope())


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
print(f"ready {server.server_port}", flush=True)
server.serve_forever()
