#!/usr/bin/env bash
# Checks infra/ with Terraform's own tools, as far as they go without a provider: tflint,
# built the first time, and terraform fmt where Terraform is installed. `make test` formats
# the files as terraform fmt does and holds them against the functions, in any case.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go=${GO:-go}
tflint=github.com/terraform-linters/tflint@v0.64.0

for cloud in aws tencent; do
	echo "Checking infra/$cloud with tflint (built the first time, some minutes)"
	"$go" run "$tflint" --chdir="infra/$cloud" --minimum-failure-severity=notice
done

if command -v terraform >/dev/null; then
	echo 'Checking the format with terraform fmt'
	terraform fmt -check -diff -recursive infra
else
	echo 'Terraform is not installed: the format is checked by go test ./tests/deploy alone'
fi
