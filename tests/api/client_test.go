package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

type object = map[string]any

// option changes a request before it goes.
type option func(*http.Request) *http.Request

// with sets a header.
func with(name, value string) option {
	return func(r *http.Request) *http.Request {
		r.Header.Set(name, value)
		return r
	}
}

// bad says that the request breaks the description on purpose.
func bad(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), badOnPurpose{}, true))
}

// reply is an answer.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// do makes a call. A body that is a string or bytes goes as it is, anything else as
// JSON, nil not at all.
func (w *world) do(t *testing.T, method, path, bearer string, body any, options ...option) reply {
	t.Helper()
	r, err := w.try(t.Context(), method, path, bearer, body, options...)
	if err != nil {
		t.Fatal(err)
	}
	r.t = t
	return r
}

// try is do for goroutines that may not end the test.
func (w *world) try(ctx context.Context, method, path, bearer string, body any, options ...option) (reply, error) {
	return w.send(ctx, w.client, method, path, bearer, body, options...)
}

func (w *world) send(ctx context.Context, by *http.Client, method, path, bearer string, body any, options ...option) (reply, error) {
	payload, err := encoded(body)
	if err != nil {
		return reply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, method, w.base+path, payload)
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	req.Header.Set("Accept-Language", "en")
	for _, o := range options {
		req = o(req)
	}
	resp, err := by.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return reply{what: method + " " + path, status: resp.StatusCode, header: resp.Header, body: got}, err
}

func encoded(body any) (io.Reader, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case string:
		return strings.NewReader(b), nil
	case []byte:
		return bytes.NewReader(b), nil
	case io.Reader:
		return b, nil
	}
	b, err := json.Marshal(body)
	return bytes.NewReader(b), err
}

// ok checks the status of an answer that is no problem and decodes it.
func (r reply) ok(status int) object {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: %d, want %d: %s", r.what, r.status, status, r.body)
	}
	var v object
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	return v
}

// refused checks that the answer is a problem of a kind and decodes it. What all
// problems have in common the checker has seen to.
func (r reply) refused(status int, slug string) object {
	r.t.Helper()
	v := r.ok(status)
	if v["type"] != "/problems/"+slug {
		r.t.Fatalf("%s: %v, want %s: %s", r.what, v["type"], slug, r.body)
	}
	return v
}

// notCounted checks that a problem says no attempt was used.
func (r reply) notCounted(status int, slug string) object {
	r.t.Helper()
	v := r.refused(status, slug)
	if v["attempt_used"] != false {
		r.t.Errorf("%s: attempt_used is %v", slug, v["attempt_used"])
	}
	return v
}

// faults are the faulty fields that a problem names, as field=code.
func faults(problem object) (list []string) {
	entries, _ := problem["errors"].([]any)
	for _, e := range entries {
		list = append(list, fmt.Sprintf("%v=%v", e.(object)["field"], e.(object)["code"]))
	}
	return list
}

// at follows a path of names; nil where it ends early.
func at(v object, path ...string) (found any) {
	found = v
	for _, name := range path {
		o, ok := found.(object)
		if !ok {
			return nil
		}
		found = o[name]
	}
	return found
}

// text is what stands at a path, empty if it is no text.
func text(v object, path ...string) string {
	s, _ := at(v, path...).(string)
	return s
}

// items are the things of a list.
func items(v object) (list []object) {
	all, _ := v["items"].([]any)
	for _, item := range all {
		list = append(list, item.(object))
	}
	return list
}

// escape is a text in a query.
func escape(s string) string { return url.QueryEscape(s) }

// without removes a header.
func without(name string) option {
	return func(r *http.Request) *http.Request {
		r.Header.Del(name)
		return r
	}
}
