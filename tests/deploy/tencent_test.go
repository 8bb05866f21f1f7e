package deploy

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyfunc "github.com/zclconf/go-cty/cty/function"
)

// ofTable is a function's row of the table that both clouds' deployments read.
type ofTable struct {
	Memory, Timeout int
	Secrets, Paths  []string
}

func table(t *testing.T) (rows map[string]ofTable) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "infra", "functions.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestBothCloudsAreToldOfTheSameFunctions(t *testing.T) {
	t.Parallel()
	rows := table(t)
	if names := slices.Sorted(maps.Keys(rows)); !slices.Equal(names, functions(t)) {
		t.Errorf("the table has %v, and functions/ %v", names, functions(t))
	}
	for name, f := range byName(t) {
		if row := rows[name]; f.Timeout != row.Timeout || f.MemorySize != row.Memory {
			t.Errorf("at AWS %s has %d MB and %d s, and in the table %d and %d", name, f.MemorySize, f.Timeout, row.Memory, row.Timeout)
		}
	}
	m, ctx := tencent(t)
	body := m.block(t, "tencentcloud_scf_function", "nod").Body
	for _, name := range functions(t) {
		if got := attribute[map[string]ofTable](t, ctx, body, "for_each", "")[name]; got.Memory%128 != 0 || got.Timeout > 900 {
			t.Errorf("Tencent Cloud has no function like %s: %+v", name, got)
		}
		if got := attribute[string](t, ctx, body, "name", name); got != "nod-prod-"+name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

func TestAtTencentAFunctionIsToldWhatItNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	m, ctx := tencent(t)
	body := m.block(t, "tencentcloud_scf_function", "nod").Body
	open := []string{"NOD_PUBLIC_URL", "NOD_REGION", "NOD_OBJECTS", "NOD_FACEID_RULE", "GODEBUG"}
	for _, name := range functions(t) {
		told := attribute[map[string]string](t, ctx, body, "environment", name)
		want := wanted(t, name)
		if name == "verify" {
			want = append(want, "NOD_FACEID_RULE") // which the operator said
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, want) {
			t.Errorf("%s is told %v, and needs %v", name, got, want)
		}
		for variable, value := range told {
			if !slices.Contains(open, variable) && !strings.HasPrefix(value, "tencent-ssm:nod-prod-") {
				t.Errorf("%s is told %s=%s, and not where to find it", name, variable, value)
			}
		}
	}
	if got := attribute[map[string]string](t, ctx, body, "environment", "session"); got["NOD_ASSERTION_KEY"] != "tencent-ssm:nod-prod-assertion-key/v2" || got["NOD_DATA_KEY"] != "tencent-ssm:nod-prod-data-key/v1" {
		t.Errorf("session is told %v", got)
	}
}

func TestAtTencentARoleMayWhatItsFunctionNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	m, ctx := tencent(t)
	environment := m.block(t, "tencentcloud_scf_function", "nod").Body
	policy := m.block(t, "tencentcloud_cam_policy", "function").Body
	for _, name := range functions(t) {
		var document struct {
			Statement []struct {
				Effect           string
				Action, Resource []string
			}
		}
		if err := json.Unmarshal([]byte(attribute[string](t, ctx, policy, "document", name)), &document); err != nil {
			t.Fatal(err)
		}
		var may []string
		for _, s := range document.Statement {
			if s.Effect != "allow" {
				t.Errorf("%s: %+v", name, s)
			}
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					may = append(may, action+" "+resource)
				}
			}
		}
		want := leastAtTencent(name, attribute[map[string]string](t, ctx, environment, "environment", name))
		slices.Sort(may)
		if slices.Sort(want); !slices.Equal(may, want) {
			t.Errorf("%s may\n  %s\nand needs\n  %s", name, strings.Join(may, "\n  "), strings.Join(want, "\n  "))
		}
	}
}

// leastAtTencent is what a function needs: the secrets that its variables name, and the
// objects of its work.
func leastAtTencent(name string, environment map[string]string) (want []string) {
	for _, value := range environment {
		if reference, is := strings.CutPrefix(value, "tencent-ssm:"); is {
			secret, _, _ := strings.Cut(reference, "/")
			want = append(want, "ssm:GetSecretValue qcs::ssm:ap-guangzhou:uin/100000000001:secret/creatorUin/100000000002/"+secret)
		}
	}
	add := func(where string, actions ...string) {
		for _, action := range actions {
			want = append(want, "name/cos:"+action+" qcs::cos:ap-guangzhou:uid/1250000000:tencentcloud_cos_bucket.bucket/"+where)
		}
	}
	switch name {
	case "export":
		add("exports/*", "GetObject", "HeadObject")
		add("ready/*", "GetBucket")
	case "maintain":
		add("exports/*", "GetObject", "HeadObject", "PutObject", "DeleteObject",
			"InitiateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload")
		add("checkpoints/*", "GetObject", "HeadObject", "PutObject")
		add("timestamps/*", "PutObject")
		add("*", "GetBucket")
	}
	return want
}

