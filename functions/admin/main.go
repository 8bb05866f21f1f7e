// Admin serves the operator and the enterprises' administrators: enterprises, keys,
// delegations, notices and settings.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Admin, boot.Operator)) }
