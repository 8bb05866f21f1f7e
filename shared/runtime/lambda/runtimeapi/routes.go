package runtimeapi

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

const version = "/2018-06-01/runtime/"

// routes are the calls that a runtime makes.
func (f *Function) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"invocation/next", f.next)
	mux.HandleFunc("POST "+version+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		f.finish(w, r, false)
	})
	mux.HandleFunc("POST "+version+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		f.finish(w, r, true)
	})
	mux.HandleFunc("POST "+version+"init/error", f.failInit)
	return mux
}

// next waits for an event, for as long as the function lives.
func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-f.queue:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(inv.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws-cn:lambda:cn-north-1:123456789012:function:function")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
		h.Set("Content-Type", "application/json")
		w.Write(inv.event)
	case <-r.Context().Done():
	}
}

// finish takes an answer or an error for the event that is being worked on.
func (f *Function) finish(w http.ResponseWriter, r *http.Request, failed bool) {
	inv := f.take(r.PathValue("id"))
	if inv == nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestID")
		return
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, Limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		inv.done <- outcome{err: ErrAnswerTooLarge}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
		return
	case err != nil:
		inv.done <- outcome{err: err}
		refuse(w, http.StatusBadRequest, "InvalidRequest")
		return
	}
	inv.done <- outcome{result: Result{Payload: payload, Failed: failed}}
	accept(w)
}

// take ends the invocation of that id; there is one answer to each.
func (f *Function) take(id string) *invocation {
	f.mu.Lock()
	defer f.mu.Unlock()
	inv := f.current
	if inv == nil || inv.id != id {
		return nil
	}
	f.current = nil
	return inv
}

func (f *Function) failInit(w http.ResponseWriter, r *http.Request) {
	said, err := io.ReadAll(http.MaxBytesReader(w, r.Body, Limit))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest")
		return
	}
	f.mu.Lock()
	f.initError = string(said)
	f.mu.Unlock()
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, `{"errorType":"`+kind+`","errorMessage":"refused by this Runtime API"}`)
}
