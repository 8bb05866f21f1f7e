// Consent serves a person's page: the notice, their decision, and withdrawal.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Consent, boot.Promising)) }
