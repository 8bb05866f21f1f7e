#!/usr/bin/env bash
# Plays an exam morning with bin/nod. It brings a PostgreSQL of its own, as durable as a
# real one, and takes it away again.
#
#   scripts/load.sh                            100,000 people; well over half an hour
#   scripts/load.sh -people 3000 -within 30s   any options of nod load
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/postgres.sh

# What whoever runs a database of this size sets; the rest is PostgreSQL's own default.
throw_away_postgres load '-c max_connections=500 -c shared_buffers=1GB -c max_wal_size=4GB -c autovacuum_naptime=15s -c checkpoint_timeout=30min'
bin/nod load -db "$db" "$@"
