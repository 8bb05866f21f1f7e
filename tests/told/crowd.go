package told

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
)

func newBase64(w io.Writer) io.WriteCloser { return base64.NewEncoder(base64.StdEncoding, w) }

// Crowd is people who go through whole checks, one after the other each, and write down
// what they are told. Whatever is not answered they ask for again, as a page does, with
// the same key or attempt.
type Crowd struct {
	Book   *Book
	Faces  *Faces
	Tenant demo.Tenant
	// Base finds an instance that serves a path.
	Base func(path string) string
	// Patience is how long one try waits for its answer.
	Patience time.Duration
	Seed     uint64

	people atomic.Int64
	client http.Client
}

// Enter enters a live enterprise with all that an exam check needs.
func (c *Crowd) Enter(ctx context.Context, operatorKey string) (err error) {
	c.Tenant, err = demo.Enter(ctx, demo.Client{Base: c.Base("/v1/enterprises")}, operatorKey, "https://lms.example.com", domain.Live)
	return err
}

// Run has so many people act at once, until ctx ends; whoever then waits for an answer
// gets it no more.
func (c *Crowd) Run(ctx context.Context, atOnce int) {
	c.client.Transport = &http.Transport{MaxIdleConnsPerHost: 2 * atOnce, DisableKeepAlives: true} // as many callers
	var all sync.WaitGroup
	for i := range atOnce {
		random := rand.New(rand.NewPCG(c.Seed, uint64(i)))
		all.Go(func() {
			for ctx.Err() == nil {
				p := person{Crowd: c, ctx: ctx, random: random, number: int(c.people.Add(1))}
				if err := p.live(); err != nil && ctx.Err() == nil {
					c.Book.failed("left: " + err.Error())
				}
			}
		})
	}
	all.Wait()
}

// person is one of them, with the session that they have open.
type person struct {
	*Crowd
	ctx    context.Context
	random *rand.Rand
	number int

	session, token string
}

type object = map[string]any

// live is a whole check, with what a person may do otherwise.
func (p *person) live() error {
	if err := p.open(); err != nil {
		return err
	}
	if p.random.IntN(8) == 0 {
		if err := p.decide(Refused); err != nil {
			return err
		}
		if p.random.IntN(2) == 0 {
			return nil
		}
	}
	if err := p.decide(Granted); err != nil {
		return err
	}
	for n := range 5 {
		over, err := p.check(fmt.Sprintf("a%d", n))
		if err != nil {
			return err
		}
		if over {
			break
		}
	}
	if p.random.IntN(3) == 0 {
		return p.withdraw()
	}
	return nil
}

// open opens a session at the platform, and the page of it.
func (p *person) open() error {
	made, err := p.until("POST", "/v1/sessions", p.Tenant.Integrator, "open", object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": fmt.Sprint("emp-", p.number), "age_group": "adult",
		"resource": "exam/1", "reference": object{"photo_url": fmt.Sprintf("https://lms.example.com/%d.png", p.number)}, "locale": "en", "ttl_s": 3600,
	})
	if err != nil {
		return err
	}
	p.session = made.text("id")
	opened, err := p.until("POST", "/v1/session/open", "", "enter", object{"code": made.text("code")})
	p.token = opened.text("token")
	return err
}

// decide answers the notice that is shown.
func (p *person) decide(what string) error {
	seen, err := p.until("GET", "/v1/session", p.token, "", nil)
	if err != nil {
		return err
	}
	notice, _ := seen.body["notice"].(object)
	hashes, _ := notice["sha256"].(object)
	began := time.Now()
	p.Book.ask(p.session, what)
	r, err := p.until("POST", "/v1/consent", p.token, what, object{
		"decision": what, "notice_id": notice["id"], "notice_sha256": hashes["en"], "locale": "en", "by": "self",
	})
	if err == nil {
		p.Book.tell(Word{What: what, Session: p.session, Record: r.text("consent"), Leaf: r.text("leaf_hash"), Took: time.Since(began)})
	}
	return err
}

func (p *person) withdraw() error {
	began := time.Now()
	p.Book.ask(p.session, Withdrawn)
	r, err := p.until("POST", "/v1/me/withdraw", p.token, Withdrawn, object{})
	if err != nil {
		return err
	}
	receipt, _ := r.body["receipt"].(object)
	line, _ := receipt["record"].(string)
	var record struct{ ID string }
	if err := json.Unmarshal([]byte(line), &record); err != nil {
		return fmt.Errorf("a withdrawal without its Record: %v", r.body)
	}
	p.Book.tell(Word{What: Withdrawn, Session: p.session, Record: record.ID, Line: line, Took: time.Since(began)})
	return nil
}

// check asks for one attempt until it is told what came of it. over says that no other
// one follows.
func (p *person) check(attempt string) (over bool, err error) {
	began := time.Now()
	picture := p.Faces.Picture(p.session + " " + attempt)
	r, err := p.until("POST", "/v1/verify", p.token, "", object{"attempt_id": attempt, "image": picture, "capture": "stream"})
	if err != nil {
		return true, err
	}
	result := r.text("result")
	if result == "" {
		result = r.slug()
		if !endsAnAttempt[result] {
			return true, nil // the session is over
		}
	}
	p.Book.tell(Word{What: Checked, Session: p.session, Attempt: attempt, Result: result, Took: time.Since(began)})
	return result == "pass", nil
}

// endsAnAttempt are the problems that stand in the log as the reason of a check that was
// not performed, or say that nothing is known of it.
var endsAnAttempt = map[string]bool{
	"no-face": true, "face-api-busy": true, "face-api-slow": true, "face-api-down": true, "face-api-garbled": true,
	"face-api-unknown-code": true, "face-api-refused": true, "permit-forbidden": true, unsure: true,
}

// reply is an answer.
type reply struct {
	status int
	body   object
}

func (r reply) text(name string) string {
	s, _ := r.body[name].(string)
	return s
}

func (r reply) slug() string { return strings.TrimPrefix(r.text("type"), "/problems/") }

// until asks again until there is an answer: 5xx and none at all are no answers, save for
// what a check came to. once is the wish's name: it makes the repeats one.
func (p *person) until(method, path, bearer, once string, body object) (reply, error) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		r, err := p.try(method, path, bearer, once, body)
		switch {
		case err != nil:
			p.Book.failed("no answer")
		case r.slug() == "check-in-progress" || r.slug() == "busy" || r.status >= 500 && !endsAnAttempt[r.slug()]:
			p.Book.failed(fmt.Sprint(r.status, " ", r.slug()))
		case r.status < 300 || path == "/v1/verify":
			return r, nil
		default:
			return r, fmt.Errorf("%s %s: %d %s", method, path, r.status, r.slug())
		}
		select {
		case <-p.ctx.Done():
			return reply{}, p.ctx.Err()
		case <-time.After(pause/2 + time.Duration(p.random.Int64N(int64(pause)))):
		}
	}
}

var errNoAnswer = errors.New("told: no answer")

func (p *person) try(method, path, bearer, once string, body object) (r reply, err error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return r, err
		}
		payload = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.Base(path)+path, payload)
	if err != nil {
		return r, err
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if once != "" {
		req.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", once, p.number))
	}
	began := time.Now()
	resp, err := p.client.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&r.body); err != nil {
		return r, errNoAnswer // it broke off
	}
	p.Book.answered(time.Since(began))
	r.status = resp.StatusCode
	return r, nil
}
