package deploy

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
	"nod/shared/ledger/bundle"
)

var protocols = []string{"lambda", "scf"}

// The whole job, by functions that are built and started as they are deployed: none knows
// of the others but what is in the database and the object storage.
func TestTheMainJobAcrossFunctions(t *testing.T) {
	for _, name := range protocols {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, name)
			tenant := c.enterprise()

			passed := c.visit(tenant, "emp-1-pass")
			passed.agrees()
			passed.checked("a1", "pass")
			if s := c.call("GET", "/v1/sessions/"+passed.id, tenant.Integrator, nil); s["state"] != "passed" || s["assertion"] == nil {
				t.Errorf("the platform learns %v", s)
			}
			failed := c.visit(tenant, "emp-2-fail")
			failed.agrees()
			failed.checked("a1", "fail")
			refusing := c.visit(tenant, "emp-3-pass")
			refusing.decides("refused")
			if status, p := refusing.check("a1"); status != 403 && status != 409 {
				t.Errorf("after a refusal a check is answered %d %v", status, p)
			}
			withdrawn := c.visit(tenant, "emp-4-pass")
			withdrawn.agrees()
			c.call("POST", "/v1/me/withdraw", withdrawn.token, object{"purpose": "exam"})
			if _, p := withdrawn.check("a1"); p["type"] != "/problems/consent-withdrawn" {
				t.Errorf("after a withdrawal a check is answered %v", p)
			}
			c.exported(tenant)
			c.traced("session", "consent", "verify", "admin")
		})
	}
}

// enterprise enters one in test mode, whose outcomes are scripted.
func (c *cloud) enterprise() demo.Tenant {
	c.t.Helper()
	tenant, err := demo.Enter(c.t.Context(), demo.Client{Base: c.gateway.URL}, c.operator, "https://lms.example.com", domain.Test)
	if err != nil {
		c.t.Fatal(err)
	}
	return tenant
}

// exported has the timer give the Records their places and make a bundle, and verifies that.
func (c *cloud) exported(tenant demo.Tenant) {
	c.t.Helper()
	c.tick()
	content, err := c.bundle(tenant, c.published(tenant))
	if err != nil {
		c.t.Errorf("the bundle: %v", err)
	}
	counts := c.counts(content)
	for _, kind := range []string{"check.passed", "check.failed", "consent.refused", "consent.withdrawn"} {
		if counts[kind] != 1 {
			c.t.Errorf("the bundle has %v", counts)
		}
	}
}

// bundle has one made of all that there is, and verifies it with a checkpoint that was kept.
func (c *cloud) bundle(tenant demo.Tenant, checkpoint string) (content []byte, err error) {
	c.t.Helper()
	var keys []string
	for _, key := range c.call("GET", "/v1/log/keys", tenant.Auditor, nil)["keys"].([]any) {
		keys = append(keys, key.(string))
	}
	now := time.Now().UTC()
	made := c.call("POST", "/v1/exports", tenant.Auditor, object{"from": now.Add(-time.Hour).Format(time.RFC3339),
		"to": now.Add(time.Hour).Format(time.RFC3339), "identifiers": "pseudonyms"})
	path := fmt.Sprint("/v1/exports/", made["id"])
	for range 5 {
		if made = c.call("GET", path, tenant.Auditor, nil); made["state"] == "ready" {
			break
		}
		c.tick()
	}
	r, content := c.send("GET", path+"/bundle", tenant.Auditor, nil) // a link, which is followed
	if r.StatusCode != 200 || float64(len(content)) != made["bytes"] {
		c.t.Fatalf("the bundle of %v: %d, %d bytes", made, r.StatusCode, len(content))
	}
	_, err = bundle.Verify(bytes.NewReader(content), int64(len(content)), bundle.Options{Keys: keys, Checkpoint: []byte(checkpoint)})
	return content, err
}

// counts is what the manifest tells of the lines, by their types.
func (c *cloud) counts(content []byte) map[string]int {
	c.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		c.t.Fatal(err)
	}
	file, err := z.Open("manifest.json")
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	var m struct{ Counts map[string]int }
	if err := json.NewDecoder(file).Decode(&m); err != nil {
		c.t.Fatal(err)
	}
	return m.Counts
}

// visit is a session that a person has open.
type visit struct {
	*cloud
	id, token string
}

func (c *cloud) visit(tenant demo.Tenant, subject string) *visit {
	c.t.Helper()
	s := c.call("POST", "/v1/sessions", tenant.Integrator, object{"kind": "check", "purpose": "exam", "route": "photo", "subject": subject,
		"age_group": "adult", "resource": "exam/1", "reference": object{"photo_url": "https://lms.example.com/1.png"}, "locale": "en"})
	opened := c.call("POST", "/v1/session/open", "", object{"code": s["code"]})
	return &visit{c, s["id"].(string), opened["token"].(string)}
}

func (v *visit) decides(decision string) object {
	v.t.Helper()
	notice := v.call("GET", "/v1/session", v.token, nil)["notice"].(object)
	return v.call("POST", "/v1/consent", v.token, object{"decision": decision, "notice_id": notice["id"],
		"notice_sha256": notice["sha256"].(object)["en"], "locale": "en", "by": "self"})
}

// agrees holds that the receipt comes with the promise of a place in the log.
func (v *visit) agrees() {
	v.t.Helper()
	if receipt := v.decides("granted"); receipt["promise"] == nil {
		v.t.Errorf("a consent is answered %v", receipt)
	}
}

func (v *visit) check(attempt string) (int, object) {
	v.t.Helper()
	return v.ask("POST", "/v1/verify", v.token, photographed(attempt))
}

// photographed is the body of a check.
func photographed(attempt string) object {
	return object{"attempt_id": attempt, "image": base64.StdEncoding.EncodeToString(portraits.Hopper), "capture": "stream"}
}

func (v *visit) checked(attempt, want string) {
	v.t.Helper()
	if status, answer := v.check(attempt); status != 200 || len(answer) != 1 || answer["result"] != want {
		v.t.Errorf("a check is answered %d %v, want %s", status, answer, want)
	}
}
