package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyfunc "github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// What Tencent Cloud is told comes out of expressions over one table, so they are worked out
// here as Terraform would, with stand-ins for what only the cloud knows.

// attributes are those of resources that others refer to; their values are their names.
var attributes = []string{"id", "name", "bucket", "key", "public_ip", "cidr_block", "private_access_ip", "private_access_port"}

func standIn(name string) cty.Value {
	v := map[string]cty.Value{}
	for _, a := range attributes {
		v[a] = cty.StringVal(name + "." + a)
	}
	return cty.ObjectVal(v)
}

// given is what an operator says; all else has its default.
var given = map[string]cty.Value{
	"domain": cty.StringVal("nod.example.com"), "secrets_made_by": cty.StringVal("100000000002"),
	"secret_versions": cty.MapVal(map[string]cty.Value{"assertion-key": cty.StringVal("v2")}),
	"optional":        cty.MapVal(map[string]cty.Value{"verify": cty.MapVal(map[string]cty.Value{"NOD_FACEID_RULE": cty.StringVal("1")})}),
}

// tencent is the module for Tencent Cloud, and all that its expressions can refer to.
func tencent(t *testing.T) (module, *hcl.EvalContext) {
	t.Helper()
	m := moduleOf(t, "tencent")
	ctx := &hcl.EvalContext{Functions: terraformFunctions(), Variables: map[string]cty.Value{
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(filepath.Join(root, "infra", "tencent"))}),
	}}
	variables, resources := maps.Clone(given), map[string]map[string]cty.Value{}
	for _, b := range m.blocks {
		switch b.Type {
		case "variable":
			a := b.Body.Attributes["default"]
			if _, is := variables[b.Labels[0]]; is || a == nil {
				continue
			}
			v, faults := a.Expr.Value(nil)
			if faults.HasErrors() {
				t.Fatal(faults)
			}
			variables[b.Labels[0]] = v
		case "resource":
			kind, name := b.Labels[0], b.Labels[1]
			if resources[kind] == nil {
				resources[kind] = map[string]cty.Value{}
			}
			v := standIn(kind)
			if b.Body.Attributes["for_each"] != nil {
				each := map[string]cty.Value{}
				for _, f := range functions(t) {
					each[f] = standIn(kind + "." + f)
				}
				v = cty.ObjectVal(each)
			}
			resources[kind][name] = v
		}
	}
	for kind, named := range resources {
		ctx.Variables[kind] = cty.ObjectVal(named)
	}
	ctx.Variables["var"] = cty.ObjectVal(variables)
	account := cty.ObjectVal(map[string]cty.Value{"app_id": cty.StringVal("1250000000"), "owner_uin": cty.StringVal("100000000001")})
	ctx.Variables["data"] = cty.ObjectVal(map[string]cty.Value{"tencentcloud_user_info": cty.ObjectVal(map[string]cty.Value{"account": account})})
	m.workOut(t, ctx)
	return m, ctx
}

// workOut gives the locals their values, one after the other, as what they need is there.
func (m module) workOut(t *testing.T, ctx *hcl.EvalContext) {
	t.Helper()
	known := map[string]cty.Value{}
	for len(known) < len(m.locals) {
		before := len(known)
		for name, expression := range m.locals {
			ctx.Variables["local"] = cty.ObjectVal(known)
			if _, is := known[name]; is || !ready(expression, known) {
				continue
			}
			v, faults := expression.Value(ctx)
			if faults.HasErrors() {
				t.Fatal(faults)
			}
			known[name] = v
		}
		if len(known) == before {
			t.Fatalf("locals need one another: only %v are known", slices.Sorted(maps.Keys(known)))
		}
	}
	ctx.Variables["local"] = cty.ObjectVal(known)
}

func ready(expression hclsyntax.Expression, known map[string]cty.Value) bool {
	for _, path := range hclsyntax.Variables(expression) {
		if path.RootName() == "local" {
			if _, is := known[path[1].(hcl.TraverseAttr).Name]; !is {
				return false
			}
		}
	}
	return true
}

func terraformFunctions() map[string]ctyfunc.Function {
	text := func(of func(name string) (string, error)) ctyfunc.Function {
		return ctyfunc.New(&ctyfunc.Spec{
			Params: []ctyfunc.Parameter{{Name: "path", Type: cty.String}}, Type: ctyfunc.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				s, err := of(args[0].AsString())
				return cty.StringVal(s), err
			},
		})
	}
	return map[string]ctyfunc.Function{
		"concat": stdlib.ConcatFunc, "flatten": stdlib.FlattenFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc,
		"replace": stdlib.ReplaceFunc, "substr": stdlib.SubstrFunc, "upper": stdlib.UpperFunc,
		"file": text(func(name string) (string, error) { b, err := os.ReadFile(name); return string(b), err }),
		// What is built is not needed to see where it would go.
		"filesha256": text(func(name string) (string, error) { return fmt.Sprintf("%x", name), nil }),
	}
}

// block is the one of a type and name.
func (m module) block(t *testing.T, kind, name string) *hclsyntax.Block {
	t.Helper()
	for _, b := range m.blocks {
		if b.Type == "resource" && slices.Equal(b.Labels, []string{kind, name}) {
			return b
		}
	}
	t.Fatalf("there is no %s %s", kind, name)
	return nil
}

// attribute works an attribute out, for a function where there is one for each, and decodes
// it as JSON would.
func attribute[T any](t *testing.T, ctx *hcl.EvalContext, body *hclsyntax.Body, name, function string) (v T) {
	t.Helper()
	if function != "" {
		ctx = ctx.NewChild()
		ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{
			"key": cty.StringVal(function), "value": ctx.Parent().Variables["local"].GetAttr("functions").GetAttr(function),
		})}
	}
	worked, faults := body.Attributes[name].Expr.Value(ctx)
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	data, err := ctyjson.Marshal(worked, worked.Type())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// contains is Terraform's: the library's takes lists alone, and [...] is a tuple.
var contains = ctyfunc.New(&ctyfunc.Spec{
	Params: []ctyfunc.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.String}},
	Type:   ctyfunc.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		list, err := convert.Convert(args[0], cty.List(cty.String))
		if err != nil {
			return cty.UnknownVal(cty.Bool), err
		}
		return stdlib.Contains(list, args[1])
	},
})
