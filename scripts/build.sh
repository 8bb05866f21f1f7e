#!/usr/bin/env bash
# Builds the deployable functions, each for each cloud, and tells their sizes:
#
#   dist/lambda-arm64/FUNCTION/bootstrap    AWS Lambda, provided.al2023
#   dist/lambda-amd64/FUNCTION/bootstrap
#   dist/scf/FUNCTION/main                  Tencent SCF, Go1
#
# and beside each folder FUNCTION.zip, which is what a cloud is given.
#
#   scripts/build.sh [FOLDER [FUNCTION...]]    into another folder, some functions alone
#   CLOUDS=scf scripts/build.sh                for some clouds alone
#
# The same source, Go and modules come to the same bytes, in whatever folder they lie: there
# is no path, time or revision in them, and nothing of code that is not linked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
dist=${1:-dist}
shift || true
functions=("$@")
if [[ ${#functions[@]} -eq 0 ]]; then
	for main in functions/*/main.go; do
		functions+=("$(basename "$(dirname "$main")")")
	done
fi

# A cold start reads the whole file, so it stays small.
readonly most=20000000

# What a function in a cloud never does is not in it:
#
#   cloud                      SQLite, which needs a disk that lasts, and a server of its own
#   lambda.norpc               the protocol of a runtime that AWS no longer has (aws-lambda-go)
#   nethttpomithttp2           HTTP/2: whatever a function calls also speaks HTTP/1.1 (net/http)
#   nopgxregisterdefaulttypes  types of parameters that are never sent (pgx; see shared/store)
readonly tags=cloud,lambda.norpc,nethttpomithttp2,nopgxregisterdefaulttypes

# build CLOUD ARCHITECTURE NAME: every function, as a file of that name.
build() {
	local cloud=$1 arch=$2 name=$3 packages=() function bytes out too_large=0
	out=$(mktemp -d)
	for function in "${functions[@]}"; do
		packages+=("./functions/$function")
	done
	CGO_ENABLED=0 GOOS=linux GOARCH=$arch "$go" build -tags="$tags" -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o "$out/" "${packages[@]}"
	for function in "${functions[@]}"; do
		mkdir -p "$dist/$cloud/$function"
		mv "$out/$function" "$dist/$cloud/$function/$name"
		"$go" run scripts/pack.go "$dist/$cloud/$function/$name" "$dist/$cloud/$function.zip"
		bytes=$(wc -c <"$dist/$cloud/$function/$name")
		printf '  %5.1f MB  %s\n' "$(awk "BEGIN { print $bytes / 1000000 }")" "$dist/$cloud/$function/$name"
		((bytes <= most)) || too_large=1
	done
	rmdir "$out"
	((too_large == 0)) || {
		echo "build: a function is larger than $((most / 1000000)) MB: see what it links (go build -ldflags=-dumpdep; docs/decisions.md, \"Small functions\")" >&2
		return 1
	}
}

for cloud in ${CLOUDS:-lambda-arm64 lambda-amd64 scf}; do
	case $cloud in
	lambda-*) build "$cloud" "${cloud#lambda-}" bootstrap ;;
	scf) build scf amd64 main ;;
	*) echo "build: there is no cloud $cloud" >&2 && exit 1 ;;
	esac
done
