package bench

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nod/cmd/nod/demo"
	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face/localapi/portraits"
	"nod/shared/store/migrate"
	"nod/shared/vault"
	"nod/tests/postgres"
	"nod/tests/wire"
)

func TestMain(m *testing.M) { postgres.Main(m) }

type object = map[string]any

// world is an enterprise at a Nod with a PostgreSQL, in test mode.
type world struct {
	tb      testing.TB
	nod     *boot.Nod
	db      *pgx.Conn
	dsn     string
	client  demo.Client
	tenant  demo.Tenant
	samples []sample // what one person's check left in the log
	people  int64    // that were added to it
	log     tree
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return worldAt(tb, postgres.Database(tb))
}

func worldAt(tb testing.TB, dsn string) *world {
	tb.Helper()
	return worldIn(tb, dsn, domain.Test, "http://127.0.0.1:1")
}

// worldIn is an enterprise in a mode, whose faces are compared at an endpoint.
func worldIn(tb testing.TB, dsn string, mode domain.Mode, faces string) *world {
	tb.Helper()
	w := &world{tb: tb, dsn: dsn}
	dataKey, err := vault.NewDataKey()
	w.must(err)
	w.open(config.Config{
		PublicURL: "http://127.0.0.1:8080", DB: config.Secret(w.dsn), Connections: 8, Region: "ap-guangzhou", FaceEndpoint: faces, FaceID: "id", FaceKey: "key", FaceTimeout: config.Duration(time.Minute), FaceRate: 50,
		OperatorKey:  config.Secret(domain.Bearer{Kind: string(domain.Operator), Secret: vault.NewSecret()}.String()),
		AssertionKey: config.Secret(vault.RandomKey()), DataKey: config.Secret(dataKey), IndexKey: config.Secret(vault.RandomKey()),
		Checkpoints: config.Secret(vault.RandomKey()), PromiseKey: config.Secret(vault.RandomKey()), Objects: "file:" + tb.TempDir(),
	})
	_, err = migrate.Up(w.ctx(), w.nod.Store)
	w.must(err)
	w.db, err = pgx.Connect(w.ctx(), w.dsn)
	w.must(err)
	tb.Cleanup(func() { _ = w.db.Close(context.Background()) })
	w.serve()
	w.tenant, err = demo.Enter(w.ctx(), w.client, string(w.nod.Config.OperatorKey), "https://lms.example.com", mode)
	w.must(err)
	w.sample()
	return w
}

// open starts a Nod.
func (w *world) open(c config.Config) {
	w.tb.Helper()
	n, err := boot.NewWith(boot.Options{}, c, io.Discard, boot.Face, boot.Signing, boot.Operator, outside.Sequencing, boot.Promising)
	w.must(err)
	w.nod = n
	w.tb.Cleanup(func() { _ = n.Store.Close() })
}

// serve has the client reach the Nod.
func (w *world) serve() {
	server := httptest.NewServer(w.nod.All())
	w.tb.Cleanup(server.Close)
	w.client = demo.Client{Base: server.URL}
}

// through is the same with one connection that goes through a proxy, and prepares nothing.
func (w *world) through(p *wire.Proxy) *world { return w.at(p.Plain(), 1) }

// at is the same over other connections.
func (w *world) at(dsn string, connections int) *world {
	w.tb.Helper()
	o := *w
	c := w.nod.Config
	c.DB, c.Connections = config.Secret(dsn), config.Count(connections)
	o.open(c)
	o.serve()
	return &o
}

// plans is how the server plans what Nod sends: each time, or once for a connection. What is
// held against it has to have the same done.
func (w *world) plans() (mode string) {
	w.tb.Helper()
	w.must(w.nod.Store.Admin(func(db *sql.DB) error {
		return db.QueryRowContext(w.ctx(), "SHOW plan_cache_mode").Scan(&mode)
	}))
	return mode
}

func (w *world) ctx() context.Context { return w.tb.Context() }

func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// call makes a call that must succeed.
func (w *world) call(method, path, bearer string, body any) (answer object) {
	w.tb.Helper()
	r, err := w.client.Do(w.ctx(), method, path, bearer, body)
	w.must(err)
	if r.Status >= 400 {
		w.tb.Fatalf("%s %s: %d %s", method, path, r.Status, r.Body)
	}
	w.must(json.Unmarshal(r.Body, &answer))
	return answer
}

// environment is the configuration, as the nod command takes it.
func (w *world) environment() []string {
	c := w.nod.Config
	env := os.Environ()
	for name, value := range map[string]string{
		"DB": w.dsn, "PUBLIC_URL": c.PublicURL, "REGION": c.Region, "OBJECTS": c.Objects, "DATA_KEY": string(c.DataKey), "INDEX_KEY": string(c.IndexKey),
		"ASSERTION_KEY": string(c.AssertionKey), "CHECKPOINT_KEY": string(c.Checkpoints), "OPERATOR_KEY": string(c.OperatorKey), "DB_CONNECTIONS": "8",
	} {
		env = append(env, config.Prefix+"_"+name+"="+value)
	}
	return env
}

// sample has somebody agree and pass, and keeps what that left in the log.
func (w *world) sample() {
	w.tb.Helper()
	s := w.call("POST", "/v1/sessions", w.tenant.Integrator, object{"kind": "check", "purpose": "exam", "route": "photo", "subject": "emp-pass",
		"age_group": "adult", "resource": "exam/1", "reference": object{"photo_url": "https://lms.example.com/1.png"}, "locale": "en"})
	token := w.call("POST", "/v1/session/open", "", object{"code": s["code"]})["token"].(string)
	notice := w.call("GET", "/v1/session", token, nil)["notice"].(object)
	w.call("POST", "/v1/consent", token, object{"decision": "granted", "notice_id": notice["id"], "notice_sha256": notice["sha256"].(object)["en"],
		"locale": "en", "by": "self"})
	w.call("POST", "/v1/verify", token, object{"attempt_id": "a1", "image": base64.StdEncoding.EncodeToString(portraits.Hopper), "capture": "stream"})
	rows, err := w.db.Query(w.ctx(), `SELECT type, purpose, line FROM records WHERE subject <> '' ORDER BY subject_seq`)
	w.must(err)
	w.samples, err = pgx.CollectRows(rows, pgx.RowToStructByPos[sample])
	w.must(err)
	if len(w.samples) < 4 || !strings.Contains(fmt.Sprint(w.samples), "check.passed") {
		w.tb.Fatalf("somebody's check left %v", w.samples)
	}
}
