package arch

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sound is a small module that keeps every rule; the tests below break one.
func sound() Graph {
	return Graph{
		{Path: "cmd/nod", Name: "main", Imports: []string{"os", "shared/boot", "shared/face/localapi", "shared/runtime/serve"}},
		{Path: "functions/verify", Name: "main", Imports: []string{"os", "shared/boot", "shared/runtime/scf"}},
		{Path: "shared/app", Name: "app", Imports: []string{"context", "shared/domain", "shared/face", "shared/ledger"}, TestImports: []string{"shared/store", "tests/postgres"}},
		{Path: "shared/boot", Name: "boot", Imports: []string{"shared/web", "shared/app", "shared/config", "shared/store", "shared/face/tencent", "shared/runtime/scf"}},
		{Path: "shared/config", Name: "config", Imports: []string{"github.com/kelseyhightower/envconfig"}},
		{Path: "shared/domain", Name: "domain", Imports: []string{"errors", "net/url", "time"}, TestImports: []string{"pgregory.net/rapid"}},
		{Path: "shared/face", Name: "face", Imports: []string{"shared/domain"}},
		{Path: "shared/face/localapi", Name: "localapi", Imports: []string{"net/http"}, TestImports: []string{"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"}},
		{Path: "shared/face/tencent", Name: "tencent", Imports: []string{"shared/face", "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"}},
		{Path: "shared/ledger", Name: "ledger", Imports: []string{"crypto/sha256", "net/url", "shared/domain"}},
		{Path: "shared/problem", Name: "problem", Imports: []string{"net/http"}},
		{Path: "shared/runtime/lambda", Name: "lambda", Imports: []string{"shared/runtime/event", "github.com/aws/aws-lambda-go/lambda"}},
		{Path: "shared/runtime/event", Name: "event", Imports: []string{"net/http"}},
		{Path: "shared/runtime/scf", Name: "scf", Imports: []string{"shared/runtime/event", "github.com/tencentyun/scf-go-lib/cloudfunction"}},
		{Path: "shared/runtime/serve", Name: "serve", Imports: []string{"net/http"}},
		{Path: "shared/store", Name: "store", Imports: []string{"database/sql", "shared/app", "shared/domain"}, TestImports: []string{"shared/storetest"}},
		{Path: "shared/storetest", Name: "storetest", Imports: []string{"testing", "shared/store"}},
		{Path: "shared/web", Name: "web", Imports: []string{"net/http", "shared/app", "shared/problem"}},
		{Path: "tests/contract", Name: "contract", TestImports: []string{"github.com/tencentyun/scf-go-lib/functioncontext", "github.com/aws/aws-lambda-go/events"}},
		{Path: "tests/postgres", Name: "postgres", Imports: []string{"github.com/jackc/pgx/v5"}},
	}
}

// with adds imports to a package of the sound graph, and the package itself if
// it is not there.
func with(path string, imports ...string) Graph {
	g := sound()
	if p := g.find(path); p != nil {
		p.Imports = append(p.Imports, imports...)
		return g
	}
	name := path[strings.LastIndex(path, "/")+1:]
	return append(g, Package{Path: path, Name: name, Imports: imports})
}

// withTest adds imports to a package's tests.
func withTest(path string, imports ...string) Graph {
	g := with(path)
	p := g.find(path)
	p.TestImports = append(p.TestImports, imports...)
	return g
}

type importCase struct {
	graph Graph
	rules []string // the rules that this graph breaks, and no others
}

// caught reports whether one of the cases breaks the rule.
func caught(rule string, cases map[string]importCase) bool {
	for _, c := range cases {
		if slices.Contains(c.rules, rule) {
			return true
		}
	}
	return false
}

