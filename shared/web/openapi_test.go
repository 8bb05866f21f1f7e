package web_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/schema_validation"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"nod/shared/domain"
	"nod/shared/problem"
	"nod/shared/web"
)

// description is the part of openapi.json that these tests read as plain JSON.
type description struct {
	Paths      map[string]map[string]operation
	Components struct {
		Schemas map[string]schema
	}
}

type operation struct {
	ID        string                `json:"operationId"`
	Who       []domain.Role         `json:"x-nod-who"`
	Security  []map[string][]string `json:"security"`
	Responses map[string]struct{ Description string }
}

type schema struct {
	Enum       []any
	Properties map[string]schema
}

func read(t *testing.T) (d description) {
	t.Helper()
	if err := json.Unmarshal(web.OpenAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func model(t *testing.T) (libopenapi.Document, *v3.Document) {
	t.Helper()
	document, err := libopenapi.NewDocument(web.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	m, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	return document, &m.Model
}

func routes() []web.Route {
	var a web.API
	return slices.Concat(a.OperatorRoutes(), a.AdminRoutes(), a.AuditorRoutes(), a.IntegratorRoutes(), a.LearnerRoutes(), a.PromiseRoutes(),
		a.CheckRoutes(), a.WellKnownRoutes(), a.HealthRoutes())
}

func TestTheDescriptionIsValidOpenAPI(t *testing.T) {
	document, _ := model(t)
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if valid, errs := v.ValidateDocument(); !valid {
		for _, err := range errs {
			t.Error(err)
		}
	}
	if !strings.HasPrefix(document.GetVersion(), "3.1.") {
		t.Errorf("it is OpenAPI %s, not 3.1", document.GetVersion())
	}
}

func TestRoutesAndTheDescriptionNameTheSameCallsAndCallers(t *testing.T) {
	described := map[string]operation{}
	ids := map[string]bool{}
	for path, methods := range read(t).Paths {
		for method, op := range methods {
			described[strings.ToUpper(method)+" "+strings.Replace(path, "{path}", "{path...}", 1)] = op // which may hold slashes
			if op.ID == "" || ids[op.ID] {
				t.Errorf("%s %s: operationId %q is empty or stands twice", method, path, op.ID)
			}
			ids[op.ID] = true
		}
	}
	for _, r := range routes() {
		name := r.Method + " " + r.Path
		op, found := described[name]
		if !found {
			t.Errorf("%s is not described", name)
			continue
		}
		delete(described, name)
		if !slices.Equal(op.Who, r.Who) {
			t.Errorf("%s is for %v and described for %v", name, r.Who, op.Who)
		}
		var schemes []domain.Role
		for _, requirement := range op.Security {
			for scheme := range requirement {
				schemes = append(schemes, domain.Role(scheme))
			}
		}
		if op.Security == nil || !slices.Equal(schemes, op.Who) {
			t.Errorf("%s: security %v is not x-nod-who %v", name, schemes, op.Who)
		}
	}
	for name := range described {
		t.Errorf("%s is described and not there", name)
	}
}

// constants reads the values of the typed string constants of package domain.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../domain/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("package domain is not where it was", err)
	}
	found := map[string][]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, typed := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if typed && literal && value.Kind == token.STRING {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[kind.Name] = append(found[kind.Name], text)
			}
			return true
		})
	}
	return found
}

