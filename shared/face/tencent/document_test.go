package tencent_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/face/tencent"
	"nod/shared/problem"
)

var update = flag.Bool("update", false, "write docs/face-api-codes.md anew")

// TestTheDocumentIsTheTable holds docs/face-api-codes.md against the table of codes.
func TestTheDocumentIsTheTable(t *testing.T) {
	const path = "../../../docs/face-api-codes.md"
	want := document(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != want {
		t.Errorf("docs/face-api-codes.md is not what the table says (%v): go test ./shared/face/tencent -update", err)
	}
}

func document(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`# What the face API's codes mean

Every error code that Tencent Cloud documents for CompareFace and DetectLiveFaceAccurate, and what Nod answers to it. None is a pass or a fail, and none uses an attempt. ` + "`.*`" + ` stands for the codes of a class that are not listed; any other code is ` + "`/problems/face-api-unknown-code`" + `. The operator finds the code in the log line of the call, as ` + "`upstream`" + `; nobody else is told it.

This page is made from the table in ` + "`shared/face/tencent/codes.go`" + `; [problems.md](problems.md) says more about each problem.

| code of the face API | answer | status | Retry-After | the person reads |
|---|---|---|---|---|
`)
	for _, name := range tencent.Names() {
		o := tencent.Meaning(strings.Replace(name, ".*", ".SomethingNew", 1))
		d := problem.For(&domain.Refusal{Reason: o.Reason, RetryAfter: o.RetryAfter}, domain.English, "")
		if d.AttemptUsed == nil || *d.AttemptUsed {
			t.Errorf("%s: no word that the attempt was not used", name)
		}
		wait := ""
		if d.RetryAfter > 0 {
			wait = fmt.Sprint(d.RetryAfter, " s")
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %d | %s | %s. %s |\n", name, d.Type, d.Status, wait, strings.TrimSuffix(d.Title, "."), d.Detail)
	}
	return b.String()
}
