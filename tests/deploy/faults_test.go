package deploy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face/scripted"
	adapter "nod/shared/runtime/gateway"
	"nod/tests/postgres"
	"nod/tests/wire"
)

// aWhile is what a platform gives a call that waits for nothing to come: long enough for an
// answer in its last tenth, on a busy machine.
const aWhile = 4 * time.Second

// What befalls a function ends in a clear answer, and the next call works.
func TestACallThatComesToNothingHarmsNoOther(t *testing.T) {
	for _, name := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, name)
			tenant := c.enterprise()
			for _, fault := range []struct {
				name string
				meet func(*testing.T, *cloud, demo.Tenant)
			}{
				{"events that are too large", eventsTooLarge},
				{"answers as large as there are", largeAnswers},
				{"a panic", aPanic},
				{"a process that ends", aProcessThatEnds},
				{"a face API that hangs", aHangingFaceAPI},
				{"a caller who goes away", aCallerWhoGoesAway},
			} {
				t.Run(fault.name, func(t *testing.T) {
					at := *c
					at.t = t
					at.stands() // whose faults are this test's
					fault.meet(t, &at, tenant)
				})
			}
			v := c.visit(tenant, "emp-last-pass")
			v.agrees()
			v.checked("a1", "pass")
			c.tick()
		})
	}
}

// comesToNothing holds that the problem is told as one, and that an operator can find it.
func (c *cloud) comesToNothing(status int, p object, want int, slug string) {
	c.t.Helper()
	if status != want || p["type"] != "/problems/"+slug || p["request_id"] == nil || p["title"] == nil {
		c.t.Errorf("answered %d %v, want %d %s", status, p, want, slug)
	}
}

func eventsTooLarge(t *testing.T, c *cloud, tenant demo.Tenant) {
	v := c.visit(tenant, "emp-large-pass")
	v.agrees()
	upload := func(size int) object {
		return object{"attempt_id": "a1", "image": strings.Repeat("QUJD", size/4), "capture": "stream"}
	}
	for path, bearer := range map[string]string{"/v1/sessions": tenant.Integrator, "/v1/consent": v.token, "/v1/verify": v.token, "/v1/notices": tenant.Admin} {
		if r, content := c.send("POST", path, bearer, upload(7<<20)); r.StatusCode != 413 || len(content) > 0 {
			t.Errorf("%s: the platform answers %d %.100s", path, r.StatusCode, content)
		}
		if path != "/v1/verify" { // of which the platform's limit is the only one
			status, p := c.ask("POST", path, bearer, upload(5<<20))
			c.comesToNothing(status, p, 413, "body-too-large")
		}
	}
	status, p := c.ask("POST", "/v1/verify", v.token, upload(5<<20))
	c.comesToNothing(status, p, 413, "image-too-large")
	v.checked("a2", "pass")
}

// largeAnswers are a list that would be too large in one piece, and the largest file.
func largeAnswers(t *testing.T, c *cloud, tenant demo.Tenant) {
	v := c.visit(tenant, "emp-answers-pass")
	file := append([]byte("%PDF-1.7\n"), make([]byte, domain.MaxProofFile-9)...)
	asked := c.call("POST", "/v1/me/requests", v.token, object{"kind": "relative", "relation": "child", "text": "Please tell me what is held.",
		"proof_file": base64.StdEncoding.EncodeToString(file)})
	read := c.call("GET", "/v1/requests/"+asked["id"].(string), tenant.Admin, nil)
	if text, _ := read["proof_file"].(string); len(text) != base64.StdEncoding.EncodedLen(len(file)) {
		t.Errorf("the file is read as %d letters", len(text))
	}
	notice, err := demo.Notice("training", tenant.Delegation)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range notice["contents"].(object) {
		content.(object)["body"] = strings.Repeat("同意之前请看清楚。", 3_300) // about 90 KB
	}
	const many = 36
	for range many {
		c.call("POST", "/v1/notices", tenant.Admin, notice)
	}
	n, size := 0, 0
	for path := "/v1/notices?limit=200"; ; {
		r, content := c.send("GET", path, tenant.Admin, nil)
		var page struct {
			Items  []json.RawMessage
			Cursor string
		}
		if err := json.Unmarshal(content, &page); err != nil || r.StatusCode != 200 {
			t.Fatalf("a page of the list: %d, %v", r.StatusCode, err)
		}
		n, size = n+len(page.Items), size+len(content)
		if page.Cursor == "" {
			break
		}
		path = "/v1/notices?limit=200&cursor=" + page.Cursor
	}
	if n < many || size <= adapter.MaxPayload {
		t.Errorf("%d notices of %d bytes were listed", n, size)
	}
}

// defective makes this test's program a function with a defect.
const defective = "NOD_TEST_DEFECTIVE"

// aPerson is what a panic may hold.
const aPerson = "made-up secret of a person"

// verifyWithADefect is what functions/verify does, but for what it asks about faces.
func verifyWithADefect() int {
	return boot.Traceless((*boot.Nod).Verify, boot.NewPart(config.Face, func(n *boot.Nod) error {
		n.API.Checks.Face = defect{}
		return nil
	}))
}

// defect is a face API that panics for some: where it can be caught, and where it cannot.
type defect struct{ scripted.API }

func (d defect) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	switch {
	case strings.HasSuffix(c.Script, "-panic"):
		panic(aPerson)
	case strings.HasSuffix(c.Script, "-end"):
		go func() { panic("on its own") }()
		select {}
	}
	return d.API.Compare(ctx, p, c)
}

