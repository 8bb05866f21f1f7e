// Maintain does what is due when nobody comes by: it is called by a timer, and settles
// what time has overtaken.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Timed((*boot.Nod).Maintain)) }
