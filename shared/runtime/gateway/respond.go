package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime"
)

// Respond calls the handler and returns its answer, whatever happens: a panic is
// recovered and becomes a bare 500. Without a handler nothing is found.
func Respond(h http.Handler, r *http.Request) Answer { return Stream(h, r).whole() }

// Stream is Respond for a server that can send a file as it is read.
func Stream(h http.Handler, r *http.Request) Answer {
	if h == nil {
		return Problem(http.StatusNotFound)
	}
	rec := &recorder{header: http.Header{}}
	if !survived(func() { h.ServeHTTP(rec, r) }) {
		if rec.file != nil {
			rec.file.Close()
		}
		return Problem(http.StatusInternalServerError)
	}
	return rec.answer(r.Method)
}

// survived runs f and reports whether it returned.
func survived(f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			logPanic(v)
		}
	}()
	f()
	return true
}

// logPanic tells the operator where it was, not what: a panic's value may hold
// what the request held. Platforms would send both back to the caller.
func logPanic(v any) {
	pc := make([]uintptr, 16)
	const skip = 3 // runtime.Callers, this function, the deferred one
	frames := runtime.CallersFrames(pc[:runtime.Callers(skip, pc)])
	var at []string
	for {
		frame, more := frames.Next()
		at = append(at, fmt.Sprintf("%s %s:%d", frame.Function, path.Base(frame.File), frame.Line))
		if !more {
			break
		}
	}
	slog.Error("a handler panicked", "kind", fmt.Sprintf("%T", v), "at", at)
}
