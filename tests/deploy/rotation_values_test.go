package deploy

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/cmd/nod/demo"
	"nod/shared/domain"
	"nod/shared/face/localapi"
	"nod/shared/face/localapi/register"
	"nod/shared/vault"
	"nod/tests/postgres"
)

// keyset is the data key with its primary one named, as the two steps of the manual make it.
func keyset(t *testing.T, primary string, all ...string) string {
	t.Helper()
	type set struct {
		Primary json.RawMessage   `json:"primaryKeyId"`
		Keys    []json.RawMessage `json:"key"`
	}
	var whole set
	for _, text := range append([]string{primary}, all...) {
		var one set
		b, err := base64.StdEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(b, &one)
		}
		if err != nil {
			t.Fatal(err)
		}
		if whole.Primary == nil {
			whole.Primary = one.Primary
			continue
		}
		whole.Keys = append(whole.Keys, one.Keys...)
	}
	b, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func dataKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	tenant := c.enterprise()
	c.call("GET", "/readyz", "", nil)
	old := c.values["NOD_DATA_KEY"]
	next, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	put := func(key string) *cloud {
		return c.renewed(map[string]string{"NOD_DATA_KEY": key}, "session", "consent", "verify", "admin", c.reached("/readyz"))
	}
	known, turned, alone := put(keyset(t, old, old, next)), put(keyset(t, next, old, next)), put(next)
	people := 0
	// What one encrypts, the other reads: a reference, and what somebody asks.
	crossed := func(one, other *cloud) {
		t.Helper()
		people++
		v := one.visit(tenant, fmt.Sprintf("emp-%d-pass", people))
		v.agrees()
		v.at(other).checked("a1", "pass")
		const asks = "Please explain how it came out."
		id := v.call("POST", "/v1/me/requests", v.token, object{"kind": "explain", "text": asks})["id"]
		if read := other.call("GET", fmt.Sprint("/v1/requests/", id), tenant.Admin, nil); read["text"] != asks {
			t.Errorf("the other process reads %v", read["text"])
		}
	}
	for _, pair := range [][2]*cloud{{c, known}, {known, turned}} {
		crossed(pair[0], pair[1])
		crossed(pair[1], pair[0])
		pair[1].call("GET", "/readyz", "", nil)
	}
	v := turned.visit(tenant, "emp-9-pass")
	v.agrees()
	if status, p := v.at(c).check("a1"); status < 400 {
		t.Errorf("a process that was never told of the new key answers %d %v", status, p)
	}
	if status, _ := alone.ask("GET", "/readyz", "", nil); status != 503 {
		t.Errorf("without the key that the database was begun with it is ready: %d", status)
	}
}

func operatorKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	first, next := c.operator, domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()
	d := c.renewed(map[string]string{"NOD_OPERATOR_KEY": next}, "admin")
	named := c.call("POST", "/v1/operators", first, object{"holder": "Li Na"})
	c.works(t, first, 200)
	d.works(t, next, 200)
	d.works(t, first, 401) // it ends with the processes that know it
	another := d.call("POST", "/v1/operators", next, object{"holder": "Li Na"})
	for _, at := range []*cloud{c, d} {
		at.works(t, named["key"], 200)
		at.works(t, another["key"], 200)
	}
	d.call("POST", fmt.Sprint("/v1/keys/", named["id"], "/revoke"), another["key"].(string), nil)
	for _, at := range []*cloud{c, d} {
		at.works(t, named["key"], 401)
		at.works(t, another["key"], 200)
	}
}

// works holds how the key is answered where operators work.
func (c *cloud) works(t *testing.T, key any, want int) {
	t.Helper()
	if status, p := c.ask("GET", "/v1/enterprises", fmt.Sprint(key), nil); status != want {
		t.Errorf("the key is answered %d %v, want %d", status, p, want)
	}
}

