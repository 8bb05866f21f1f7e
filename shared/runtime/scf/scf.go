package scf

import (
	"context"
	"net/http"
	"os"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"nod/shared/runtime/gateway"
)

// Here reports whether the process was started by SCF's runtime.
func Here() bool { return os.Getenv("_LAMBDA_SERVER_PORT") != "" }

// Adapter answers one event. It is a cloudfunction.Handler of the vendor's.
type Adapter struct {
	Handler http.Handler
	Timer   gateway.Timer
}

// Invoke answers an event. The only errors are those of package gateway for a
// timer; everything else is an answer.
func (a Adapter) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := gateway.WithReserve(ctx)
	defer cancel()
	if told, ok := functioncontext.FromContext(ctx); ok {
		ctx = gateway.WithInvocation(ctx, told.RequestID)
	}
	e, err := read(payload)
	if err != nil {
		return marshal(gateway.Problem(http.StatusBadRequest)), nil
	}
	if e.isTimer() {
		if err := a.Timer.Run(ctx, e.tick()); err != nil {
			return nil, err
		}
		return []byte("null"), nil
	}
	return marshal(a.answer(ctx, e)), nil
}

func (a Adapter) answer(ctx context.Context, e event) gateway.Answer {
	in, err := e.incoming()
	if err != nil {
		return gateway.Problem(http.StatusBadRequest)
	}
	r, err := in.Request(ctx)
	if err != nil {
		return gateway.Problem(http.StatusBadRequest)
	}
	return gateway.Respond(a.Handler, r)
}