func TestImportRulesCatchBreaches(t *testing.T) {
	const (
		pure    = "domain imports the standard library only"
		layered = "imports point from functions and cmd to boot to web to app to domain"
		adapter = "app knows nothing of its adapters"
		vendor  = "a vendor's module is imported by one package"
		local   = "the embedded face API is linked into cmd/nod alone"
		alone   = "runtime knows nothing of Nod"
		offline = "ledger reaches no network and no database"
		byName  = "a function calls no method by its name"
		tests   = "test packages are imported by tests alone"
		names   = "a package is named after what it provides"
	)
	cases := map[string]importCase{
		"nothing yet":             {Graph{}, nil},
		"a sound module":          {sound(), nil},
		"a tree under domain":     {with("shared/domain", "shared/domain/locale"), nil},
		"one function's own test": {withTest("functions/verify", "shared/storetest", "tests/postgres"), nil},

		"domain with a library":               {with("shared/domain", "github.com/google/uuid"), []string{pure}},
		"domain with an extended std library": {with("shared/domain", "golang.org/x/text/language"), []string{pure}},
		"domain with runtime":                 {with("shared/domain", "shared/runtime/serve"), []string{pure, offline}},
		"domain with a package to come":       {with("shared/domain", "shared/ids"), []string{pure}},
		"domain with app":                     {with("shared/domain", "shared/app"), []string{pure, layered}},
		"below domain with a library":         {with("shared/domain/locale", "golang.org/x/text/language"), []string{pure}},

		"app with boot":                         {with("shared/app", "shared/boot"), []string{layered}},
		"app with problem documents":            {with("shared/app", "shared/problem"), []string{layered}},
		"store with web":                        {with("shared/store", "shared/web"), []string{layered}},
		"web with boot":                         {with("shared/web", "shared/boot"), []string{layered}},
		"boot with a command":                   {with("shared/boot", "cmd/nod/keys"), []string{layered}},
		"app with store":                        {with("shared/app", "shared/store"), []string{adapter}},
		"app with a package of store":           {with("shared/app", "shared/store/migrate"), []string{adapter}},
		"below app with the vendor's API":       {with("shared/app/check", "shared/face/tencent"), []string{adapter}},
		"app with web":                          {with("shared/app", "shared/web"), []string{layered, adapter}},
		"app's tests with store may":            {withTest("shared/app", "shared/store", "shared/web"), nil},
		"a name that only starts like a layer":  {with("shared/domainless", "github.com/google/uuid"), nil},
		"a name that only starts like an owner": {with("shared/configuration", "github.com/kelseyhightower/envconfig"), []string{vendor}},

		"boot with scf-go-lib":                {with("shared/boot", "github.com/tencentyun/scf-go-lib/cloudfunction"), []string{vendor}},
		"the other runtime with scf-go-lib":   {with("shared/runtime/lambda", "github.com/tencentyun/scf-go-lib/functioncontext"), []string{vendor}},
		"a function with aws-lambda-go":       {with("functions/verify", "github.com/aws/aws-lambda-go/lambda"), []string{vendor}},
		"localapi with the Tencent SDK":       {with("shared/face/localapi", "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/iai/v20200303"), []string{vendor}},
		"app's test with the Tencent SDK":     {withTest("shared/app", "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"), []string{vendor}},
		"store with OpenTelemetry":            {with("shared/store", "go.opentelemetry.io/otel/trace"), []string{vendor}},
		"boot with gmsm":                      {with("shared/boot", "github.com/emmansun/gmsm/sm4"), []string{vendor}},
		"the vendor's client with gmsm":       {with("shared/face/tencent", "github.com/emmansun/gmsm/sm2"), []string{vendor}},
		"localapi may hold a key of gmsm":     {with("shared/face/localapi", "github.com/emmansun/gmsm/sm2"), nil},
		"app with Standard Webhooks":          {with("shared/app", "github.com/standard-webhooks/standard-webhooks/libraries/go"), []string{vendor}},
		"app with the sender of webhooks":     {with("shared/app", "shared/webhook"), []string{adapter}},
		"bundle with a library of timestamps": {with("shared/ledger/bundle", "github.com/digitorus/timestamp"), []string{vendor}},
		"app with the timestamp authority":    {with("shared/app", "shared/tsa"), []string{adapter}},
		"boot with envconfig":                 {with("shared/boot", "github.com/kelseyhightower/envconfig"), []string{vendor}},
		"a test helper with aws-lambda-go":    {with("tests/contract", "github.com/aws/aws-lambda-go/lambda"), nil},

		"a function with localapi":               {with("functions/verify", "shared/face/localapi"), []string{local}},
		"a function with localapi through boot":  {with("shared/boot", "shared/face/localapi"), []string{local}},
		"a function with the weights":            {with("functions/verify", "shared/face/localapi/weights"), []string{local}},
		"the command's own package may":          {with("cmd/nod/demo", "shared/face/localapi"), nil},
		"another command with localapi":          {with("cmd/other", "shared/face/localapi"), []string{local}},
		"runtime with domain":                    {with("shared/runtime/serve", "shared/domain"), []string{alone}},
		"runtime with a package to come":         {with("shared/runtime/scf", "shared/secret"), []string{alone}},
		"ledger with net/http":                   {with("shared/ledger", "net/http"), []string{offline}},
		"ledger with net":                        {with("shared/ledger", "net"), []string{offline}},
		"ledger with a database":                 {with("shared/ledger", "database/sql"), []string{offline}},
		"ledger with a driver's interface may":   {with("shared/ledger", "database/sql/driver"), nil},
		"ledger with store":                      {with("shared/ledger", "shared/store"), []string{offline}},
		"ledger with net/http through domain":    {with("shared/domain", "net/http"), []string{offline}},
		"a runtime with net/rpc":                 {with("shared/runtime/scf", "net/rpc"), []string{byName}},
		"a function with templates":              {with("functions/verify", "html/template"), []string{byName}},
		"the command with templates may":         {with("cmd/nod", "html/template"), nil},
		"web with test code":                     {with("shared/web", "tests/postgres"), []string{tests}},
		"boot with storetest":                    {with("shared/boot", "shared/storetest"), []string{tests}},
		"a package util":                         {with("shared/util"), []string{names}},
		"a package helpers in tests":             {with("tests/helpers"), []string{names}},
		"a folder common above a well-named one": {with("shared/common/clock"), []string{names}},
		"package misc in a folder of another name": {
			append(sound(), Package{Path: "shared/odds", Name: "misc"}), []string{names},
		},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			broken := map[string][]string{}
			for _, rule := range Rules {
				if breaches := rule.Breaches(tt.graph); len(breaches) > 0 {
					broken[rule.Name] = breaches
				}
			}
			got, want := slices.Sorted(maps.Keys(broken)), slices.Sorted(slices.Values(tt.rules))
			if !slices.Equal(got, want) {
				t.Errorf("broken: %q\nwant:   %q", broken, want)
			}
		})
	}
	for _, rule := range Rules {
		if !caught(rule.Name, cases) {
			t.Errorf("no case breaks the rule %q", rule.Name)
		}
	}
}

