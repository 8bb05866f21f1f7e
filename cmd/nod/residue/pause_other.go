//go:build !unix

package residue

import "errors"

func pause(int) error { return errors.ErrUnsupported }

func resume(int) error { return errors.ErrUnsupported }
