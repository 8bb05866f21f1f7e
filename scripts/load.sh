#!/usr/bin/env bash
# Plays an exam morning with bin/nod. It brings a PostgreSQL of its own, as durable as a
# real one, and takes it away again.
#
#   scripts/load.sh                            100,000 people; well over half an hour
#   scripts/load.sh -people 3000 -within 30s   any options of nod load
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/postgres.sh

throw_away_postgres load '-c max_connections=500'
bin/nod load -db "$db" "$@"