// endpoint is a path of the domain and the function that has it.
type endpoint struct{ Path, Function string }

func TestAtTencentEveryCallReachesTheFunctionThatServesIt(t *testing.T) {
	t.Parallel()
	m, ctx := tencent(t)
	var paths []*hclsyntax.Body
	for _, b := range m.block(t, "tencentcloud_scf_custom_domain", "nod").Body.Blocks {
		if b.Type == "dynamic" && b.Labels[0] == "endpoints_config" {
			paths = append(paths, b.Body)
		}
	}
	if len(paths) != 1 {
		t.Fatalf("the domain's paths are said %d times", len(paths))
	}
	targets := map[string]string{}
	for _, e := range attribute[[]endpoint](t, ctx, paths[0], "for_each", "") {
		if before, twice := targets[e.Path]; twice {
			t.Errorf("%s is led to %s and to %s", e.Path, before, e.Function)
		}
		targets[e.Path] = e.Function
	}
	reached := func(path string) string { // a whole path before a longer beginning before a shorter one
		if f, found := targets[path]; found {
			return f
		}
		for at := strings.LastIndex(path, "/"); at >= 0; at = strings.LastIndex(path[:at], "/") {
			if f, found := targets[path[:at]+"/*"]; found {
				return f
			}
		}
		return ""
	}
	serving := served(t)
	for _, call := range calls(t) {
		if to := reached(call[1]); serving[to] == nil || !serves(serving[to], call[0], call[1]) {
			t.Errorf("%s %s reaches %q, which does not know it", call[0], call[1], to)
		}
	}
	if to := reached("/readyz"); to != looksEverywhere {
		t.Errorf("/readyz reaches %q", to)
	}
	for _, path := range []string{"/", "/s/" + anID, "/nod.js", "/nothing/of/this/name"} {
		if to := reached(path); to != "page" {
			t.Errorf("%s reaches %q", path, to)
		}
	}
}

// Who has paths is called by its address, and who has none by the timer alone.
func TestAtTencentEachFunctionHasOneTrigger(t *testing.T) {
	t.Parallel()
	m, ctx := tencent(t)
	for _, name := range functions(t) {
		var kinds []string
		for _, b := range m.block(t, "tencentcloud_scf_function", "nod").Body.Blocks {
			if b.Type == "dynamic" && len(attribute[[]string](t, ctx, b.Body, "for_each", name)) > 0 {
				kind, faults := b.Body.Blocks[0].Body.Attributes["type"].Expr.Value(nil)
				if faults.HasErrors() {
					t.Fatal(faults)
				}
				kinds = append(kinds, kind.AsString())
			}
		}
		want := map[bool]string{true: "timer", false: "http"}[name == "maintain"]
		if !slices.Equal(kinds, []string{want}) {
			t.Errorf("%s is called by %v", name, kinds)
		}
	}
}

// Each cloud's regions are those of the mainland, and Nod's own list has them.
func TestD13_NoOtherRegionIsTakenByTerraform(t *testing.T) {
	t.Parallel()
	for cloud, abroad := range map[string][]string{"aws": {"us-east-1", "ap-southeast-1"}, "tencent": {"ap-singapore", "ap-hongkong", "na-ashburn"}} {
		for _, b := range moduleOf(t, cloud).blocks {
			if b.Type != "variable" || b.Labels[0] != "region" {
				continue
			}
			valid := func(region string) bool {
				v, faults := b.Body.Blocks[0].Body.Attributes["condition"].Expr.Value(&hcl.EvalContext{
					Functions: map[string]ctyfunc.Function{"contains": contains},
					Variables: map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{"region": cty.StringVal(region)})},
				})
				if faults.HasErrors() {
					t.Fatal(faults)
				}
				return v.True()
			}
			standard, _ := b.Body.Attributes["default"].Expr.Value(nil)
			if !valid(standard.AsString()) || slices.ContainsFunc(abroad, valid) {
				t.Errorf("infra/%s takes a region abroad, or not its own", cloud)
			}
		}
	}
}
