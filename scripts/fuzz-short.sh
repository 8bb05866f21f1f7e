#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME, one after the other: go test takes only
# one at a time. The first run builds every package with the fuzzer's counters,
# which takes some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
time=${FUZZTIME:-5s}
count=0

echo 'Fuzzing (the first time some minutes go into building)'
while IFS=: read -r file line; do
	folder=$(dirname "$file")
	target=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/' <<<"$line")
	echo "Fuzzing $target in $folder for $time"
	"$go" test -run='^$' -fuzz="^$target\$" -fuzztime="$time" -fuzzminimizetime=10x "$folder"
	count=$((count + 1))
done < <(grep -r --include='*_test.go' '^func Fuzz' . | sort)
echo "Fuzz targets that ran without a finding: $count"
