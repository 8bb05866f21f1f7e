package contract

import (
	"database/sql"
	"os/exec"
	"strings"
	"testing"

	"nod/shared/boot"
	"nod/shared/boot/outside"
	"nod/shared/runtime/gateway"
	"nod/shared/runtime/lambda/runtimeapi"
	"nod/shared/runtime/scf/scfrpc"
	"nod/shared/store"
	"nod/shared/store/migrate"
	"nod/shared/vault"
	"nod/tests/postgres"
)

// maintain is what functions/maintain does, line for line.
func maintain() int { return boot.Timed((*boot.Nod).Maintain, outside.Sequencing, boot.Signing) }

// maintainIn is the function with a database, configured as in a cloud.
func maintainIn(t *testing.T, db string) *exec.Cmd {
	t.Helper()
	data, err := vault.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	cmd := function("maintain")
	cmd.Env = append(cmd.Env, "NOD_PUBLIC_URL=https://nod.example.com", "NOD_DB="+db, "NOD_REGION=ap-guangzhou",
		"NOD_DATA_KEY="+data, "NOD_INDEX_KEY="+vault.RandomKey(), "NOD_ASSERTION_KEY="+vault.RandomKey(), "NOD_CHECKPOINT_KEY="+vault.RandomKey(),
		"NOD_OBJECTS=s3://127.0.0.1:1/nod?region=ap-guangzhou", "NOD_OBJECTS_ID=id", "NOD_OBJECTS_KEY=key")
	return cmd
}

// Each cloud's timer reaches the work: an answer that was kept beyond its day is gone.
func TestTheTimersOfBothCloudsReachMaintain(t *testing.T) {
	t.Parallel()
	db := postgres.Database(t)
	st, err := store.Open(db, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	onLambda, onSCF := runtimeapi.Start(t, maintainIn(t, db)), scfrpc.Start(t, maintainIn(t, db))

	// Before there is a schema the work fails, and the platform learns no more than that.
	result, err := onLambda.Invoke(fixture(t, "lambda-eventbridge-schedule"), patience)
	if err != nil || !result.Failed || !strings.Contains(string(result.Payload), gateway.ErrTimerFailed.Error()) || strings.Contains(string(result.Payload), "sessions") {
		t.Errorf("lambda: %v %s", err, result.Payload)
	}
	onTencent, err := onSCF.Invoke(fixture(t, "scf-timer"), patience)
	if err != nil || onTencent.Error == nil || onTencent.Error.Message != gateway.ErrTimerFailed.Error() {
		t.Errorf("scf: %v %+v", err, onTencent.Error)
	}

	if _, err := migrate.Up(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	for name, tick := range map[string]func(){
		"lambda, rule":     func() { invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-schedule"), patience) },
		"lambda, schedule": func() { invokeLambda(t, onLambda, fixture(t, "lambda-eventbridge-scheduler"), patience) },
		"scf":              func() { invokeSCF(t, onSCF, fixture(t, "scf-timer"), patience) },
	} {
		keepAnOldAnswer(t, st)
		tick()
		if n := answersIn(t, st); n != 0 {
			t.Errorf("%s: %d old answers are left\n%s%s", name, n, onLambda.Log(), onSCF.Log())
		}
	}
	// It serves nothing but its health.
	for path, status := range map[string]int{"/healthz": 200, "/v1/sessions": 404} {
		got := eventAnswer(t, invokeLambda(t, onLambda, lambdaGateways[0].eventOf(t, call{method: "GET", path: path}), patience))
		if got.status != status {
			t.Errorf("%s: %d, want %d", path, got.status, status)
		}
	}
}

func keepAnOldAnswer(t *testing.T, st *store.Store) {
	t.Helper()
	err := st.Admin(func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), `INSERT INTO answers (realm, actor, once_key, fingerprint, answer, created_at)
			VALUES ($1, 'a', 'k', 'f', '', 1)`, string(store.NewID()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func answersIn(t *testing.T, st *store.Store) (n int) {
	t.Helper()
	err := st.Admin(func(db *sql.DB) error {
		return db.QueryRowContext(t.Context(), `SELECT count(*) FROM answers`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
