// Maintain does what is due when nobody comes by: it is called by a timer, gives Records
// their places in the log, signs its checkpoints, settles what time has overtaken, and
// delivers webhooks, which carry assertions, and makes bundles of Records.
package main

import (
	"os"

	"nod/shared/boot"
	"nod/shared/boot/outside"
)

func main() { os.Exit(boot.Timed((*boot.Nod).Maintain, outside.Sequencing, boot.Signing)) }
