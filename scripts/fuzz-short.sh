#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME, one after the other: a test binary takes only one at
# a time. A time such as 1m, or a number of inputs such as 500x, which ends the same
# however busy the machine is. Each package is built once, by default with the fuzzer's
# counters, which tell it what leads on: the first build takes some minutes.
# FUZZBUILD=-race builds without them, from what the tests have compiled already; then
# inputs are those kept and what chance makes of the first of them. What was found to be worth keeping
# stays in Go's cache; an input that fails is written to testdata/fuzz, to be committed
# with what mends it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
time=${FUZZTIME:-5s}
build=${FUZZBUILD:--fuzz=.}
count=0
kept=$("$go" env GOCACHE)/fuzz
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

echo 'Fuzzing (the first time, some minutes may go into building)'
while read -r folder; do
	"$go" test -c "$build" -o "$built/fuzz.test" "$folder"
	while read -r target; do
		echo "Fuzzing $target in $folder for $time"
		(cd "$folder" && "$built/fuzz.test" -test.run='^$' -test.fuzz="^$target\$" -test.fuzztime="$time" \
			-test.fuzzminimizetime=10x -test.fuzzcachedir="$kept/nod/${folder#./}")
		count=$((count + 1))
	done < <(grep -hE "^func Fuzz" "$folder"/*_test.go | sed -E "s/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/")
done < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u)
echo "Fuzz targets that ran without a finding: $count"
