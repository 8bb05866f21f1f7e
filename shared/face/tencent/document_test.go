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

Every error code that Tencent Cloud documents for CompareFace and DetectLiveFaceAccurate, those of FaceID that concern the calls Nod makes, and what Nod answers to it. None is a pass or a fail, and none uses an attempt. ` + "`.*`" + ` stands for the codes of a class that are not listed; any other code is ` + "`/problems/face-api-unknown-code`" + `. The operator finds the code in the log line of the call, as ` + "`upstream`" + `; nobody else is told it.

This page is made from the tables in ` + "`shared/face/tencent/codes.go`" + ` and those in ` + "`results.go`" + `; [problems.md](problems.md) says more about each problem.

| code of the face API | answer | status | Retry-After | the person reads |
|---|---|---|---|---|
`)
	for _, name := range tencent.Names() {
		b.WriteString(row(t, name, tencent.Meaning(strings.Replace(name, ".*", ".SomethingNew", 1))))
	}
	b.WriteString(`
# What FaceID's results mean

FaceID tells what came of a check in a successful answer. A result that is not listed is ` + "`/problems/face-api-unknown-code`" + `, never a pass and never a fail. A pass of ImageRecognitionV2 also needs a similarity of 70 or more, which is the vendor's false-accept rate of 1e-4; one of GetDetectInfoEnhanced needs LiveStatus 0 and Comparestatus 0 too.
`)
	for _, r := range tencent.All {
		fmt.Fprintf(&b, "\n## %s\n\n| result | answer | status | Retry-After | the person reads |\n|---|---|---|---|---|\n", r.Action)
		for _, code := range r.Codes() {
			o := r.Meaning(code)
			if o.Reason == "" {
				fmt.Fprintf(&b, "| `%s` | `{\"result\":\"%s\"}` | 200 | | |\n", code, o.Result)
				continue
			}
			b.WriteString(row(t, code, o))
		}
	}
	return b.String()
}

func row(t *testing.T, name string, o domain.Outcome) string {
	d := problem.For(&domain.Refusal{Reason: o.Reason, RetryAfter: o.RetryAfter}, domain.English, "")
	if d.AttemptUsed == nil || *d.AttemptUsed {
		t.Errorf("%s: no word that the attempt was not used", name)
	}
	wait := ""
	if d.RetryAfter > 0 {
		wait = fmt.Sprint(d.RetryAfter, " s")
	}
	return fmt.Sprintf("| `%s` | `%s` | %d | %s | %s. %s |\n", name, d.Type, d.Status, wait, strings.TrimSuffix(d.Title, "."), d.Detail)
}
