// Consent serves a person's page: the notice, their decision, and withdrawal.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/config"
)

func main() { os.Exit(boot.Function((*boot.Nod).Consent, config.Promising)) }
