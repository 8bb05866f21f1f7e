package load

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"strconv"
	"time"

	"nod/shared/app"
)

type object = map[string]any

// person goes through a check as the page does, and tells how it ended: a result, or the
// slug of the problem that left no way on, and how long it took from the consent on.
func (r *run) person(ctx context.Context, n int, a arrival) (outcome string, queued time.Duration, err error) {
	t := r.large
	if a.small {
		t = r.small
	}
	var session struct{ Code string }
	if slug, err := r.ask(ctx, r.pages, "POST", "/v1/sessions", t.Integrator, object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": fmt.Sprint("emp-", n), "age_group": "adult", "resource": "exam/morning",
		"reference": object{"photo_url": "https://lms.example.com/" + strconv.Itoa(n) + ".jpg"}, "locale": "en",
	}, &session); err != nil || slug != "" {
		return slug, 0, err
	}
	var opened struct{ Token string }
	if slug, err := r.ask(ctx, r.pages, "POST", "/v1/session/open", "", object{"code": session.Code}, &opened); err != nil || slug != "" {
		return slug, 0, err
	}
	var view struct {
		Notice struct {
			ID     string
			SHA256 map[string]string
		}
	}
	if slug, err := r.ask(ctx, r.pages, "GET", "/v1/session", opened.Token, nil, &view); err != nil || slug != "" {
		return slug, 0, err
	}
	if slug, err := r.ask(ctx, r.pages, "POST", "/v1/consent", opened.Token, object{
		"decision": "granted", "notice_id": view.Notice.ID, "notice_sha256": view.Notice.SHA256["en"], "locale": "en", "by": "self",
	}, nil); err != nil || slug != "" {
		return slug, 0, err
	}
	r.decided.Add(1)
	r.waiting.Add(1)
	defer r.waiting.Add(-1)
	began := time.Now()
	for try := 0; ; try++ {
		var verdict app.Verdict
		slug, err := r.ask(ctx, r.verify, "POST", "/v1/verify", opened.Token, object{
			"attempt_id": fmt.Sprint("a", try), "image": r.image, "capture": "stream",
		}, &verdict)
		if err != nil || slug != "face-api-busy" {
			return orResult(slug, string(verdict.Result)), time.Since(began), err
		}
	}
}

func orResult(slug, result string) string {
	if slug != "" {
		return slug
	}
	return result
}

// ask makes a call until it is answered. What the platform turns back was not done, and is
// sent again after four to six seconds, as by the page; what a busy Nod does, after the time
// that the answer names, and up to a second. Who waits for the face API begins another
// attempt after that.
func (r *run) ask(ctx context.Context, p *platform, method, to, bearer string, body any, into any) (slug string, err error) {
	for {
		answer, err := p.call(ctx, method, to, bearer, body)
		if err != nil {
			return "", err
		}
		if answer.status < 300 {
			if into == nil {
				return "", nil
			}
			return "", json.Unmarshal(answer.body.Bytes(), into)
		}
		var problem struct{ Type, Detail string }
		_ = json.Unmarshal(answer.body.Bytes(), &problem) // the platform's answer is none
		slug := path.Base(problem.Type)
		after, _ := strconv.Atoi(answer.header.Get("Retry-After"))
		turnedBack := answer.status == 429 && problem.Type == ""
		if !turnedBack && slug != "busy" && slug != "face-api-busy" {
			return slug, nil
		}
		wait := time.Duration(after)*time.Second + rand.N(time.Second)
		if turnedBack {
			wait = 4*time.Second + rand.N(2*time.Second)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return "", ctx.Err()
		}
		if slug == "face-api-busy" {
			return slug, nil
		}
	}
}
