"""django-oauth-toolkit on 127.0.0.1, from Debian's packages; started by ../djangoOAuthToolkit.ts.

The only argument is a file with the configuration (JSON); the database goes into the working directory. Prints
`ready <port>`.
"""
import json
import os
import sys

import django
from django.conf import settings

with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)

settings.configure(
    SECRET_KEY="a test's key, for one run",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="urls",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.getcwd(), "django.db")}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    # Tables straight from the models: a new database each time has nothing to migrate.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "oauth2_provider": None},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    OAUTH2_PROVIDER={
        "SCOPES": {name: name for name in config["scopes"]},
        "DEFAULT_SCOPES": config["scopes"],
        "ACCESS_TOKEN_EXPIRE_SECONDS": config["accessTokenLifetime"],
        "REFRESH_TOKEN_EXPIRE_SECONDS": config["refreshTokenLifetime"],
        "ROTATE_REFRESH_TOKEN": config["oneUseRefreshTokens"],
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 (Django must be set up first)
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from wsgiref.simple_server import WSGIServer, make_server  # noqa: E402

GRANTS = {"password": Application.GRANT_PASSWORD, "client_credentials": Application.GRANT_CLIENT_CREDENTIALS}

call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
for user in config["users"]:
    User.objects.create_user(user["username"], password=user["password"])
for client in config["clients"]:
    Application.objects.create(
        name=client["id"],
        client_id=client["id"],
        client_secret=client["secret"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=GRANTS[client.get("grant", "password")],
    )


class Server(WSGIServer):
    # One request at a time, so SQLite is never locked; the others wait in the backlog.
    request_queue_size = 128


server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server)
print(f"ready {server.server_port}", flush=True)
server.serve_forever()
