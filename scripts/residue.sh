#!/usr/bin/env bash
# Searches the built verify function for anything that a check leaves of an image,
# a name or an ID number, and writes the report to docs/no-trace.md. It brings a PostgreSQL of its
# own, whose files are searched too, and takes it away again.
#
#   scripts/residue.sh 24    twenty-four processes on each cloud (the default)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/postgres.sh

runs=${1:-24}
report=${REPORT:-docs/no-trace.md}

throw_away_postgres residue
bin/nod residue -verify dist/scf/verify/main -runs "$runs" -report "$report" -also "files of the database=$dir/data" -db "$db"
