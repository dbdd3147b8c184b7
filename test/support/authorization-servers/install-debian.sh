#!/bin/sh
# Installs the three authorization servers that come as Debian packages: glewlwyd, django-oauth-toolkit and Authlib (which
# runs in Flask). Does nothing when all are there. Needs root (or: sudo sh install-debian.sh). No service is started or enabled:
# the tests start their own instances, in temporary folders and on 127.0.0.1.
set -eu

PACKAGES='glewlwyd python3-django-oauth-toolkit python3-authlib python3-flask'

installed() {
	for package in $PACKAGES; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || return 1
	done
}

if ! command -v apt-get >/dev/null 2>&1; then
	echo 'This machine has no apt-get: glewlwyd, django-oauth-toolkit and Authlib are tested as Debian packages (Debian 12 or a container of it).' >&2
	exit 1
fi
if installed; then
	echo "$PACKAGES are installed."
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "Installing $PACKAGES needs root. Run: sudo sh $0" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive

# invoke-rc.d asks this script before it starts a service; 101 means "no". A machine's own one is left in place.
POLICY=/usr/sbin/policy-rc.d
if [ ! -e "$POLICY" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$POLICY"
	chmod 755 "$POLICY"
	trap 'rm -f "$POLICY"' EXIT
fi

apt-get update -q
# The system-wide glewlwyd is never used, so it gets neither a configuration nor a database. With one, its
# postinst stops on machines that have a PostgreSQL client.
if command -v debconf-set-selections >/dev/null 2>&1; then
	echo 'glewlwyd glewlwyd/config_type select No configuration' | debconf-set-selections
fi
# dbconfig-sqlite3 is named, so that apt does not choose the MySQL flavour.
apt-get install -q -y --no-install-recommends dbconfig-sqlite3 $PACKAGES

# Its postinst enables the service for the next start of the machine.
if command -v systemctl >/dev/null 2>&1; then
	systemctl disable glewlwyd.service >/dev/null 2>&1 || true
fi
command -v update-rc.d >/dev/null 2>&1 && update-rc.d glewlwyd disable >/dev/null 2>&1 || true

installed || { echo 'apt-get ended, but the packages are not installed.' >&2; exit 1; }
