package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/problem"
	"nod/shared/runtime/gateway"
	"nod/shared/trace"
)

// API is what the routes need.
type API struct {
	Auth       app.Auth
	Pages      Pages
	Operator   app.Operator
	Admin      app.Admin
	Oversight  app.Oversight
	Integrator app.Integrator
	Learner    app.Learner
	Me         app.Me
	Requests   app.Requests
	Auditor    app.Auditor
	Exports    app.Exports
	Webhooks   app.Webhooks
	Checks     app.Checks
	// PromiseKeys are those that promises verify with.
	PromiseKeys any
	Ready       func(context.Context) error
	Log         *slog.Logger
	Trace       *trace.Tracer // nil without a collector
}

// call is one request on its way through.
type call struct {
	w          http.ResponseWriter
	r          *http.Request
	id         string // of the request, told to the caller and the log
	key        domain.Key
	credential *app.Credential // where no key is asked for, but a token or a code
	locale     domain.Locale
	limit      int64 // of the body, in bytes
	body       []byte
	result     domain.Result // of a check, for the log
}

// endpoint wraps a route in what all of them share: a request id, who is calling,
// recovery from panics, problem documents and one line of log, which names no
// person and holds nothing of a body.
func (a API) endpoint(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, id: uuid.Must(uuid.NewV7()).String(), locale: localeOf(r), limit: cmp.Or(route.MaxBody, DefaultBody)}
		start := time.Now()
		ctx, span := a.Trace.Start(r.Context(), methodOf(r)+" "+route.Path)
		out, err := a.run(ctx, route, c)
		clear(c.body)
		status := out.status
		if _, page := out.body.(content); err != nil && !page {
			status = c.refuse(err)
		} else {
			c.write(out) // of a page also where it says what is wrong
		}
		a.line(ctx, route, c, status, time.Since(start), err)
		c.tell(ctx, span, route, status, err)
	})
}

func (a API) run(ctx context.Context, route Route, c *call) (out answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			// The value may hold what someone sent; the stack does not.
			a.Log.ErrorContext(ctx, "panic", "request_id", c.id, "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	if err := a.authenticate(ctx, route, c); err != nil {
		return answer{}, err
	}
	return route.serve(ctx, c)
}

var errPanic = errors.New("web: panic")

// authenticate tells who is calling. Of a learner's token only the form is looked at
// here; the transaction that uses it checks it.
func (a API) authenticate(ctx context.Context, route Route, c *call) (err error) {
	if route.Who == nil {
		return nil
	}
	scheme, bearer, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
		return domain.Refuse(domain.Unauthenticated)
	}
	bearer = strings.TrimSpace(bearer)
	if slices.Contains(route.Who, Learner) {
		if _, ok := domain.ParseBearer(bearer); !ok {
			return domain.Refuse(domain.Unauthenticated)
		}
		c.credential = app.Handed(bearer)
		return nil
	}
	if c.key, err = a.Auth.Key(ctx, bearer); err != nil {
		return err
	}
	if !slices.Contains(route.Who, c.key.Role) {
		return domain.Refuse(domain.WrongRole)
	}
	return nil
}

