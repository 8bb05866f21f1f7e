# A PostgreSQL for as long as a script runs. To be sourced by scripts that need one:
#
#   throw_away_postgres NAME [OPTIONS]   starts one, with options of the server's beside
#                                        those here; db is its address, dir a folder in which
#                                        data/ is its own and the rest the script's
#
# It is as durable as a real one, listens on a socket in that folder alone, and goes with the
# folder when the script ends.

throw_away_postgres() {
	local bin here=$PWD
	bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || bin=$(dirname "$(command -v initdb)")
	dir=$(mktemp -d "/tmp/nod-$1-db-XXXXXX")
	db="postgres://nod@/postgres?host=$dir"
	control=(env "$bin/pg_ctl" -D "$dir/data")
	local init=("$bin/initdb")
	if [[ $EUID -eq 0 ]]; then # PostgreSQL does not run as root
		chown postgres "$dir"
		control=(runuser -u postgres -- "${control[@]}")
		init=(runuser -u postgres -- "${init[@]}")
	fi
	trap take_away_postgres EXIT
	cd "$dir" # a folder that postgres may enter
	"${init[@]}" -D "$dir/data" -U nod -A trust -E UTF8 --no-locale >"$dir/initdb.log"
	"${control[@]}" -o "-k $dir -c listen_addresses='' ${2:-}" -l "$dir/data/server.log" -w start >/dev/null
	cd "$here"
}

take_away_postgres() {
	local status=$?
	cd /
	"${control[@]}" -m immediate -w stop >/dev/null 2>&1 || true
	rm -rf "$dir"
	exit "$status"
}