func enterpriseKeys(t *testing.T) {
	c := newCloud(t, "lambda")
	tenant := c.enterprise()
	d := c.renewed(nil, "session")
	keys := "/v1/enterprises/" + tenant.Enterprise + "/keys"
	wish := object{"role": "integrator", "holder": "Li Na, the platform"}
	first, second := c.call("POST", keys, c.operator, wish), c.call("POST", keys, c.operator, wish)
	if status, p := c.ask("POST", keys, c.operator, wish); p["type"] != "/problems/too-many-keys" {
		t.Errorf("a third is answered %d %v", status, p)
	}
	reads := func(key object, want int) {
		t.Helper()
		for _, at := range []*cloud{c, d} {
			if status, p := at.ask("GET", "/v1/sessions", key["key"].(string), nil); status != want {
				t.Errorf("the key is answered %d %v, want %d", status, p, want)
			}
		}
	}
	reads(first, 200)
	reads(second, 200)
	c.call("POST", fmt.Sprint("/v1/keys/", first["id"], "/revoke"), c.operator, nil)
	reads(first, 401)
	reads(second, 200)
}

// vendor is the face API with the pairs that a sub-account has.
type vendor struct {
	t     *testing.T
	mu    sync.Mutex
	pairs map[string]http.Handler
}

var signedBy = regexp.MustCompile(`Credential=([^/]+)/`)

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	id := ""
	if m := signedBy.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		id = m[1]
	}
	api, known := v.pairs[id]
	if !known {
		api = v.pairs["nobody's"]
	}
	api.ServeHTTP(w, r)
}