func (c *call) write(out answer) {
	h := c.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Request-Id", c.id)
	if page, ok := out.body.(content); ok {
		h.Set("Content-Type", page.kind)
		for name, value := range page.header {
			h.Set(name, value)
		}
		c.w.WriteHeader(out.status)
		if page.file != nil {
			c.send(page)
			return
		}
		_, _ = c.w.Write(page.body) // the client went away: there is nobody to tell
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	if out.file != "" {
		h.Set("Content-Disposition", `attachment; filename="`+out.file+`"`)
	}
	if out.etag != "" {
		h.Set("ETag", `"`+out.etag+`"`)
	}
	c.w.WriteHeader(out.status)
	enc := json.NewEncoder(c.w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out.body) // the client went away: there is nobody to tell
}

// send hands a file to a runtime that can send it as it is read; to another one it is
// copied.
func (c *call) send(page content) {
	if w, can := c.w.(interface{ SendFile(io.ReadCloser, int64) }); can {
		w.SendFile(page.file, page.size)
		return
	}
	defer page.file.Close()
	_, _ = io.CopyN(c.w, page.file, page.size) // the client went away: there is nobody to tell
}

func (c *call) refuse(err error) int {
	c.w.Header().Set("X-Request-Id", c.id)
	doc := problem.For(err, c.locale, c.id)
	if n, ok := errors.AsType[*notReady](err); ok {
		doc.NotReady = n.parts
	}
	doc.Write(c.w)
	return doc.Status
}

// line logs the call: what, how long, how it ended. All that it tells is in the table of
// docs/operate.md; of what a caller may choose freely there is nothing.
func (a API) line(ctx context.Context, route Route, c *call, status int, took time.Duration, err error) {
	attrs := []slog.Attr{
		slog.String("request_id", c.id), slog.String("method", methodOf(c.r)), slog.String("route", route.Path),
		slog.Int("status", status), slog.Int64("ms", took.Milliseconds()),
	}
	if e := c.enterprise(route, status, err); e != "" {
		attrs = append(attrs, slog.String("enterprise", string(e)))
	}
	if c.result != "" {
		attrs = append(attrs, slog.String("result", string(c.result)))
	}
	level := slog.LevelInfo
	var refusal *domain.Refusal
	switch {
	case errors.As(err, &refusal):
		attrs = append(attrs, slog.String("reason", string(refusal.Reason)))
		if refusal.Upstream != "" {
			attrs = append(attrs, slog.String("upstream", refusal.Upstream))
		}
		if err != error(refusal) { // told as a refusal, but there is more to it
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", err.Error()))
		}
	case err != nil:
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	a.Log.LogAttrs(ctx, level, "call", attrs...)
}

// tell ends the call's span, which has no more to tell than the line.
func (c *call) tell(ctx context.Context, span trace.Span, route Route, status int, err error) {
	span.Word(trace.Method, methodOf(c.r))
	span.Word(trace.Route, route.Path)
	span.Number(trace.Status, status)
	span.Word(trace.Invocation, gateway.Invocation(ctx))
	span.Word(trace.RequestID, c.id)
	span.Word(trace.Enterprise, string(c.enterprise(route, status, err)))
	span.Word(trace.Result, string(c.result))
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		span.Word(trace.Reason, string(refusal.Reason))
		span.Word(trace.Upstream, refusal.Upstream)
	}
	if status >= http.StatusInternalServerError {
		span.Fail()
	}
	span.End(nil)
}

// enterprise is whose call it is, once that is proven: by the key, by a token or a code that
// was found to be good, or by an address that was answered. What was merely claimed is
// nobody's: a caller may write there what they like.
func (c *call) enterprise(route Route, status int, err error) domain.ID {
	if c.key.Enterprise != "" {
		return c.key.Enterprise
	}
	if e := c.credential.Enterprise(); e != "" {
		return e
	}
	if err != nil || status >= http.StatusBadRequest {
		return ""
	}
	name := "enterprise"
	if strings.HasPrefix(route.Path, "/v1/enterprises/{id}") {
		name = "id"
	}
	id, _ := domain.ParseID(c.r.PathValue(name))
	return id
}

// methodOf is the method, if it is one that there is: a caller may send any word.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "(other)"
}

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// localeOf is the caller's language; Chinese if it names none that Nod speaks.
func localeOf(r *http.Request) domain.Locale { return cmp.Or(wantedLocale(r), domain.Chinese) }

// wantedLocale is the language that Accept-Language asks for, or empty.
func wantedLocale(r *http.Request) domain.Locale {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return ""
	}
	_, i, sure := matcher.Match(tags...)
	if sure == language.No {
		return ""
	}
	return domain.Locales[i]
}
