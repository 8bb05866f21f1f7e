#!/usr/bin/env bash
# Plays an exam morning with bin/nod. It brings a PostgreSQL of its own, as durable as a
# real one, and takes it away again.
#
#   scripts/load.sh                            100,000 people; well over half an hour
#   scripts/load.sh -people 3000 -within 30s   any options of nod load
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || bin=$(dirname "$(command -v initdb)")
dir=$(mktemp -d /tmp/nod-load-db-XXXXXX)

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
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -o "-k $dir -c listen_addresses='' -c max_connections=500" -l "$dir/data/server.log" -w start >/dev/null
cd - >/dev/null

bin/nod load -db "postgres://nod@/postgres?host=$dir" "$@"
