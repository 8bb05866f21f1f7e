// Export serves whoever audits an enterprise: the log's checkpoints, tiles and proofs.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Export)) }
