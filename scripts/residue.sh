#!/usr/bin/env bash
# Searches the built verify function for anything that a check leaves of an image,
# a name or an ID number, and writes the report to docs/no-trace.md. It brings a PostgreSQL of its
# own, whose files are searched too, and takes it away again.
#
#   scripts/residue.sh 24    twenty-four processes on each cloud (the default)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-24}
report=${REPORT:-docs/no-trace.md}

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || bin=$(dirname "$(command -v initdb)")
dir=$(mktemp -d /tmp/nod-residue-db-XXXXXX)

# PostgreSQL does not run as root.
as=()
if [[ $EUID -eq 0 ]]; then
	chown postgres "$dir"
	as=(runuser -u postgres --)
fi

finish() {
	local status=$?
	"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT

cd "$dir" # a folder that postgres may enter
"${as[@]}" "$bin/initdb" -D "$dir/data" -U nod -A trust -E UTF8 --no-locale >"$dir/initdb.log"
# It listens on a socket in this folder alone.
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-k $dir -c listen_addresses=''" -l "$dir/data/server.log" -w start >/dev/null
cd - >/dev/null

bin/nod residue -verify dist/scf/verify/main -runs "$runs" -report "$report" -also "files of the database=$dir/data" \
	-db "postgres://nod@/postgres?host=$dir"
