// Package lambda runs an http.Handler on AWS Lambda, behind a Function URL, an
// HTTP API (payload format 2.0) or an Application Load Balancer, and calls a
// timer's work when an EventBridge rule or schedule fires. Which of them sent an
// event is told by its shape.
//
// The module's own lambdaurl package serves streaming Function URLs only and does
// not recover a panic in its goroutine (aws-lambda-go issues 500, 503 and 565), so
// the way from event to handler is our own; the runtime's loop is the module's.
// That loop writes a returned error to the log and to the platform as it is, and
// ends the process after a panic. Neither comes that far: bad events and panics
// become problem documents, a timer's failure a fixed sentence.
package lambda
