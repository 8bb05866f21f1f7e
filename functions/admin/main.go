// Admin serves the operator and the enterprises' administrators: enterprises, keys,
// delegations, notices and settings.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/config"
)

func main() { os.Exit(boot.Function((*boot.Nod).Admin, config.Operator)) }