func TestEnumsAreThoseOfTheDomain(t *testing.T) {
	schemas := read(t).Components.Schemas
	domains := constants(t)
	slug := func(r string) string { return "/problems/" + r }
	var problems []string
	for _, r := range domains["Reason"] {
		problems = append(problems, slug(r))
	}
	without := func(list []string, drop ...string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
	}
	for name, tt := range map[string]struct {
		got  schema
		want []string
	}{
		"Locale":         {schemas["Locale"], domains["Locale"]},
		"Mode":           {schemas["Mode"], domains["Mode"]},
		"Purpose":        {schemas["Purpose"], domains["Purpose"]},
		"Route":          {schemas["Route"], domains["Route"]},
		"Audience":       {schemas["Audience"], domains["Audience"]},
		"AgeGroup":       {schemas["AgeGroup"], domains["AgeGroup"]},
		"Giver":          {schemas["Giver"], domains["Giver"]},
		"Relation":       {schemas["Relation"], words(domain.Relations)},
		"ReachedBy":      {schemas["ReachedBy"], words(domain.WaysToReach)},
		"RequestKind":    {schemas["RequestKind"], domains["RequestKind"]},
		"RequestOutcome": {schemas["RequestOutcome"], domains["RequestOutcome"]},
		"Ground":         {schemas["Ground"], domains["Ground"]},
		"EventType":      {schemas["EventType"], domains["EventType"]},
		"DeliveryState":  {schemas["DeliveryState"], domains["DeliveryState"]},
		"DeliveryFault":  {schemas["DeliveryFault"], domains["DeliveryFault"]},
		"Listed":         {schemas["Listed"], domains["Listed"]},
		"AccessReason":   {schemas["AccessReason"], domains["AccessReason"]},
		"ExportReason":   {schemas["ExportReason"], domains["ExportReason"]},
		"ExportState":    {schemas["ExportState"], domains["ExportState"]},
		"Drift":          {schemas["Drift"], domains["Drift"]},
		"LapseCause":     {schemas["LapseCause"], domains["LapseCause"]},
		"Identifiers":    {schemas["Identifiers"], domains["Identifiers"]},
		"Kin":            {schemas["Kin"], words(domain.Kin)},
		"Kind":           {schemas["Kind"], domains["Kind"]},
		"State":          {schemas["State"], domains["State"]},
		"ConsentState":   {schemas["ConsentState"], domains["ConsentState"]},
		"CaptureKind":    {schemas["CaptureKind"], domains["CaptureKind"]},
		"FalseAccept":    {schemas["FalseAccept"], domains["FalseAccept"]},
		"DataKind":       {schemas["DataKind"], domain.DataKinds},
		"Role":           {schemas["Role"], domains["Role"]},
		"KeyRole":        {schemas["KeyRole"], without(domains["Role"], "operator")},
		"Result":         {schemas["Result"], without(domains["Result"], "unknown")}, // told as not_performed
		"Problem":        {schemas["Problem"].Properties["type"], problems},
		"FieldFault": {schemas["FieldFault"].Properties["code"], []string{domain.Missing, domain.TooLong, domain.NotAllowed,
			domain.BadFormat, domain.OutOfRange, domain.NotCovered, domain.NotFound, domain.Replaced, domain.NotTold,
			domain.NotHTTPS, domain.NotOrigin}},
	} {
		var got []string
		for _, v := range tt.got.Enum {
			got = append(got, v.(string))
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(tt.want)); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: described %v, in the domain %v", name, got, want)
		}
	}
}

func words[W ~string](list []W) (out []string) {
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

var quoted = regexp.MustCompile("`([a-z0-9-]+)`")

func TestProblemsAreListedUnderTheirStatus(t *testing.T) {
	status := map[string]string{}
	unlisted := map[string]bool{}
	for _, g := range problem.Catalogue {
		for _, e := range g.Entries {
			status[string(e.Reason)] = strconv.Itoa(e.Status)
			unlisted[string(e.Reason)] = true
		}
	}
	for path, methods := range read(t).Paths {
		for method, op := range methods {
			for code, response := range op.Responses {
				if code < "400" {
					continue
				}
				listed := quoted.FindAllStringSubmatch(response.Description, -1)
				if len(listed) == 0 {
					t.Errorf("%s %s: %s names no problem", method, path, code)
				}
				for _, m := range listed {
					if delete(unlisted, m[1]); status[m[1]] != code {
						t.Errorf("%s %s: %s stands under %s, its status is %s", method, path, m[1], code, status[m[1]])
					}
				}
			}
		}
	}
	delete(unlisted, string(domain.MethodNotAllowed)) // belongs to no operation
	if len(unlisted) > 0 {
		t.Errorf("no call lists %v", slices.Sorted(maps.Keys(unlisted)))
	}
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	_, m := model(t)
	v := schema_validation.NewSchemaValidator(config.WithFormatAssertions(), config.WithStrictMode())
	seen := 0
	check := func(where string, media *v3.MediaType) {
		if media == nil || media.Examples == nil {
			return
		}
		for name, example := range media.Examples.FromOldest() {
			var value any
			if err := example.Value.Decode(&value); err != nil {
				t.Fatal(err)
			}
			payload, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if valid, errs := v.ValidateSchemaBytesWithVersion(media.Schema.Schema(), payload, 3.1); !valid {
				t.Errorf("%s, example %s: %v", where, name, errs)
			}
		}
	}
	for path, item := range m.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			where := method + " " + path
			if op.RequestBody != nil {
				check(where, op.RequestBody.Content.GetOrZero("application/json"))
			}
			for code, response := range op.Responses.Codes.FromOldest() {
				for _, media := range response.Content.FromOldest() {
					check(where+" "+code, media)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d examples were found", seen)
	}
}

// TestRequestBodiesAreClosed: what Nod refuses, the description refuses.
func TestRequestBodiesAreClosed(t *testing.T) {
	_, m := model(t)
	for path, item := range m.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			if (op.RequestBody == nil) != (method == "get") {
				t.Errorf("%s %s: has or lacks a body", method, path)
			}
			if op.RequestBody == nil {
				continue
			}
			closed(t, method+" "+path, op.RequestBody.Content.GetOrZero("application/json").Schema)
		}
	}
}

func closed(t *testing.T, where string, proxy *base.SchemaProxy) {
	s := proxy.Schema()
	if s.Items != nil && s.Items.IsA() {
		closed(t, where+"[]", s.Items.A)
	}
	if !slices.Contains(s.Type, "object") {
		return
	}
	if s.AdditionalProperties == nil || !s.AdditionalProperties.IsB() || s.AdditionalProperties.B {
		t.Errorf("%s takes unknown fields", where)
	}
	for name, property := range s.Properties.FromOldest() {
		closed(t, where+"."+name, property)
	}
}
