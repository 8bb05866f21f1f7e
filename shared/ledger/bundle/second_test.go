package bundle_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nod/shared/ledger/bundle"
)

// batch has the second verifier look at many bundles in one process. It is told of each:
// file, key, checkpoint.
const batch = `
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import verify
for line in open(sys.argv[2]):
    print(json.dumps(line.split()[0]), end=" ")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        verify.main(line.split())
    print(said.getvalue().splitlines()[-1])
`

// trial is a bundle for both verifiers.
type trial struct {
	raw  []byte
	with bundle.Options
}

// secondOpinion is what the verifier in Python says of each.
func secondOpinion(t *testing.T, trials []trial) (said []string) {
	t.Helper()
	folder := t.TempDir()
	var list strings.Builder
	for i, try := range trials {
		file := filepath.Join(folder, fmt.Sprint(i))
		must(os.WriteFile(file, try.raw, 0o600))
		with := key
		if len(try.with.Keys) > 0 {
			with = try.with.Keys[0]
		}
		fmt.Fprint(&list, file, " ", with)
		if try.with.Checkpoint != nil {
			must(os.WriteFile(file+".checkpoint", try.with.Checkpoint, 0o600))
			fmt.Fprint(&list, " ", file+".checkpoint")
		}
		fmt.Fprintln(&list)
	}
	index := filepath.Join(folder, "list")
	must(os.WriteFile(index, []byte(list.String()), 0o600))
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("the second verifier needs python3: run make setup")
	}
	out, err := exec.CommandContext(t.Context(), python, "-B", "-c", batch, "../../../tests/verify", index).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said = strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(said) != len(trials) {
		t.Fatalf("%d answers to %d questions: %s", len(said), len(trials), out)
	}
	for i := range said {
		_, said[i], _ = strings.Cut(said[i], " ")
	}
	return said
}

// sum is the reconciliation as the second verifier tells it.
func sum(r bundle.Reconciliation) string {
	raw, err := json.Marshal(map[string]int64{
		"started": r.Started, "no_consent": r.NoConsent, "consent_over": r.ConsentOver, "stale_notice": r.StaleNotice,
		"delegation_over": r.DelegationOver, "concluded": r.Concluded, "no_start": r.NoStart, "without_outcome": r.WithoutOutcome,
	})
	must(err)
	return string(raw)
}

// A verifier that somebody wrote from the description alone must come to the same.
func TestTheSecondVerifierAgrees(t *testing.T) {
	var names []string
	var trials []trial
	add := func(name string, raw []byte, with bundle.Options) {
		names, trials = append(names, name), append(trials, trial{raw, with})
	}
	w := newWorld()
	for name, c := range cuts(w) {
		p := w.stamped(c, 1, 13, len(w.records))
		add(name, zipped(p.entries()), bundle.Options{Checkpoint: w.seal().checkpoint(13)})
	}
	for name, f := range forgeries() {
		if name != "no key" && f.want != bundle.WrongReport { // at which the second says that it does not look
			add(name, f.made(), f.with)
		}
	}
	for range 300 { // a bit of anything, and a manifest to fit
		s := small()
		p := s.stamped(cut{}, 3, len(s.records))
		f := &p.files[rand.IntN(len(p.files))]
		if f.name == "report.html" {
			continue
		}
		f.data = slices.Clone(f.data)
		if len(f.data) > 0 {
			f.data[rand.IntN(len(f.data))] ^= 1 << rand.IntN(8)
		}
		add("a bit of "+f.name, zipped(p.entries()), bundle.Options{})
	}
	for range 200 { // and of a timestamp
		s := small()
		p := s.stamped(cut{}, len(s.records))
		f := &p.files[len(p.files)-1]
		f.data[rand.IntN(len(f.data))] ^= 1 << rand.IntN(8)
		add("a bit of "+f.name, zipped(p.entries()), bundle.Options{})
	}
	for i, said := range secondOpinion(t, trials) {
		r, err := verify(trials[i].raw, trials[i].with)
		verdict, rest, _ := strings.Cut(said, " ")
		switch {
		case (err == nil) != (verdict == "verified"):
			t.Errorf("%s: the first says %v, the second %s", names[i], err, said)
		case err == nil:
			var theirs, ours map[string]int64
			if json.Unmarshal([]byte(rest), &theirs) != nil || json.Unmarshal([]byte(sum(r.Reconciliation)), &ours) != nil || fmt.Sprint(theirs) != fmt.Sprint(ours) {
				t.Errorf("%s: %v and %v", names[i], ours, theirs)
			}
		case string(word(err))+":" != verdict && !strings.HasPrefix(names[i], "a bit of"): // which may be the first of several faults
			t.Errorf("%s: both find a fault, %v and %s", names[i], err, said)
		}
	}
}
