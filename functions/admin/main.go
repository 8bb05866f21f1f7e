// Admin serves the operator and the enterprises' administrators: enterprises, keys,
// delegations, notices and settings.
package main

import (
	"os"
	_ "time/tzdata" // an enterprise's time zone is looked up where no zone files are

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Admin, boot.Operator)) }
