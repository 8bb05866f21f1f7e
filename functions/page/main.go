// Page serves the pages that people meet, what they load, and the script that a
// learning platform embeds.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Function((*boot.Nod).Page)) }
