package chaos

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/boot"
	"nod/shared/domain"
	"nod/tests/postgres"
	"nod/tests/told"
)

// What a function's own clock says decides nothing: one that is decades behind, and then
// decades ahead, has the person told the same, and writes the same times, as any other. The
// clock is that of a synctest bubble, which begins in the year 2000 and goes as far as it is
// told to; the database is outside.
func TestAFunctionsOwnClockDecidesNothing(t *testing.T) {
	t.Parallel()
	dsn := postgres.Database(t)
	told.Migrate(t, dsn)
	faces := told.NewFaces(t, 1)
	// Whoever passed would not be checked again.
	faces.Fails(func(w http.ResponseWriter) {
		_, _ = io.WriteString(w, `{"Response":{"Score":1,"FaceModelVersion":"3.0","RequestId":"r"}}`)
	})
	house := newTurned(t, dsn, faces.URL)
	right := house.instance(t)
	tenant, err := demo.Enter(t.Context(), demo.Client{Base: right.server.URL}, house.operatorKey, "https://lms.example.com", domain.Live)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now().Truncate(time.Second)
	p := visitor{t: t, at: right.nod.All()}
	made := p.call("POST", "/v1/sessions", tenant.Integrator, object{
		"kind": "check", "purpose": "exam", "route": "photo", "subject": "emp-1", "age_group": "adult", "resource": "exam/1",
		"reference": object{"photo_url": "https://lms.example.com/1.png"}, "locale": "en",
	})
	synctest.Test(t, func(t *testing.T) {
		nod := house.open(t, boot.Options{})
		defer nod.Store.Close()
		p.at = nod.All()
		p.token, _ = p.call("POST", "/v1/session/open", "", object{"code": made["code"]})["token"].(string)
		notice := p.call("GET", "/v1/session", p.token, nil)["notice"].(object)
		p.call("POST", "/v1/consent", p.token, object{
			"decision": "granted", "notice_id": notice["id"], "notice_sha256": notice["sha256"].(object)["en"], "locale": "en", "by": "self",
		})
		for _, attempt := range []string{"a1", "a2"} {
			p.check(faces, attempt)
			time.Sleep(40 * 365 * 24 * time.Hour) // by that clock alone
		}
		p.call("GET", "/v1/session", p.token, nil) // it has not expired
	})
	p.at = right.nod.All()
	seen := p.call("GET", "/v1/session", p.token, nil)
	p.call("POST", "/v1/me/withdraw", p.token, object{})
	if end, err := time.Parse(time.RFC3339, seen["expires_at"].(string)); err != nil ||
		end.Before(began.Add(domain.DefaultTTL-time.Second)) || end.After(time.Now().Add(domain.DefaultTTL)) {
		t.Errorf("the session expires at %v", seen["expires_at"])
	}
	lines, err := right.nod.Store.Tenant(domain.ID(tenant.Enterprise)).Records(t.Context(), "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, line := range lines {
		var r struct {
			Type, Subject, Until string
			At                   time.Time
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Subject == "" {
			continue
		}
		types = append(types, r.Type)
		if r.At.Before(began) || r.At.After(time.Now()) {
			t.Errorf("%s is at %s", r.Type, r.At)
		}
		if r.Type == "consent.granted" && r.Until == "" {
			t.Errorf("the grant has no end: %s", line)
		}
		if until, err := time.Parse(time.RFC3339, r.Until); r.Until != "" && (err != nil || until.Before(began) || until.After(time.Now().AddDate(3, 0, 0))) {
			t.Errorf("%s ends at %s", r.Type, r.Until)
		}
	}
	for _, want := range []string{"consent.granted", "check.started", "check.failed", "consent.withdrawn"} {
		if !slices.Contains(types, want) {
			t.Errorf("the log has %v, want %s", types, want)
		}
	}
}

type object = map[string]any

// visitor calls an instance without a network between.
type visitor struct {
	t     *testing.T
	at    http.Handler
	token string
}

func (v visitor) call(method, path, bearer string, body object) (answer object) {
	v.t.Helper()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			v.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, &payload)
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	v.at.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code >= 300 {
		v.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return answer
}

// check sends a picture, and is told that it does not match.
func (v visitor) check(faces *told.Faces, attempt string) {
	v.t.Helper()
	before := len(faces.Calls())
	answer := v.call("POST", "/v1/verify", v.token, object{"attempt_id": attempt, "image": faces.Picture(attempt), "capture": "stream"})
	if len(faces.Calls()) != before+1 || answer["result"] != "fail" {
		v.t.Fatalf("the face API was called %d times, the answer is %v", len(faces.Calls())-before, answer)
	}
}
