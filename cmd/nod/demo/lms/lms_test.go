package lms

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/shared/domain"
)

// heard is a server in Nod's place that keeps what it is asked for.
type heard struct {
	mu    sync.Mutex
	calls map[string]map[string]any // by path
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	h.calls[r.URL.Path] = body
	answer(w, http.StatusCreated, map[string]string{"id": "s1", "page_url": "https://nod.example.com" + r.URL.Path})
}

// platform is one whose requests go to heard.
func platform(t *testing.T) (*Server, *heard) {
	t.Helper()
	h := &heard{calls: map[string]map[string]any{}}
	nod := httptest.NewServer(h)
	t.Cleanup(nod.Close)
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	return Serve(ctx, listener, Nod{URL: nod.URL, Key: "k", Enterprise: "e", Mode: "live"}), h
}

func (s *Server) starts(t *testing.T, course string, chosen url.Values) (status int, said map[string]string) {
	t.Helper()
	resp, err := http.Post(s.Origin()+"/"+course+"/start?lang=en&"+chosen.Encode(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, said
}

// Name and number leave the platform only if it has them on file and is to give them.
func TestD02_WhoGivesNameAndNumber(t *testing.T) {
	for _, person := range people() {
		for _, giver := range []string{"platform", "person"} {
			s, nod := platform(t)
			status, said := s.starts(t, "realname", url.Values{"learner": {person.Subject}, "route": {"authority"}, "giver": {giver}})
			if giver == "platform" && !person.Held {
				if status != http.StatusUnprocessableEntity || len(nod.calls) > 0 {
					t.Errorf("%s is not on file: %d %v, and Nod heard %v", person.Name, status, said, nod.calls)
				}
				continue
			}
			asked := nod.calls["/v1/sessions"]
			for field, want := range map[string]any{
				"kind": "check", "purpose": "realname", "route": "authority", "subject": person.Subject, "age_group": "adult", "resource": "realname/2026",
			} {
				if asked[field] != want {
					t.Errorf("%s by the %s: %s is %v, want %v", person.Name, giver, field, asked[field], want)
				}
			}
			reference, _ := asked["reference"].(map[string]any)
			given, _ := reference["identity"].(map[string]any)
			switch {
			case giver == "person" && asked["reference"] != nil:
				t.Errorf("%s: the platform gives %v", person.Name, asked["reference"])
			case giver == "platform" && (given["name"] != person.Name || given["id_number"] != person.IDNumber):
				t.Errorf("%s: the platform gives %v", person.Name, given)
			}
		}
	}
}

// For people under age a message goes to the guardian's own device, and for others none.
func TestD23_TheGuardianGetsAMessage(t *testing.T) {
	for id, group := range map[string]string{"stu-3016": "minor", "stu-3012": "child", "emp-1029": "adult"} {
		s, nod := platform(t)
		_, said := s.starts(t, "exam", url.Values{"learner": {id}})
		if got := nod.calls["/v1/sessions"]["age_group"]; got != group {
			t.Errorf("%s is opened as %v", id, got)
		}
		link, wanted := "https://nod.example.com/v1/sessions/s1/code", group != "adult"
		if (said["guardian"] == link) != wanted || (nod.calls["/v1/sessions/s1/code"]["for"] == "guardian") != wanted {
			t.Errorf("%s: the message has %q, Nod heard %v", id, said["guardian"], nod.calls)
		}
	}
}

// Whoever asks what is held about them is sent to a page of their own, for no purpose.
func TestD21_SomebodyIsSentToTheirOwnPage(t *testing.T) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for learner, group := range map[string]string{"emp-1029": "adult", "stu-3012": "child", people()[0].Subject: "adult", "nobody": ""} {
		s, nod := platform(t)
		resp, err := client.Get(s.Origin() + "/records?learner=" + url.QueryEscape(learner))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		asked := nod.calls["/v1/sessions"]
		if group == "" {
			if resp.StatusCode != http.StatusNotFound || asked != nil {
				t.Errorf("%s: %d, and Nod heard %v", learner, resp.StatusCode, asked)
			}
			continue
		}
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "https://nod.example.com/v1/sessions" {
			t.Errorf("%s: %d to %s", learner, resp.StatusCode, resp.Header.Get("Location"))
		}
		if asked["kind"] != "me" || asked["subject"] != learner || asked["age_group"] != group || asked["purpose"] != nil {
			t.Errorf("%s: Nod heard %v", learner, asked)
		}
	}
}

// The numbers on the page have the right check digit: nobody may be sent off to type one
// that Nod refuses.
func TestTheNumbersAreWellFormed(t *testing.T) {
	for _, p := range people() {
		i := domain.Identity{Name: domain.Private(p.Name), IDNumber: domain.Private(p.IDNumber)}
		if err := i.Check(time.Now(), domain.GrownUp); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

// The platform has no sign-in: a page of another site gets nothing from it and does nothing
// there, not under a name that points at this machine either.
func TestThePlatformIsAtItsOwnAddress(t *testing.T) {
	s, nod := platform(t)
	ask := func(method, path, host, origin string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, s.Origin()+path, strings.NewReader("a photo"))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = cmp.Or(host, r.Host)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if status := ask("POST", "/finish", "", s.Origin()); status != http.StatusOK {
		t.Fatalf("its own page posts: %d", status)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.Origin(), "http://"))
	for _, host := range []string{"evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1.evil.example:" + port, "localhost:" + port} {
		for _, c := range [][2]string{{"GET", "/photos/mine"}, {"POST", "/exam/start?learner=me"}, {"POST", "/my-photo"}, {"GET", "/records"}} {
			if status := ask(c[0], c[1], host, ""); status != http.StatusMisdirectedRequest {
				t.Errorf("%s %s at %s: %d", c[0], c[1], host, status)
			}
		}
	}
	for _, origin := range []string{"https://evil.example", "null", "https" + strings.TrimPrefix(s.Origin(), "http"), s.Origin() + ".evil.example"} {
		for _, path := range []string{"/exam/start?learner=me", "/my-photo", "/finish"} {
			if status := ask("POST", path, "", origin); status != http.StatusForbidden {
				t.Errorf("POST %s from %s: %d", path, origin, status)
			}
		}
	}
	if len(nod.calls) > 0 {
		t.Errorf("Nod heard %v", nod.calls)
	}
	resp, err := http.Get(s.Origin() + "/exam")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("another site may frame it and have somebody press its buttons: %s", policy)
	}
}
