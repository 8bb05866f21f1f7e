#!/usr/bin/env bash
# Everything that must hold before a change goes in. Stops at the first step
# that fails; says at the end how long it took, either way.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

finish() {
	local status=$? word=passed
	[[ $status -eq 0 ]] || word=FAILED
	printf 'Tests %s after %d min %02d s\n' "$word" $((SECONDS / 60)) $((SECONDS % 60))
	exit "$status"
}
trap finish EXIT

check_format() {
	local gofmt unformatted
	gofmt=$("$go" env GOROOT)/bin/gofmt
	unformatted=$("$gofmt" -l .)
	if [[ -n $unformatted ]]; then
		printf 'not formatted (gofmt -w would do it):\n%s\n' "$unformatted" >&2
		return 1
	fi
}

scripts/setup.sh tests

echo 'Checking the format'
check_format

echo 'Vetting'
"$go" vet ./...

echo 'Checking with staticcheck (built the first time)'
"$go" run "$staticcheck" ./...

echo 'Testing with the race detector, in random order'
# SQLite is C made into Go, with locks of its own: the detector would watch each of its
# bytes, which takes half of all the time, and find nothing of ours. What calls it is watched.
# The packages that take longest begin first, or one processor would wait for them at the end.
# shellcheck disable=SC2086 # TESTFLAGS is a list of words
"$go" test -race -gcflags=modernc.org/sqlite/lib=-race=false -shuffle=on -timeout 20m ${TESTFLAGS:-} ./tests/browser ./tests/api ./shared/store ./...

echo 'Searching the memory of verify for what a check leaves of an image'
# Without the race detector, which keeps a shadow of all memory.
"$go" test ./cmd/nod/residue
