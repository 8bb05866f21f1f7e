package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"nod/cmd/nod/demo"
	"nod/shared/vault"
)

// rotations are the rows of "Rotating keys" in docs/operate.md. Each goes through the steps
// that its row tells, with processes of before and after a step at work side by side.
var rotations = map[string]func(*testing.T){
	"assertion-key":                   assertionKeys,
	"promise-key":                     promiseKeys,
	"checkpoint-key":                  checkpointKeys,
	"data-key":                        dataKeys,
	"index-key":                       indexKey,
	"operator keys":                   operatorKeys,
	"keys of enterprises":             enterpriseKeys,
	"webhook secrets":                 webhookSecrets,
	"face-secret-id, face-secret-key": facePairs,
	"temporary face-API credentials":  temporaryCredentials,
	"db":                              databaseUsers,
	"the clouds' KMS key":             cloudsKeys,
}

func TestEveryKeyIsRotatedWithoutAGap(t *testing.T) {
	_, page, _ := strings.Cut(operate(t), "## Rotating keys")
	page, _, _ = strings.Cut(page, "\n## ")
	var told []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \| .{10}`).FindAllStringSubmatch(page, -1) {
		told = append(told, strings.ReplaceAll(row[1], "`", ""))
	}
	slices.Sort(told)
	if tested := slices.Sorted(maps.Keys(rotations)); !slices.Equal(told, tested) {
		t.Errorf("docs/operate.md tells how to rotate %q, and tested are %q", told, tested)
	}
	for name, rotate := range rotations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rotate(t)
		})
	}
}

// renewed is the cloud after a value was put and the functions that read it were renewed.
// The processes of before go on: both may be asked.
func (c *cloud) renewed(put map[string]string, functions ...string) *cloud {
	c.t.Helper()
	d := *c
	d.invoke, d.abandon = maps.Clone(c.invoke), maps.Clone(c.abandon)
	d.values = maps.Clone(c.values)
	maps.Copy(d.values, put)
	d.secrets.add(put)
	for _, function := range functions {
		cmd := c.command(function)
		for name, value := range put {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		d.start(function, cmd)
	}
	d.stands()
	return &d
}

// at is the same person, whose next call meets another process.
func (v *visit) at(c *cloud) *visit { return &visit{c, v.id, v.token} }

// genuine reports whether what was signed verifies with the keys that a cloud publishes.
func (c *cloud) genuine(signed any, published string) bool {
	c.t.Helper()
	_, content := c.send("GET", published, "", nil)
	text, _ := signed.(string)
	j, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		c.t.Fatalf("what was signed is %v: %v", signed, err)
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(content, &keys); err != nil {
		c.t.Fatalf("%s: %v", published, err)
	}
	for _, key := range keys.Key(j.Signatures[0].Header.KeyID) {
		if _, err := j.Verify(key); err == nil {
			return true
		}
	}
	return false
}

// sideBySide holds, for each step, that what a process of before or after it signs verifies
// with the keys of either, and that to leave the steps out would not do.
func sideBySide(t *testing.T, published string, steps []*cloud, shortcut *cloud, signs func(*cloud) any) {
	t.Helper()
	signed := make([]any, len(steps))
	for i, step := range steps {
		signed[i] = signs(step)
	}
	for i := 1; i < len(steps); i++ {
		for _, by := range []int{i - 1, i} {
			for _, at := range []int{i - 1, i} {
				if !steps[at].genuine(signed[by], published) {
					t.Errorf("step %d: what a process of step %d signed does not verify at one of step %d", i, by, at)
				}
			}
		}
	}
	if steps[0].genuine(signs(shortcut), published) {
		t.Error("a new key put alone is known to processes that were never told of it")
	}
}

func assertionKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	tenant := c.enterprise()
	v := c.visit(tenant, "emp-1-pass")
	v.agrees()
	v.checked("a1", "pass")
	old, next := c.values["NOD_ASSERTION_KEY"], vault.RandomKey()
	put := func(keys string) *cloud { return c.renewed(map[string]string{"NOD_ASSERTION_KEY": keys}, "session") }
	steps := []*cloud{c, put(old + "," + next), put(next + "," + old), put(next)}
	sideBySide(t, "/.well-known/jwks.json", steps, steps[3], func(at *cloud) any {
		return at.call("GET", "/v1/sessions/"+v.id, tenant.Integrator, nil)["assertion"]
	})
}

func promiseKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	tenant := c.enterprise()
	old, next := c.values["NOD_PROMISE_KEY"], vault.RandomKey()
	put := func(keys string) *cloud { return c.renewed(map[string]string{"NOD_PROMISE_KEY": keys}, "consent") }
	const published = "/.well-known/promise-jwks.json"
	people := 0
	promised := func(at *cloud) any {
		people++
		return at.visit(tenant, fmt.Sprintf("emp-%d-pass", people)).decides("granted")["promise"]
	}
	first := promised(c)
	steps := []*cloud{c, put(old + "," + next), put(next + "," + old)}
	sideBySide(t, published, steps, put(next), promised)
	if !steps[2].genuine(first, published) {
		t.Error("a promise that somebody kept does not verify after the rotation")
	}
}

func checkpointKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	tenant := c.enterprise()
	old, next := c.values["NOD_CHECKPOINT_KEY"], vault.RandomKey()
	put := func(keys string) *cloud {
		return c.renewed(map[string]string{"NOD_CHECKPOINT_KEY": keys}, "maintain")
	}
	both, turned, alone := put(old+","+next), put(next+","+old), put(next)
	people := 0
	grows := func(at *cloud) bool {
		before := at.published(tenant)
		people++
		at.visit(tenant, fmt.Sprintf("emp-%d-pass", people)).decides("refused")
		at.tick()
		return at.published(tenant) != before
	}
	c.tick()
	kept := c.published(tenant)
	for i, at := range []*cloud{c, both, c, both, turned, both, turned} {
		if !grows(at) {
			t.Errorf("the log stands still at %d", i)
		}
	}
	if keys := turned.call("GET", "/v1/log/keys", tenant.Auditor, nil)["keys"].([]any); len(keys) != 2 {
		t.Errorf("auditors are told of the keys %v", keys)
	}
	for _, checkpoint := range []string{kept, turned.published(tenant)} {
		if _, err := turned.bundle(tenant, checkpoint); err != nil {
			t.Errorf("the bundle of after: %v", err)
		}
	}
	grows(alone)
	if _, err := alone.bundle(tenant, kept); err == nil {
		t.Error("the old key was taken away, and what was kept from its time verifies all the same")
	}
}

// published is the checkpoint that is published, or none.
func (c *cloud) published(tenant demo.Tenant) string {
	c.t.Helper()
	r, checkpoint := c.send("GET", "/v1/log/checkpoint", tenant.Auditor, nil)
	if r.StatusCode != 200 {
		return ""
	}
	return string(checkpoint)
}

func indexKey(t *testing.T) {
	c := newCloud(t, "lambda")
	c.call("GET", "/readyz", "", nil)
	d := c.renewed(map[string]string{"NOD_INDEX_KEY": vault.RandomKey()}, c.reached("/readyz"))
	if status, _ := d.ask("GET", "/readyz", "", nil); status != 503 {
		t.Errorf("with another index key it is ready: %d", status)
	}
}

// webhookSecrets is in the database, and signs what goes to a public address alone; so
// package api rotates it, on a network of its own.
func webhookSecrets(t *testing.T) {
	has(t, "tests/api/webhooks_test.go", "func TestBothSecretsSignForADayAfterARotation(")
}

// cloudsKeys are the clouds' own to rotate; they are told to.
func cloudsKeys(t *testing.T) {
	has(t, "infra/aws/key.tf", "enable_key_rotation     = true")
	has(t, "infra/tencent/storage.tf", "key_rotation_enabled          = true")
}

func has(t *testing.T, file, text string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil || !strings.Contains(string(content), text) {
		t.Errorf("%s has no %q (%v)", file, text, err)
	}
}
