// Verify performs checks. It is the only function with the face API's credentials, has
// no other rights than a learner's, and keeps nothing of an image after its answer.
package main

import (
	"os"

	"nod/shared/boot"
)

func main() { os.Exit(boot.Traceless((*boot.Nod).Verify, boot.Face)) }
