package deploy

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Providers cannot be had here, so nothing holds the files against their schemas. What can
// be told without them is told here: that the files are of the language, that what they name
// is declared, and that what they declare is named.

var clouds = []string{"aws", "tencent"}

// module is the Terraform files of a cloud, read as one.
type module struct {
	blocks []*hclsyntax.Block
	locals map[string]hclsyntax.Expression
}

func moduleOf(t *testing.T, cloud string) module {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "infra", cloud, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("infra/%s has no Terraform files: %v", cloud, err)
	}
	m := module{locals: map[string]hclsyntax.Expression{}}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(hclwrite.Format(text), text) {
			t.Errorf("%s is not formatted: terraform fmt would change it", name)
		}
		m.read(t, name, text)
	}
	return m
}

// read adds a file's blocks.
func (m *module) read(t *testing.T, name string, text []byte) {
	t.Helper()
	file, faults := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		m.blocks = append(m.blocks, b)
		if b.Type == "locals" {
			for name, a := range b.Body.Attributes {
				m.locals[name] = a.Expr
			}
		}
	}
}

// declared is all that a module declares, spelled as it is referred to.
func (m module) declared() map[string]bool {
	names := map[string]bool{}
	for _, b := range m.blocks {
		switch b.Type {
		case "variable":
			names["var."+b.Labels[0]] = true
		case "data":
			names["data."+b.Labels[0]+"."+b.Labels[1]] = true
		case "resource":
			names[b.Labels[0]+"."+b.Labels[1]] = true
		}
	}
	for name := range m.locals {
		names["local."+name] = true
	}
	return names
}

// referred is all that a body refers to, without what Terraform itself provides. inside are
// the names that blocks around it have brought along.
func referred(body *hclsyntax.Body, inside []string) (names []string) {
	if body.Attributes["for_each"] != nil {
		inside = append(slices.Clone(inside), "each")
	}
	for name, a := range body.Attributes {
		if name == "ignore_changes" { // names of attributes
			continue
		}
		for _, path := range hclsyntax.Variables(a.Expr) {
			words := []string{path.RootName()}
			for _, step := range path[1:] {
				if attribute, is := step.(hcl.TraverseAttr); is {
					words = append(words, attribute.Name)
				}
			}
			length := map[bool]int{true: 3, false: 2}[words[0] == "data"]
			if words[0] != "path" && !slices.Contains(inside, words[0]) {
				names = append(names, strings.Join(words[:min(length, len(words))], "."))
			}
		}
	}
	for _, b := range body.Blocks {
		within := inside
		if b.Type == "dynamic" {
			within = append(slices.Clone(inside), b.Labels[0])
		}
		names = append(names, referred(b.Body, within)...)
	}
	return names
}

// slips are names that are referred to and not declared, and those that are declared in vain.
func (m module) slips() (list []string) {
	declared, used := m.declared(), map[string]bool{}
	for _, b := range m.blocks {
		own, body := "", b.Body
		if b.Type == "variable" { // the words of a type are no names, and what it asks of itself is no use of it
			own = "var." + b.Labels[0]
			body = &hclsyntax.Body{Attributes: maps.Clone(body.Attributes), Blocks: body.Blocks}
			delete(body.Attributes, "type")
		}
		for _, name := range referred(body, nil) {
			if name == own {
				continue
			}
			if used[name] = true; !declared[name] {
				list = append(list, name+" is not declared")
			}
		}
	}
	for name := range declared {
		kind, _, _ := strings.Cut(name, ".")
		if slices.Contains([]string{"var", "local", "data"}, kind) && !used[name] {
			list = append(list, name+" is not used")
		}
	}
	slices.Sort(list)
	return list
}

func TestWhatTerraformIsToldHangsTogether(t *testing.T) {
	t.Parallel()
	for _, cloud := range clouds {
		for _, slip := range moduleOf(t, cloud).slips() {
			t.Errorf("infra/%s: %s", cloud, slip)
		}
	}
}

func TestASlipIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`output "o" { value = var.a }`: "var.a is not declared",
		"locals {\n a = [for b in local.c : b.d]\n}\noutput \"o\" { value = local.a }": "local.c is not declared",
		`variable "a" { type = list(string) }`:                                         "var.a is not used",
		"variable \"a\" {\n validation {\n  condition = var.a > 1\n }\n}":              "var.a is not used",
		`data "a" "b" {}`:                                        "data.a.b is not used",
		`output "o" { value = data.a.b.c }`:                      "data.a.b is not declared",
		`output "o" { value = a_b.c[0].d }`:                      "a_b.c is not declared",
		`output "o" { value = "${each.key} of ${path.module}" }`: "each.key is not declared",
		"resource \"a\" \"b\" {\n dynamic \"c\" {\n  for_each = []\n  content {\n   d = e.value\n  }\n }\n}": "e.value is not declared",
		"resource \"a\" \"b\" {\n dynamic \"c\" {\n  for_each = []\n  content {\n   d = c.value\n  }\n }\n}": "",
	} {
		m := module{locals: map[string]hclsyntax.Expression{}}
		m.read(t, "slip.tf", []byte(text))
		if got := strings.Join(m.slips(), ", "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestProvidersArePinned(t *testing.T) {
	t.Parallel()
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	for _, cloud := range clouds {
		pinned := 0
		for _, b := range moduleOf(t, cloud).blocks {
			for _, inner := range b.Body.Blocks {
				if inner.Type != "required_providers" {
					continue
				}
				for name, a := range inner.Body.Attributes {
					v, faults := a.Expr.Value(nil)
					if faults.HasErrors() || !exact.MatchString(v.GetAttr("version").AsString()) {
						t.Errorf("infra/%s: the provider %s is not pinned", cloud, name)
					}
					pinned++
				}
			}
		}
		if pinned != 1 {
			t.Errorf("infra/%s has %d providers", cloud, pinned)
		}
	}
}

// serverless.yml is told by parameters that infra/aws has written: each that it names, and
// none in vain.
func TestTerraformWritesTheParametersThatTheTemplateReads(t *testing.T) {
	t.Parallel()
	var read, written []string
	for _, p := range theTemplate(t).Parameters {
		read = append(read, strings.TrimPrefix(p.Default, "/nod/prod/"))
	}
	for _, b := range moduleOf(t, "aws").blocks {
		if b.Type != "resource" || !slices.Equal(b.Labels, []string{"aws_ssm_parameter", "told"}) {
			continue
		}
		pairs, faults := hcl.ExprMap(b.Body.Attributes["for_each"].Expr)
		if faults.HasErrors() {
			t.Fatal(faults)
		}
		for _, p := range pairs {
			written = append(written, hcl.ExprAsKeyword(p.Key))
		}
	}
	slices.Sort(read)
	if slices.Sort(written); len(read) == 0 || !slices.Equal(read, written) {
		t.Errorf("the template reads %v, and infra/aws writes %v", read, written)
	}
}
