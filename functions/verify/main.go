// Verify performs checks. It is the only function with the face API's credentials,
// and has no other rights than a learner's.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/config"
)

func main() { os.Exit(boot.Function((*boot.Nod).Verify, config.Face)) }