// takes has it take a pair from now on.
func (v *vendor) takes(id, key, token string) {
	v.t.Helper()
	api, err := localapi.New(localapi.Options{SecretID: id, SecretKey: key, Token: token})
	if err != nil {
		v.t.Fatal(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pairs[id] = api
}

func (v *vendor) disables(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.pairs, id)
}

// atTheVendor is a cloud, an enterprise whose checks are real, the vendor, and how verify is
// renewed with credentials.
func atTheVendor(t *testing.T) (*cloud, demo.Tenant, *vendor, func(id, key, token string) *cloud) {
	t.Helper()
	c := newCloud(t, "lambda")
	tenant, err := demo.Enter(t.Context(), demo.Client{Base: c.gateway.URL}, c.operator, "https://lms.example.com", domain.Live)
	if err != nil {
		t.Fatal(err)
	}
	v := &vendor{t: t, pairs: map[string]http.Handler{}}
	v.takes("nobody's", "key-of-nobody", "")
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	return c, tenant, v, func(id, key, token string) *cloud {
		return c.renewed(map[string]string{"NOD_FACE_ENDPOINT": server.URL, "NOD_FACE_SECRET_ID": id,
			"NOD_FACE_SECRET_KEY": key, "NOD_FACE_TOKEN": token}, "verify")
	}
}

// registers is somebody whose name and number the vendor is about to be asked about.
func (c *cloud) registers(tenant demo.Tenant, subject string) *visit {
	c.t.Helper()
	who := register.At(time.Now())[0]
	s := c.call("POST", "/v1/sessions", tenant.Integrator, object{"kind": "check", "purpose": "realname", "route": "two_factor", "subject": subject,
		"age_group": "adult", "resource": "register/1", "reference": object{"identity": object{"name": who.Name, "id_number": who.IDNumber}}, "locale": "en"})
	opened := c.call("POST", "/v1/session/open", "", object{"code": s["code"]})
	v := &visit{c, s["id"].(string), opened["token"].(string)}
	v.agrees()
	return v
}

func (v *visit) asksTheAuthority(attempt string) (int, object) {
	v.t.Helper()
	return v.ask("POST", "/v1/verify", v.token, object{"attempt_id": attempt})
}

// passes holds that a check by one of these processes comes to a pass.
func (v *visit) passes(attempt string) {
	v.t.Helper()
	if status, answer := v.asksTheAuthority(attempt); status != 200 || answer["result"] != "pass" {
		v.t.Errorf("a check is answered %d %v", status, answer)
	}
}

// turnedDown holds that it comes to nothing, and why, and that it used no attempt: the
// person passes at the other processes.
func (v *visit) turnedDown(attempt string, then *cloud) {
	v.t.Helper()
	status, p := v.asksTheAuthority(attempt)
	if status != 503 || p["type"] != "/problems/face-api-refused" || p["request_id"] == nil || p["attempt_used"] == true {
		v.t.Errorf("a check with credentials that are none is answered %d %v", status, p)
	}
	v.at(then).passes(attempt + "-again")
}

func facePairs(t *testing.T) {
	_, tenant, vendor, put := atTheVendor(t)
	vendor.takes("AKID-the-first", "key-of-the-first-pair", "")
	vendor.takes("AKID-the-second", "key-of-the-second-pair", "")
	first, second := put("AKID-the-first", "key-of-the-first-pair", ""), put("AKID-the-second", "key-of-the-second-pair", "")
	half := put("AKID-the-second", "key-of-the-first-pair", "")
	first.registers(tenant, "emp-1").passes("a1")
	second.registers(tenant, "emp-2").passes("a1")
	half.registers(tenant, "emp-3").turnedDown("a1", first)
	vendor.disables("AKID-the-first")
	first.registers(tenant, "emp-4").turnedDown("a1", second)
}

func temporaryCredentials(t *testing.T) {
	_, tenant, vendor, put := atTheVendor(t)
	vendor.takes("AKID-until-noon", "key-until-noon", "token-until-noon")
	vendor.takes("AKID-until-night", "key-until-night", "token-until-night")
	noon, night := put("AKID-until-noon", "key-until-noon", "token-until-noon"), put("AKID-until-night", "key-until-night", "token-until-night")
	noon.registers(tenant, "emp-1").passes("a1")
	night.registers(tenant, "emp-2").passes("a1")
	put("AKID-until-night", "key-until-night", "").registers(tenant, "emp-3").turnedDown("a1", night)
	vendor.disables("AKID-until-noon")
	noon.registers(tenant, "emp-4").turnedDown("a1", night)
}

// databaseUsers makes them by the manual's own statements. The tests' server takes anybody's
// word for a password, so a user whose password was changed is one who may not sign in.
func databaseUsers(t *testing.T) {
	database := postgres.Database(t)
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(address.Path, "/")
	admin, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(t.Context()) })
	_, statements, _ := strings.Cut(operate(t), "```sql\n")
	statements, _, found := strings.Cut(statements, `\password`)
	if !found {
		t.Fatal("docs/operate.md has no statements for the users")
	}
	ofTheTest := strings.NewReplacer("nod_a", name+"_a", "nod_b", name+"_b", "DATABASE nod", "DATABASE "+name, "nod", name+"_owner")
	if _, err := admin.Exec(t.Context(), ofTheTest.Replace(statements)); err != nil {
		t.Fatal(err)
	}
	as := func(user string) string {
		u := *address
		u.User = url.User(name + "_" + user)
		return u.String()
	}
	c := newCloudOn(t, "lambda", as("a"))
	tenant := c.enterprise()
	all := []string{"session", "consent", "verify", "admin", "export", "page", "maintain"}
	d := c.renewed(map[string]string{"NOD_DB": as("b")}, all...)
	for i, pair := range [][2]*cloud{{c, d}, {d, c}} {
		v := pair[0].visit(tenant, fmt.Sprintf("emp-%d-pass", i))
		v.agrees()
		v.at(pair[1]).checked("a1", "pass")
		pair[1].tick()
	}
	if _, err := admin.Exec(t.Context(), "ALTER ROLE "+name+"_a NOLOGIN"); err != nil {
		t.Fatal(err)
	}
	v := d.visit(tenant, "emp-3-pass")
	v.agrees()
	v.checked("a1", "pass")
	d.tick()
	late := c.renewed(nil, c.reached("/readyz"))
	if status, _ := late.ask("GET", "/readyz", "", nil); status != 503 {
		t.Errorf("a process with the old user's password is ready: %d", status)
	}
}