// withADefect is the cloud with that function in the place of verify.
func (c *cloud) withADefect() *cloud {
	c.t.Helper()
	d := c.renewed(nil)
	d.secrets.secrets = append(d.secrets.secrets, aPerson)
	d.begin()
	return d
}

// begin starts the function with the defect, as a platform does once one has ended.
func (c *cloud) begin() {
	c.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(c.command("verify").Env, defective+"=yes")
	c.start("verify", cmd)
}

func aPanic(t *testing.T, c *cloud, tenant demo.Tenant) {
	d := c.withADefect()
	v := d.visit(tenant, "emp-1-panic")
	v.agrees()
	status, p := v.check("a1")
	d.comesToNothing(status, p, 500, "internal")
	if strings.Contains(p["title"].(string)+p["detail"].(string), aPerson) {
		t.Errorf("the caller is told %v", p)
	}
	next := d.visit(tenant, "emp-panic-pass")
	next.agrees()
	next.checked("a1", "pass")
}

func aProcessThatEnds(t *testing.T, c *cloud, tenant demo.Tenant) {
	d := c.withADefect()
	v := d.visit(tenant, "emp-1-end")
	v.agrees()
	d.ends = true
	if r, _ := d.send("POST", "/v1/verify", v.token, photographed("a1")); r.StatusCode != 502 {
		t.Errorf("nobody is there, and it is answered %d", r.StatusCode)
	}
	d.ends = false
	d.begin()
	// How it came out nobody knows yet; the same person is asked to wait, and no other.
	status, p := v.check("a2")
	d.comesToNothing(status, p, 409, "check-in-progress")
	next := d.visit(tenant, "emp-end-pass")
	next.agrees()
	next.checked("a1", "pass")
}

func aHangingFaceAPI(t *testing.T, c *cloud, _ demo.Tenant) {
	live, err := demo.Enter(t.Context(), demo.Client{Base: c.gateway.URL}, c.operator, "https://lms.example.com", domain.Live)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	answers := &vendor{t: t, pairs: map[string]http.Handler{}}
	answers.takes("AKID-hanging", "key-of-the-pair", "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
			answers.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	d := c.renewed(map[string]string{"NOD_FACE_ENDPOINT": server.URL, "NOD_FACE_SECRET_ID": "AKID-hanging", "NOD_FACE_SECRET_KEY": "key-of-the-pair"}, "verify")
	v := d.registers(live, "emp-1")
	d.within = aWhile
	status, p := v.asksTheAuthority("a1")
	d.comesToNothing(status, p, 504, "face-api-slow")
	d.within = patience
	close(over)
	v.passes("a2")
}

// aCallerWhoGoesAway is something that SCF's protocol alone tells a function of.
func aCallerWhoGoesAway(t *testing.T, c *cloud, tenant demo.Tenant) {
	abandon := c.abandon["verify"]
	if abandon == nil {
		t.Log("Lambda's runtimes are not told")
		return
	}
	v := c.visit(tenant, "emp-away-pass")
	v.agrees()
	body, err := json.Marshal(photographed("a1"))
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/v1/verify", nil)
	event, err := json.Marshal(c.event(request, map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + v.token}, string(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []int{1, len(event) / 2, len(event), -1} {
		if err := abandon(event, part); err != nil {
			t.Errorf("after %d bytes: %v", part, err)
		}
	}
	// The whole one was a check, and goes on; who comes back is told how it came out.
	for started := time.Now(); v.call("GET", "/v1/session", v.token, nil)["state"] != "passed"; {
		if time.Since(started) > patience {
			t.Fatal("what was sent came to nothing")
		}
	}
	v.checked("a1", "pass")
}

// A database that hangs holds a function up for no longer than it has, and what it has then
// answered is what the next call can rely on.
func TestADatabaseThatHangs(t *testing.T) {
	for _, name := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := wire.To(t, postgres.Database(t))
			c := newCloudOn(t, name, line.DSN)
			tenant := c.enterprise()
			v := c.visit(tenant, "emp-1-pass")
			v.agrees()
			c.call("GET", "/v1/sessions/"+v.id, tenant.Integrator, nil)
			c.tick()

			line.Freeze()
			c.within = aWhile
			var waits sync.WaitGroup
			for _, ask := range []func() (int, object){
				func() (int, object) { return c.ask("GET", "/v1/sessions/"+v.id, tenant.Integrator, nil) },
				func() (int, object) { return c.ask("GET", "/v1/session", v.token, nil) },
				func() (int, object) { return v.check("a1") },
				func() (int, object) { return c.ask("GET", "/readyz", "", nil) },
			} {
				waits.Go(func() {
					status, p := ask()
					c.comesToNothing(status, p, 503, "busy")
				})
			}
			waits.Go(func() {
				if err := c.due(aWhile); err != nil { // what it leaves, the next run does
					t.Errorf("the timer is answered %v", err)
				}
			})
			waits.Wait()
			c.within = patience
			line.Thaw()

			v.checked("a1", "pass")
			if s := c.call("GET", "/v1/sessions/"+v.id, tenant.Integrator, nil); s["state"] != "passed" {
				t.Errorf("afterwards the session is %v", s)
			}
			c.call("GET", "/readyz", "", nil)
			c.tick()
		})
	}
}
