package lambda

import (
	"context"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"nod/shared/runtime/gateway"
)

// Here reports whether the process was started by Lambda.
func Here() bool { return os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" }

// Start serves events until the platform ends the process. Without a timer,
// scheduled events fail.
func Start(h http.Handler, timer gateway.Timer) {
	lambda.Start(Adapter{Handler: h, Timer: timer})
}

// Adapter answers one event. It is a lambda.Handler, and apart from Start so that
// another receiving loop can use it.
type Adapter struct {
	Handler http.Handler
	Timer   gateway.Timer
}

// Invoke answers an event. The only errors are those of package gateway for a
// timer; everything else is an answer.
func (a Adapter) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := gateway.WithReserve(ctx)
	defer cancel()
	if told, ok := lambdacontext.FromContext(ctx); ok {
		ctx = gateway.WithInvocation(ctx, told.AwsRequestID)
	}
	e, err := read(payload)
	if err != nil {
		return e.marshal(gateway.Problem(http.StatusBadRequest)), nil
	}
	from, err := e.source()
	if err != nil {
		return e.marshal(gateway.Problem(http.StatusBadRequest)), nil
	}
	if from == schedule {
		if err := a.Timer.Run(ctx, e.tick()); err != nil {
			return nil, err
		}
		return []byte("null"), nil
	}
	return e.marshal(a.answer(ctx, e, from)), nil
}

func (a Adapter) answer(ctx context.Context, e event, from source) gateway.Answer {
	in, err := e.incoming(from)
	if err != nil {
		return gateway.Problem(http.StatusBadRequest)
	}
	r, err := in.Request(ctx)
	if err != nil {
		return gateway.Problem(http.StatusBadRequest)
	}
	return gateway.Respond(a.Handler, r)
}
