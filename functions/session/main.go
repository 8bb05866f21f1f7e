// Session serves the LMS's server: it opens, reads and ends sessions, and publishes
// the keys of assertions and the description of the interface.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/config"
)

func main() { os.Exit(boot.Function((*boot.Nod).Session, config.Signing)) }
