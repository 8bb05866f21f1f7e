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
)

// role is a function's role.
type role struct {
	Policies []struct {
		PolicyDocument struct{ Statement []statement }
	}
	ManagedPolicyArns []any
}

type statement struct {
	Effect    string
	Action    []string
	Resource  []any
	Condition any
}

// needs is what the parts that a function names in its main want to be told.
var needs = map[string][]string{
	"boot.Traceless": {"GODEBUG"}, "boot.Face": {"NOD_FACE_SECRET_ID", "NOD_FACE_SECRET_KEY"}, "boot.Signing": {"NOD_ASSERTION_KEY"}, "boot.Operator": {"NOD_OPERATOR_KEY"},
	"boot.Promising": {"NOD_PROMISE_KEY"}, "outside.Sequencing": {"NOD_CHECKPOINT_KEY", "NOD_OBJECTS"}, "outside.Exporting": {"NOD_OBJECTS"},
}

var everyFunction = []string{"NOD_DATA_KEY", "NOD_DB", "NOD_INDEX_KEY", "NOD_PUBLIC_URL", "NOD_REGION"}

var part = regexp.MustCompile(`\b(?:boot|outside)\.(?:Traceless|Face|Signing|Operator|Promising|Sequencing|Exporting)\b`)

// wanted is what a function wants, by its source.
func wanted(t *testing.T, function string) []string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, "functions", function, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(everyFunction)
	for _, p := range part.FindAllString(string(source), -1) {
		want = append(want, needs[p]...)
	}
	slices.Sort(want)
	return want
}

func TestAFunctionIsToldWhatItNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	for name, f := range byName(t) {
		var told []string
		for variable := range f.Environment.Variables {
			if !slices.Contains([]string{"NOD_TSA_URL", "NOD_TSA_ROOTS", "NOD_OTLP_ENDPOINT"}, variable) { // no secrets, and optional
				told = append(told, variable)
			}
		}
		if slices.Sort(told); !slices.Equal(told, wanted(t, name)) {
			t.Errorf("%s is told %v, and needs %v", name, told, wanted(t, name))
		}
	}
}

// What a template holds, everybody who deploys can read.
func TestNoSecretIsInTheTemplate(t *testing.T) {
	t.Parallel()
	open := regexp.MustCompile(`^NOD_(PUBLIC_URL|REGION|OBJECTS|TSA_URL|TSA_ROOTS|OTLP_ENDPOINT)$|^GODEBUG$`)
	for name, f := range byName(t) {
		for variable, value := range f.Environment.Variables {
			text, _ := value.(string)
			if !open.MatchString(variable) && !strings.HasPrefix(text, "aws-ssm:/nod/prod/") {
				t.Errorf("%s is told %s=%v, and not where to find it", name, variable, value)
			}
		}
	}
}

// may is what a statement allows, one line for each action at each resource, and under which
// condition.
func may(s statement) (list []string) {
	for _, action := range s.Action {
		for _, r := range s.Resource {
			text, _ := json.Marshal(r)
			line := action + " " + string(text)
			if s.Condition != nil {
				condition, _ := json.Marshal(s.Condition)
				line += " if " + string(condition)
			}
			list = append(list, line)
		}
	}
	return list
}

func TestARoleMayWhatItsFunctionNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	roles := each[role](t, theTemplate(t), "AWS::IAM::Role")
	for name, f := range byName(t) {
		id := f.Role["Fn::GetAtt"][0]
		r, found := roles[id]
		if !found || len(r.ManagedPolicyArns) > 0 {
			t.Fatalf("%s has the role %q: %+v", name, id, r)
		}
		allowed := map[string]bool{}
		for _, p := range r.Policies {
			for _, s := range p.PolicyDocument.Statement {
				if s.Effect != "Allow" {
					t.Errorf("%s: %+v", name, s)
				}
				for _, line := range may(s) {
					allowed[line] = true
				}
			}
		}
		want := least(name, f)
		for _, line := range slices.Sorted(maps.Keys(allowed)) {
			if !want[line] {
				t.Errorf("%s may %s, which it does not need", name, line)
			}
		}
		for _, line := range slices.Sorted(maps.Keys(want)) {
			if !allowed[line] {
				t.Errorf("%s may not %s, which it needs", name, line)
			}
		}
	}
}

// least is what a function needs: its own log, interfaces in the network, the secrets that
// its variables name, and the objects of its work.
func least(name string, f function) map[string]bool {
	want := map[string]bool{}
	add := func(action, resource string) { want[action+" "+resource] = true }
	sub := func(arn string) string { return fmt.Sprintf(`{"Fn::Sub":%q}`, arn) }
	own := sub("arn:aws-cn:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/nod-prod-" + name + ":*")
	add("logs:CreateLogStream", own)
	add("logs:PutLogEvents", own)
	for _, action := range []string{"Create", "Describe", "Delete"} {
		plural := map[bool]string{true: "s"}[action == "Describe"]
		add("ec2:"+action+"NetworkInterface"+plural, `"*"`)
	}
	for _, value := range f.Environment.Variables {
		if text, _ := value.(string); strings.HasPrefix(text, "aws-ssm:") {
			add("ssm:GetParameters", sub("arn:aws-cn:ssm:${AWS::Region}:${AWS::AccountId}:parameter"+strings.TrimPrefix(text, "aws-ssm:")))
		}
	}
	add("kms:Decrypt", `{"Ref":"KeyArn"}`)
	bucket := "arn:aws-cn:s3:::${Bucket}"
	switch name {
	case "export":
		add("s3:GetObject", sub(bucket+"/exports/*"))
		add("s3:ListBucket", sub(bucket)+` if {"StringEquals":{"s3:prefix":"ready/"}}`)
	case "maintain":
		add("kms:GenerateDataKey", `{"Ref":"KeyArn"}`)
		for _, action := range []string{"Get", "Put", "Delete"} {
			add("s3:"+action+"Object", sub(bucket+"/exports/*"))
		}
		add("s3:AbortMultipartUpload", sub(bucket+"/exports/*"))
		add("s3:GetObject", sub(bucket+"/checkpoints/*"))
		add("s3:PutObject", sub(bucket+"/checkpoints/*"))
		add("s3:PutObject", sub(bucket+"/timestamps/*"))
		add("s3:ListBucket", sub(bucket))
	}
	return want
}
