package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
)

// Play plays the whole job and returns an error if any step came out otherwise
// than it must.
func Play(ctx context.Context, s Stage) error {
	p := &play{Stage: s, lin: &person{subject: "emp-1029"}, began: time.Now()}
	p.Client.Locale = cmp.Or(s.Client.Locale, domain.English)
	fmt.Fprintln(p.Out, p.paint(bold, "Nod plays its whole job: ask first, check once, keep the proof."))
	fmt.Fprintln(p.Out, p.paint(dim, "Every step is a real request to "+s.Client.Base+". Faces are compared"))
	fmt.Fprintln(p.Out, p.paint(dim, "on this machine by the local face API in the vendor's place: for development,"))
	fmt.Fprintln(p.Out, p.paint(dim, "not calibrated, no liveness."))
	for _, scene := range []func(context.Context) error{
		p.enterprise, p.askFirst, p.checks, p.refusal, p.withdrawal, p.newNotice, p.revocation, p.proof, p.export,
	} {
		if err := scene(ctx); err != nil {
			return fmt.Errorf("the demo broke off: %w", err)
		}
	}
	took := time.Since(p.began).Round(100 * time.Millisecond)
	if p.failed > 0 {
		fmt.Fprintf(p.Out, "\n%s\n", p.paint(red, fmt.Sprintf("%d of %d steps did not come out as they must.", p.failed, p.steps)))
		return fmt.Errorf("%d of %d steps failed", p.failed, p.steps)
	}
	fmt.Fprintf(p.Out, "\n%s\n", p.paint(green, fmt.Sprintf("All %d steps came out as they must, in %s.", p.steps, took)))
	return nil
}

// person is somebody in the story, with their session.
type person struct {
	subject, session, code, token string
	receipt                       decided
}

type decided struct {
	State       string
	Consent     string
	LeafHash    string `json:"leaf_hash"`
	WithdrawURL string `json:"withdraw_url"`
}

// visit opens a session for a person and exchanges its code, as LMS and page do.
func (p *play) visit(ctx context.Context, who *person) (state string, err error) {
	var s struct{ ID, State, Code string }
	err = p.Client.call(ctx, http.MethodPost, "/v1/sessions", p.tenant.Integrator, object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": who.subject, "age_group": "adult",
		"resource": "exam/2026-q4-safety", "reference": object{"photo_url": p.Photos + "/collins.png"},
		"nonce": "n-" + who.subject, "client_ref": "attempt-" + who.subject,
	}, &s)
	if err != nil {
		return "", err
	}
	who.session, who.code = s.ID, s.Code
	var token struct{ Token string }
	err = p.Client.call(ctx, http.MethodPost, "/v1/session/open", "", object{"code": s.Code}, &token)
	who.token = token.Token
	return s.State, err
}

// shown is the notice as a page gets it.
type shown struct {
	ID       string
	Version  int
	SHA256   map[string]string `json:"sha256"`
	Contents map[string]struct{ Title, Summary, Agree, Alternative string }
	Changes  []struct {
		Field    string
		Material bool
	} `json:"changes_since_consent"`
}

func (p *play) look(ctx context.Context, who *person) (state string, n shown, left int, err error) {
	var v struct {
		State        string
		Notice       shown
		AttemptsLeft int `json:"attempts_left"`
	}
	err = p.Client.call(ctx, http.MethodGet, "/v1/session", who.token, nil, &v)
	return v.State, v.Notice, v.AttemptsLeft, err
}

// decide has a person answer the notice in force.
func (p *play) decide(ctx context.Context, who *person, decision string) error {
	_, n, _, err := p.look(ctx, who)
	if err != nil {
		return err
	}
	locale := string(p.Client.Locale)
	return p.Client.call(ctx, http.MethodPost, "/v1/consent", who.token, object{
		"decision": decision, "notice_id": n.ID, "notice_sha256": n.SHA256[locale], "locale": locale, "by": "self",
	}, &who.receipt)
}

func (p *play) verify(ctx context.Context, who *person, attempt, image string) (Reply, error) {
	return p.Client.Do(ctx, http.MethodPost, "/v1/verify", who.token,
		object{"attempt_id": attempt, "image": image, "capture": "stream"})
}

// refused checks that a reply is the problem that it must be.
func (p *play) refused(r Reply, what, slug string) {
	got := fmt.Sprintf("%d %s", r.Status, strings.TrimPrefix(r.Problem.Type, "/problems/"))
	p.check(r.Problem.Type == "/problems/"+slug, what, got)
}

// result checks that a reply is the verdict that it must be.
func (p *play) result(r Reply, what, want string) {
	got := strings.TrimSpace(string(r.Body))
	if r.Status >= 400 {
		got = fmt.Sprintf("%d %s", r.Status, r.Problem.Type)
	}
	p.check(got == `{"result":"`+want+`"}`, what, got)
}

func pictures() (same, none string, err error) {
	if same, err = sameAgain(portraits.Collins); err == nil {
		none, err = landscape()
	}
	return same, none, err
}

func (p *play) sessionOf(ctx context.Context, who *person) (v object, err error) {
	err = p.Client.call(ctx, http.MethodGet, "/v1/sessions/"+who.session, p.tenant.Integrator, nil, &v)
	return v, err
}

func text(v any) string {
	b, _ := json.Marshal(v) // of what was just read from JSON
	return strings.Trim(string(b), `"`)
}
