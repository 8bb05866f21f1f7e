package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"nod/shared/domain"
	"nod/shared/web"
)

// theDescription is openapi.json, read once.
var theDescription = sync.OnceValue(func() *description {
	d := &description{operations: map[string]operation{}, mux: http.NewServeMux()}
	if err := d.read(); err != nil {
		panic(err)
	}
	return d
})

type description struct {
	validator  validator.Validator
	operations map[string]operation // by method and path
	mux        *http.ServeMux       // finds the operation of a request
	schemas    map[string]schema
}

// schema is what is needed to find fields that nobody described: the validator
// lets them pass, because clients must.
type schema struct {
	Ref        string `json:"$ref"`
	Properties map[string]schema
	Items      *schema
	OneOf      []schema
	Open       any `json:"additionalProperties"` // true: a document of its own, described elsewhere
}

// undescribed returns the paths of fields that a value has and its schema has not.
func (d *description) undescribed(s schema, at string, v any) (paths []string) {
	if s.Ref != "" {
		s = d.schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	if len(s.OneOf) > 0 {
		s = s.OneOf[0] // the other one is null
		return d.undescribed(s, at, v)
	}
	if s.Open == true {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			property, described := s.Properties[name]
			if !described {
				paths = append(paths, at+"."+name)
				continue
			}
			paths = append(paths, d.undescribed(property, at+"."+name, field)...)
		}
	case []any:
		for _, item := range v {
			if s.Items != nil {
				paths = append(paths, d.undescribed(*s.Items, at+"[]", item)...)
			}
		}
	}
	return paths
}

// operation is what the tests generate their cases from.
type operation struct {
	Method, Path string
	Who          *[]domain.Role `json:"x-nod-who"` // nil: nobody thought of it
	Parameters   []struct {
		Ref string `json:"$ref"`
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct {
			Examples map[string]struct{ Value json.RawMessage }
		}
	}
	Responses map[string]struct {
		Description string
		Content     map[string]struct{ Schema schema }
	}
}

func (o operation) String() string { return o.Method + " " + o.Path }

func (d *description) read() error {
	document, err := libopenapi.NewDocument(web.OpenAPI)
	if err != nil {
		return err
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions(), config.WithRejectUndeclaredRequestBody())
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	d.validator = v
	var plain struct {
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(web.OpenAPI, &plain); err != nil {
		return err
	}
	d.schemas = plain.Components.Schemas
	for path, methods := range plain.Paths {
		for method, op := range methods {
			op.Method, op.Path = strings.ToUpper(method), path
			d.operations[op.String()] = op
			d.mux.HandleFunc(pattern(op.String()), http.NotFound)
		}
	}
	return nil
}

// find returns the operation that a request means; ok is false if there is none.
func (d *description) find(r *http.Request) (op operation, ok bool) {
	_, found := d.mux.Handler(r)
	op, ok = d.operations[strings.Replace(found, "...}", "}", 1)]
	return op, ok
}

// pattern is the mux's for a call of the description, where a path may hold slashes.
func pattern(call string) string { return strings.Replace(call, "{path}", "{path...}", 1) }

// plain reports whether a good answer to the call is no JSON. The validator knows nothing
// of such, nor of paths that hold slashes.
func (o operation) plain() bool {
	_, isJSON := o.Responses["200"].Content["application/json"]
	return o.Method == http.MethodGet && !isJSON
}

// otherwise reports whether a call that may answer with JSON has answered with something
// else that is described: a file, or where to find it.
func (o operation) otherwise(resp *http.Response, body []byte) bool {
	content := o.Responses[strconv.Itoa(resp.StatusCode)].Content
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	_, described := content[kind]
	return kind != "application/json" && described || len(content) == 0 && len(body) == 0 && resp.Header.Get("Location") != ""
}

// checker is the transport of every client here. It lets nothing pass that breaks
// openapi.json: the call then fails with an error that says how. Requests that are
// bad on purpose say so in their context; only their answers are checked.
type checker struct {
	next  http.RoundTripper
	watch *watch
}

type badOnPurpose struct{}

// RoundTrip is http.RoundTripper's.
func (c checker) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	again := func() *http.Request {
		copied := r.Clone(r.Context())
		if r.Body != nil {
			copied.Body = io.NopCloser(bytes.NewReader(sent))
		}
		return copied
	}
	c.watch.request(r, sent)
	if op, _ := theDescription().find(r); r.Context().Value(badOnPurpose{}) == nil && !op.plain() {
		if valid, errs := theDescription().validator.ValidateHttpRequestSync(again()); !valid {
			return nil, fmt.Errorf("the request breaks openapi.json: %v\n%.300s", errs, sent)
		}
	}
	resp, err := c.next.RoundTrip(again())
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	if err := c.checkAnswer(again(), resp, got); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%.600s", r.Method, r.URL.Path, err, got)
	}
	resp.Body = io.NopCloser(bytes.NewReader(got))
	return resp, nil
}

var slugs = regexp.MustCompile("`([a-z0-9-]+)`")

