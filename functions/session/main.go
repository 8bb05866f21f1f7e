// Session serves the LMS's server: it opens, reads and ends sessions, and publishes
// the keys of assertions and the description of the interface.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Session, boot.Signing)) }
