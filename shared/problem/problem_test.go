package problem

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

var update = flag.Bool("update", false, "write docs/problems.md anew")

// reasons reads the constants of type Reason off package domain's source.
func reasons(t *testing.T) map[domain.Reason]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../domain/reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[domain.Reason]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && fmt.Sprint(v.Type) == "Reason" {
			slug, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found[domain.Reason(slug)] = true
		}
		return true
	})
	return found
}

func TestEveryReasonHasItsTextInEveryLanguage(t *testing.T) {
	known := reasons(t)
	if len(known) < 60 {
		t.Fatalf("only %d reasons were read", len(known))
	}
	seen := map[domain.Reason]bool{}
	for _, g := range Catalogue {
		for _, e := range g.Entries {
			if seen[e.Reason] || !known[e.Reason] {
				t.Errorf("%s stands twice, or is no reason", e.Reason)
			}
			seen[e.Reason] = true
			if e.Status < 400 || e.Status > 599 {
				t.Errorf("%s has status %d", e.Reason, e.Status)
			}
			zh, en := e.Texts[domain.Chinese], e.Texts[domain.English]
			if zh.Title == "" || zh.Detail == "" || en.Title == "" || en.Detail == "" || zh == en {
				t.Errorf("%s lacks a text", e.Reason)
			}
		}
	}
	for r := range known {
		if !seen[r] {
			t.Errorf("%s has no entry", r)
		}
	}
}

func TestAnUnknownErrorTellsNothingButTheRequestID(t *testing.T) {
	for _, err := range []error{
		errors.New("dial tcp 10.0.0.7: password hunter2"),
		fmt.Errorf("store: %w", errors.New("emp-1029")),
		&domain.Refusal{Reason: "a-reason-nobody-wrote-down"},
	} {
		w := httptest.NewRecorder()
		For(err, domain.English, "0192-request").Write(w)
		body := w.Body.String()
		if w.Code != 500 || !strings.Contains(body, "/problems/internal") || !strings.Contains(body, "0192-request") {
			t.Errorf("%v became %d %s", err, w.Code, body)
		}
		for _, secret := range []string{"hunter2", "emp-1029", "10.0.0.7", "nobody-wrote"} {
			if strings.Contains(body, secret) {
				t.Errorf("%v shows in %s", err, body)
			}
		}
	}
}

func TestARefusalIsFoundHoweverItIsWrapped(t *testing.T) {
	refusal := &domain.Refusal{
		Reason: domain.FaceAPIBusy, RetryAfter: 1500 * time.Millisecond, State: domain.Consented,
		Fields: []domain.FieldFault{{Field: "image", Code: domain.Missing}},
	}
	d := For(fmt.Errorf("outer: %w", refusal), domain.Chinese, "id")
	if d.Type != "/problems/face-api-busy" || d.Status != 429 || d.State != domain.Consented ||
		d.AttemptUsed == nil || *d.AttemptUsed || len(d.Errors) != 1 || d.Errors[0].Detail != "缺少这一项。" {
		t.Errorf("%+v", d)
	}
	w := httptest.NewRecorder()
	d.Write(w)
	if h := w.Header(); h.Get("Retry-After") != "2" || h.Get("Content-Language") != "zh-CN" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
}

func TestWhoIsNotRecognisedLearnsHowToAuthenticate(t *testing.T) {
	w := httptest.NewRecorder()
	For(domain.Refuse(domain.Unauthenticated), domain.English, "id").Write(w)
	if w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("headers %v", w.Header())
	}
}

// TestTheDocumentIsTheCatalogue holds docs/problems.md against the catalogue; run
// with -update to write it anew.
func TestTheDocumentIsTheCatalogue(t *testing.T) {
	const path = "../../docs/problems.md"
	want := markdown()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != want {
		t.Errorf("docs/problems.md is not what the catalogue says (%v): go test ./shared/problem -update", err)
	}
}

func markdown() string {
	var b strings.Builder
	b.WriteString(`# Problems

Whatever Nod cannot do it answers with a problem document (RFC 9457, ` + "`application/problem+json`" + `): a stable ` + "`type`" + `, ` + "`title`" + ` (what happened) and ` + "`detail`" + ` (what to do now) in Chinese or English by ` + "`Accept-Language`" + `, ` + "`status`" + `, and the ` + "`request_id`" + ` that the operator finds in the log. ` + "`errors`" + ` names faulty fields, ` + "`state`" + ` the session's state where that is the cause, ` + "`retry_after`" + ` (and the header Retry-After) the seconds after which trying again helps. Clients ignore members they do not know.

**No problem ever uses an attempt**: only pass and fail are outcomes. Answers about a check say so with ` + "`\"attempt_used\":false`" + `.

This page is made from the catalogue in ` + "`shared/problem`" + `.
`)
	for _, g := range Catalogue {
		fmt.Fprintf(&b, "\n## %s\n\nFor %s.\n\n| type | status | Retry-After | what happened | what to do |\n|---|---|---|---|---|\n", g.Title, g.For)
		for _, e := range g.Entries {
			wait := ""
			if e.RetryAfter > 0 {
				wait = fmt.Sprint(seconds(e.RetryAfter, 0), " s")
			}
			text := e.Texts[domain.English]
			fmt.Fprintf(&b, "| `/problems/%s` | %d | %s | %s | %s |\n", e.Reason, e.Status, wait, text.Title, text.Detail)
		}
	}
	return b.String()
}