func TestBreachNamesTheWay(t *testing.T) {
	breaches := localAPIStaysLocal(with("shared/boot", "shared/face/localapi"))
	want := "functions/verify -> shared/boot (which reaches shared/face/localapi)"
	if !slices.Contains(breaches, want) {
		t.Errorf("breaches = %q, want %q among them", breaches, want)
	}
}

func TestDecode(t *testing.T) {
	const list = `{"ImportPath":"nod/shared/web","Name":"web","Imports":["nod/shared/app","net/http"],"TestImports":["testing"],"XTestImports":["nod/shared/storetest"]}
{"ImportPath":"nod/shared/app","Name":"app"}`
	g, err := decode("nod", []byte(list))
	if err != nil {
		t.Fatal(err)
	}
	if len(g) != 2 || g[0].Path != "shared/app" {
		t.Fatalf("graph = %+v", g)
	}
	web := g.find("shared/web")
	if !slices.Equal(web.Imports, []string{"shared/app", "net/http"}) || !slices.Equal(web.TestImports, []string{"testing", "shared/storetest"}) {
		t.Errorf("web = %+v", web)
	}
	if _, err := decode("nod", []byte(`{"ImportPath":`)); err == nil {
		t.Error("half a list was taken for a whole one")
	}
}

func TestFileRulesCatchBreaches(t *testing.T) {
	const (
		short = "a file is at most 450 lines long"
		wires = "a function's main only wires, in under 60 lines"
	)
	long := func(header string, n int) string {
		return header + strings.Repeat("\n", n-strings.Count(header, "\n"))
	}
	const wired = "package main\n\nimport \"os\"\n\nconst name = \"verify\"\n\nfunc main() {\n\tif err := realMain(); err != nil {\n\t\tos.Exit(1)\n\t}\n}\n\nfunc realMain() error { return nil }\n"
	tests := map[string]struct {
		name, src string
		rule      string
	}{
		"a main that wires":               {"functions/verify/main.go", wired, ""},
		"a file of 450 lines":             {"shared/app/app.go", long("package app\n", 450), ""},
		"one line more":                   {"shared/app/app.go", long("package app\n", 451), short},
		"one line more without its end":   {"shared/app/app.go", long("package app\n", 450) + "// end", short},
		"a long test":                     {"shared/app/app_test.go", long("package app\n", 900), ""},
		"a long generated file":           {"shared/app/table.go", long("// Code generated by table; DO NOT EDIT.\n\npackage app\n", 900), ""},
		"a long file that pretends":       {"shared/app/table.go", long("package app\n\n// Code generated by table; DO NOT EDIT.\n", 900), short},
		"a long file in testdata":         {"shared/app/testdata/x.go", long("package x\n", 900), ""},
		"a main of 59 lines":              {"functions/verify/main.go", long(wired, 59), ""},
		"a main of 60 lines":              {"functions/verify/main.go", long(wired, 60), wires},
		"a main with a helper":            {"functions/verify/main.go", wired + "func handle() {}\n", wires},
		"a main with an init":             {"functions/verify/main.go", wired + "func init() {}\n", wires},
		"a main with a type":              {"functions/verify/main.go", wired + "type handler struct{}\n", wires},
		"a main with state":               {"functions/verify/main.go", wired + "var cache = map[string]string{}\n", wires},
		"a function with a second file":   {"functions/verify/handler.go", "package main\n", wires},
		"a package below a function":      {"functions/verify/rules/main.go", "package rules\n", wires},
		"a function's test of any length": {"functions/verify/main_test.go", long("package main\n\ntype x int\n", 900), ""},
		"a command's main may do more":    {"cmd/nod/main.go", wired + "type command struct{}\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tree := fstest.MapFS{tt.name: {Data: []byte(tt.src)}}
			for _, rule := range FileRules {
				breaches, err := rule.Breaches(tree)
				if err != nil {
					t.Fatal(err)
				}
				if (len(breaches) > 0) != (rule.Name == tt.rule) {
					t.Errorf("%s: breaches = %q", rule.Name, breaches)
				}
			}
		})
	}
	for _, rule := range FileRules {
		if rule.Name != short && rule.Name != wires {
			t.Errorf("no case breaks the rule %q", rule.Name)
		}
	}
}
