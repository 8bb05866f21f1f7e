// Export serves whoever audits an enterprise: the log's checkpoints, tiles and proofs, and
// bundles of it, which maintain makes.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/boot/outside"
)

func main() { os.Exit(boot.Function((*boot.Nod).Export, outside.Exporting)) }
