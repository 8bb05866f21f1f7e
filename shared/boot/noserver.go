//go:build cloud

package boot

import (
	"context"
	"errors"
	"net/http"
)

// outsideClouds refuses: what is built for the clouds has no server, which would be an
// eighth of a function that never starts it.
func (*Nod) outsideClouds(http.Handler, func(*Nod, context.Context)) error {
	return errors.New("boot: this build is for AWS Lambda and Tencent SCF, and neither is here: build it without the tag cloud to run it as a server")
}
