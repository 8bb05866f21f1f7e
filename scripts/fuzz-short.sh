#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME, one after the other: go test takes only
# one at a time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
time=${FUZZTIME:-5s}
count=0

mapfile -t folders < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n 1 dirname | sort -u)
for folder in "${folders[@]}"; do
	targets=$("$go" test -list='^Fuzz' "$folder" | grep '^Fuzz')
	for target in $targets; do
		echo "Fuzzing $target in $folder for $time"
		"$go" test -run='^$' -fuzz="^$target\$" -fuzztime="$time" -fuzzminimizetime=10x "$folder"
		count=$((count + 1))
	done
done
echo "Fuzz targets that ran without a finding: $count"
