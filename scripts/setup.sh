#!/usr/bin/env bash
# Gets a machine ready, and says what it does. What is there already is left
# alone, so the second time takes a moment.
#
#   scripts/setup.sh go      what building and running needs: Go and the modules
#   scripts/setup.sh tests   and what the tests need: a C compiler for the race
#                            detector, npm for the face engine's wider test and
#                            the check of accessibility, Python for the second
#                            verifier of exports, OpenSSL as a timestamp
#                            authority, PostgreSQL's server programs, PgBouncer,
#                            and Chromium with Chinese and Latin fonts
#   scripts/setup.sh ha      and what the long test of high availability needs:
#                            Patroni and etcd
#
# Packages come from apt. No system service is started or changed: the tests
# start a PostgreSQL of their own and end it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
want=${1:-tests}

fail() {
	printf 'setup: %s\n' "$@" >&2
	exit 1
}

# installed COMMAND: is there such a program?
installed() { command -v "$1" >/dev/null 2>&1; }

postgres_installed() {
	[[ -n ${NOD_TEST_POSTGRES:-} ]] && return
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || installed initdb
}

# font NAME: is there a font file of that name?
font() { [[ -n $(find /usr/share/fonts ~/.local/share/fonts ~/.fonts -iname "*$1*" -print -quit 2>/dev/null) ]]; }

# as_root COMMAND...: run it as root, or say that we cannot.
as_root() {
	if [[ $EUID -eq 0 ]]; then
		"$@"
	elif installed sudo && sudo -n true 2>/dev/null; then
		sudo "$@"
	else
		return 126
	fi
}

# quietly COMMAND...: show its output only if it fails.
quietly() {
	local out
	if ! out=$("$@" 2>&1); then
		printf '%s\n' "$out" >&2
		return 1
	fi
}

check_go() {
	local need
	need=$(awk '$1 == "go" { print $2 }' go.mod)
	installed "$go" || fail "Go is not installed; Nod needs $need or newer: https://go.dev/dl/"
	# In a module the go command itself says so if it is too old and may not
	# fetch a newer one.
	quietly "$go" version || fail "Nod needs Go $need or newer: https://go.dev/dl/"
}

download_modules() {
	# Offline first: if every module is in the cache, nothing is asked.
	if GOFLAGS="${GOFLAGS:-} -mod=readonly" GOPROXY=off "$go" mod download 2>/dev/null; then
		return
	fi
	echo 'Downloading the Go modules (the first time; about half a gigabyte)'
	quietly "$go" mod download || fail 'the Go modules could not be downloaded (see above); is GOPROXY right?'
}

# What is installed starts no service: Debian's scripts ask policy-rc.d, which says no for
# as long as this takes, unless somebody has one of their own.
apt_install() {
	local policy=/usr/sbin/policy-rc.d ours=0 status=0
	if ! [[ -e $policy ]]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
		ours=1
	fi
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" || status=$?
	((ours == 0)) || as_root rm -f "$policy"
	return "$status"
}

# Debian's package makes a cluster and starts it as a service. Nobody here
# uses that one, so the package is told not to - unless it is already there.
install_postgres() {
	local conf=/etc/postgresql-common/createcluster.conf server=postgresql
	if ! [[ -e $conf ]]; then
		quietly apt_install postgresql-common
		as_root sed -i -E 's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' "$conf"
	fi
	if apt-cache show postgresql-15 >/dev/null 2>&1; then
		server=postgresql-15
	fi
	quietly apt_install "$server"
}

check_go
download_modules
if [[ $want == go ]]; then
	exit 0
fi

missing=()
packages=()
installed gcc || { missing+=('a C compiler') packages+=(gcc libc6-dev); }
installed npm || { missing+=('npm') packages+=(npm); }
installed python3 || { missing+=('Python 3') packages+=(python3); }
installed openssl || { missing+=('OpenSSL') packages+=(openssl); }
[[ -e /usr/bin/chromium ]] || { missing+=('Chromium') packages+=(chromium); }
font NotoSansCJK || { missing+=('Chinese fonts') packages+=(fonts-noto-cjk); }
font LiberationSans || { missing+=('Latin fonts') packages+=(fonts-liberation); }
postgres_installed || missing+=("PostgreSQL's server")
[[ -x /usr/sbin/pgbouncer ]] || installed pgbouncer || { missing+=('PgBouncer') packages+=(pgbouncer); }
if [[ $want == ha ]]; then
	installed patroni || { missing+=('Patroni') packages+=(patroni python3-etcd python3-psycopg2); }
	installed etcd || { missing+=('etcd') packages+=(etcd-server); }
fi
if [[ ${#missing[@]} -eq 0 ]]; then
	echo 'Set-up: everything is there'
	exit 0
fi

list=$(printf '%s, ' "${missing[@]}")
list=${list%, }
if ! installed apt-get; then
	fail "please install $list (there is no apt-get here to do it with)"
fi
if ! as_root true; then
	postgres_installed || packages+=(postgresql)
	fail "$list missing, and only root may install: please have somebody run" \
		"  apt-get install ${packages[*]}" \
		"or, for PostgreSQL, set NOD_TEST_POSTGRES to the DSN of a running server"
fi
echo "Installing $list (apt)"
quietly as_root apt-get update -qq || echo 'setup: apt-get update failed; trying with the lists that are there' >&2
if [[ ${#packages[@]} -gt 0 ]]; then
	quietly apt_install "${packages[@]}"
fi
postgres_installed || install_postgres
echo 'Set-up: done'