func (c checker) checkAnswer(r *http.Request, resp *http.Response, body []byte) error {
	slug := ""
	if resp.StatusCode >= 400 {
		var err error
		if slug, err = checkProblem(resp, body); err != nil {
			return err
		}
		if err := c.watch.find(body); err != nil {
			return fmt.Errorf("the problem tells a secret: %w", err)
		}
	}
	op, found := theDescription().find(r)
	met.note(op, resp.StatusCode, slug)
	if !found {
		if slug != string(domain.NoSuchThing) && slug != string(domain.MethodNotAllowed) {
			return errors.New("a call that is not described was answered")
		}
		return nil
	}
	if op.Path == "/openapi.json" {
		return sameJSON(body, web.OpenAPI)
	}
	if resp.StatusCode < 400 && (op.plain() || op.otherwise(resp, body)) {
		return nil
	}
	if valid, errs := theDescription().validator.ValidateHttpResponse(r, resp); !valid && !op.plain() {
		return fmt.Errorf("the answer breaks openapi.json: %v", errs)
	}
	if err := theDescription().complete(op, resp.StatusCode, body); err != nil {
		return err
	}
	listed := op.Responses[strconv.Itoa(resp.StatusCode)].Description
	if slug != "" && !slices.ContainsFunc(slugs.FindAllStringSubmatch(listed, -1), func(m []string) bool { return m[1] == slug }) {
		return fmt.Errorf("%s is not among the problems of this call", slug)
	}
	return nil
}

// complete checks that every field of an answer is described.
func (d *description) complete(op operation, status int, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	s := schema{Ref: "#/components/schemas/Problem"}
	if status < 400 {
		s = op.Responses[strconv.Itoa(status)].Content["application/json"].Schema
	}
	if paths := d.undescribed(s, "$", v); len(paths) > 0 {
		return fmt.Errorf("openapi.json does not describe %v", paths)
	}
	return nil
}

func sameJSON(got, want []byte) error {
	var a, b bytes.Buffer
	if err := errors.Join(json.Compact(&a, got), json.Compact(&b, want)); err != nil {
		return err
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		return errors.New("the answer is not shared/web/openapi.json")
	}
	return nil
}

// checkProblem checks what every problem document promises and returns its slug.
func checkProblem(resp *http.Response, body []byte) (string, error) {
	var p struct {
		Type, Title, Detail string
		Status              int
		RequestID           string `json:"request_id"`
		RetryAfter          int    `json:"retry_after"`
		AttemptUsed         *bool  `json:"attempt_used"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return "", err
	}
	slug, isOurs := strings.CutPrefix(p.Type, "/problems/")
	retry := resp.Header.Get("Retry-After")
	for what, wrong := range map[string]bool{
		"its type":         !isOurs,
		"its content type": resp.Header.Get("Content-Type") != "application/problem+json",
		"its texts":        p.Title == "" || p.Detail == "",
		"its status":       p.Status != resp.StatusCode,
		"its request id":   p.RequestID == "" || p.RequestID != resp.Header.Get("X-Request-Id"),
		"its retry_after":  (retry != "" || p.RetryAfter != 0) && retry != strconv.Itoa(p.RetryAfter),
		"its caching":      resp.Header.Get("Cache-Control") != "no-store",
		"an attempt used":  p.AttemptUsed != nil && *p.AttemptUsed,
	} {
		if wrong {
			return slug, fmt.Errorf("the problem is not right in %s", what)
		}
	}
	return slug, nil
}

// met is what the suite has met so far.
var met = &meetings{done: map[string]bool{}, problems: map[string]bool{}}

type meetings struct {
	mu       sync.Mutex
	done     map[string]bool // operations that succeeded
	problems map[string]bool // slugs
}

func (m *meetings) note(op operation, status int, slug string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if status < 400 {
		m.done[op.String()] = true
	} else {
		m.problems[slug] = true
	}
}

// watch collects what a world's clients send and receive and its log must not hold.
type watch struct {
	mu      sync.Mutex
	secrets map[string]bool
}

// secretFields are the fields whose text is secret, wherever they stand.
var secretFields = []string{"subject", "photo_url", "image", "code", "name", "id_number", "client_ref", "nonce", "return_url", "holder",
	"text", "answer", "proof_file"}

func (w *watch) add(secret string) {
	if len(secret) < 6 {
		return // too short to be told from anything else
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[secret] = true
	if b, ok := domain.ParseBearer(secret); ok {
		w.secrets[b.Secret] = true
	}
}

func (w *watch) request(r *http.Request, body []byte) {
	if _, bearer, found := strings.Cut(r.Header.Get("Authorization"), " "); found {
		w.add(bearer)
	}
	w.add(r.URL.Query().Get("subject"))
	w.add(url.QueryEscape(r.URL.Query().Get("subject")))
	var v any
	if json.Unmarshal(body, &v) == nil {
		w.collect(v)
	}
}

// collect finds secrets in what a client sent.
func (w *watch) collect(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			if text, isText := field.(string); isText && slices.Contains(secretFields, name) {
				w.add(text[:min(len(text), 200)])
			}
			w.collect(field)
		}
	case []any:
		for _, item := range v {
			w.collect(item)
		}
	}
}

// find returns an error if text holds a secret.
func (w *watch) find(text []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for secret := range w.secrets {
		if bytes.Contains(text, []byte(secret)) {
			return fmt.Errorf("%.40s", secret)
		}
	}
	return nil
}
