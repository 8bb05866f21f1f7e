#!/usr/bin/env bash
# Rolls bin/nod out over the release before it, and back, while people are checked. It brings
# a PostgreSQL of its own and takes it away again.
#
#   scripts/rollout.sh             from the commit before the newest migration
#   scripts/rollout.sh v1.2.0      from a commit, a tag or a branch
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/postgres.sh

go=${GO:-go}

# The newest commit of this branch that does not know the newest migration.
newest=$(printf '%s\n' shared/store/migrations/*.sql | tail -1)
if [[ -z ${1:-} ]]; then
	added=$(git log --first-parent -m --diff-filter=A --format=%H -1 -- "$newest")
	set -- "${added:+$added^}"
	[[ -n $added ]] || set -- HEAD # it is not committed yet
fi
if ! before=$(git rev-parse --verify --quiet "$1^{commit}"); then
	echo "rollout: there is no commit $1 in this clone; a shallow one is completed by git fetch --unshallow" >&2
	exit 1
fi
echo "Building the release before: $(git log -1 --format='%h, %s' "$before")"

throw_away_postgres rollout
mkdir "$dir/source"
git archive "$before" | tar -x -C "$dir/source"
(cd "$dir/source" && CGO_ENABLED=0 "$go" build -trimpath -buildvcs=false -ldflags='-s -w' -o "$dir/nod" ./cmd/nod)

echo "Rolling bin/nod out over it, and back (about a minute)"
NOD_ROLLOUT_FROM=$dir/nod NOD_ROLLOUT_TO=$PWD/bin/nod NOD_ROLLOUT_DB=$db \
	"$go" test -v -count=1 -timeout=20m ./tests/rollout
