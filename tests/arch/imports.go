package arch

import (
	"fmt"
	"slices"
	"strings"
)

// A Rule says what the import graph may not contain.
type Rule struct {
	Name string
	Why  string
	// Breaches returns one sentence per breach.
	Breaches func(Graph) []string
}

// layers are the tiers of the code, the lowest first. A package imports its
// own tier's and lower ones' packages, never higher ones'. Packages that are
// in no tier (runtime, tests) have rules of their own.
var layers = [][]string{
	{"shared/domain"},
	{"shared/app", "shared/store", "shared/ledger", "shared/face", "shared/config", "shared/console", "shared/vault", "shared/assertion", "shared/promise", "shared/jws", "shared/objects", "shared/page", "shared/receipt", "shared/secrets", "shared/trace", "shared/tsa", "shared/webhook"},
	{"shared/web", "shared/problem"},
	{"shared/boot"},
	{"functions", "cmd"},
}

func layerOf(path string) int {
	return slices.IndexFunc(layers, func(trees []string) bool { return under(path, trees...) })
}

// A dependency of the module that belongs to one package.
type owned struct {
	what     string   // for the message
	prefixes []string // of import paths
	owner    string
	also     []string // packages that must name its types, and may
	tests    []string // where test code may use it too
}

var ownedModules = []owned{
	{
		what: "scf-go-lib", owner: "shared/runtime/scf",
		prefixes: []string{"github.com/tencentyun/scf-go-lib"},
		tests:    []string{"shared/runtime", "cmd/nod/residue", "tests"},
	},
	{
		what: "aws-lambda-go", owner: "shared/runtime/lambda",
		prefixes: []string{"github.com/aws/aws-lambda-go"},
		tests:    []string{"shared/runtime", "cmd/nod/residue", "tests"},
	},
	{
		what: "the Tencent SDK", owner: "shared/face/tencent",
		prefixes: []string{"github.com/tencentcloud/"},
		also:     []string{"shared/secrets"}, // another of the vendor's services
		tests:    []string{"shared/face/localapi", "cmd/nod/residue", "tests"},
	},
	{
		what: "gmsm", owner: "shared/face/envelope",
		prefixes: []string{"github.com/emmansun/gmsm"},
		also:     []string{"shared/face/localapi", "cmd/nod"}, // they hold a private key of SM2
		tests:    []string{"shared/face", "tests"},
	},
	{
		what: "the library of Standard Webhooks", owner: "shared/webhook",
		prefixes: []string{"github.com/standard-webhooks/"},
		tests:    []string{"tests"},
	},
	{
		what: "the library of timestamps", owner: "shared/ledger/timestamp",
		prefixes: []string{"github.com/digitorus/"},
		tests:    []string{"shared/tsa", "tests"},
	},
	{
		what: "OpenTelemetry", owner: "shared/trace",
		prefixes: []string{"go.opentelemetry.io/"},
	},
	{
		what: "envconfig", owner: "shared/config",
		prefixes: []string{"github.com/kelseyhightower/envconfig"},
	},
}

// Rules are the rules about imports.
var Rules = []Rule{
	{
		Name:     "domain imports the standard library only",
		Why:      "the rules of consent must be readable and testable with nothing else around",
		Breaches: domainIsPure,
	},
	{
		Name:     "imports point from functions and cmd to boot to web to app to domain",
		Why:      "what is decided must not depend on how it is asked or where it runs",
		Breaches: layersPointDown,
	},
	{
		Name:     "app knows nothing of its adapters",
		Why:      "use cases name what they need as interfaces of their own; boot brings the real thing",
		Breaches: appKnowsNoAdapter,
	},
	{
		Name:     "a vendor's module is imported by one package",
		Why:      "what a vendor changes then changes in one place, and nobody else can call it",
		Breaches: vendorsAreOwned,
	},
	{
		Name:     "the embedded face API is linked into cmd/nod alone",
		Why:      "it is for development and small local use: a deployed function must not carry it or its weights",
		Breaches: localAPIStaysLocal,
	},
	{
		Name:     "runtime knows nothing of Nod",
		Why:      "it turns a platform's events into HTTP and back, for any handler",
		Breaches: runtimeIsAlone,
	},
	{
		Name:     "ledger reaches no network and no database",
		Why:      "a record must be verifiable offline, by somebody who has nothing but the bytes",
		Breaches: ledgerIsOffline,
	},
	{
		Name:     "a function calls no method by its name",
		Why:      "the linker could leave out no method of any type then, and every function would be larger by megabytes",
		Breaches: functionsLookUpNoMethod,
	},
	{
		Name:     "test packages are imported by tests alone",
		Why:      "what helps a test is not held to what runs in production",
		Breaches: testsStayTests,
	},
	{
		Name:     "a package is named after what it provides",
		Why:      "a package called after nothing attracts everything",
		Breaches: namesMeanSomething,
	},
}

func domainIsPure(g Graph) (breaches []string) {
	for _, p := range g {
		if !under(p.Path, "shared/domain") {
			continue
		}
		for _, to := range p.Imports {
			if !g.standard(to) && !under(to, "shared/domain") {
				breaches = append(breaches, fmt.Sprintf("%s imports %s", p.Path, to))
			}
		}
	}
	return breaches
}

func layersPointDown(g Graph) (breaches []string) {
	for _, p := range g {
		mine := layerOf(p.Path)
		if mine < 0 {
			continue
		}
		for _, to := range p.Imports {
			if theirs := layerOf(to); theirs > mine {
				breaches = append(breaches, fmt.Sprintf("%s imports %s, which is above it", p.Path, to))
			}
		}
	}
	return breaches
}

func appKnowsNoAdapter(g Graph) (breaches []string) {
	for _, p := range g {
		if !under(p.Path, "shared/app") {
			continue
		}
		for _, to := range p.Imports {
			if under(to, "shared/store", "shared/tsa", "shared/webhook", "shared/web", "shared/face/tencent", "shared/face/localapi") {
				breaches = append(breaches, fmt.Sprintf("%s imports %s", p.Path, to))
			}
		}
	}
	return breaches
}

func vendorsAreOwned(g Graph) (breaches []string) {
	for _, module := range ownedModules {
		theirs := func(path string) bool {
			return slices.ContainsFunc(module.prefixes, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
		}
		complain := func(p Package, imports []string, allowed ...string) {
			for _, to := range imports {
				if theirs(to) && !under(p.Path, allowed...) {
					breaches = append(breaches, fmt.Sprintf("%s imports %s: %s belongs to %s", p.Path, to, module.what, module.owner))
				}
			}
		}
		inCode := append([]string{module.owner}, module.also...)
		inTests := slices.Concat(inCode, module.tests)
		for _, p := range g {
			if forTests(p.Path) {
				complain(p, p.Imports, inTests...)
			} else {
				complain(p, p.Imports, inCode...)
			}
			complain(p, p.TestImports, inTests...)
		}
	}
	return breaches
}

func localAPIStaysLocal(g Graph) (breaches []string) {
	const local, command = "shared/face/localapi", "cmd/nod"
	for _, p := range g {
		if under(p.Path, local, command) || forTests(p.Path) {
			continue
		}
		for _, l := range g.reach(p.Path) {
			if under(l.to, local) {
				breaches = append(breaches, l.String())
				break
			}
		}
	}
	return breaches
}

func runtimeIsAlone(g Graph) (breaches []string) {
	for _, p := range g {
		if !under(p.Path, "shared/runtime") {
			continue
		}
		for _, to := range p.Imports {
			if (g.has(to) || ours(to)) && !under(to, "shared/runtime") {
				breaches = append(breaches, fmt.Sprintf("%s imports %s", p.Path, to))
			}
		}
	}
	return breaches
}

func ledgerIsOffline(g Graph) (breaches []string) {
	online := []string{
		"net", "crypto/tls", "database", "log/syslog",
		"golang.org/x/net", "github.com/jackc", "modernc.org/sqlite",
	}
	// These only parse; the driver package declares the interface by which a Capture
	// refuses to be stored.
	harmless := []string{"net/url", "net/netip", "net/mail", "database/sql/driver"}
	for _, p := range g {
		if !under(p.Path, "shared/ledger") {
			continue
		}
		for _, l := range g.reach(p.Path) {
			if under(l.to, online...) && !under(l.to, harmless...) {
				breaches = append(breaches, l.String())
			}
		}
	}
	return breaches
}

// functionsLookUpNoMethod is about the module's own imports. What a library brings along is
// seen in the sizes that scripts/build.sh allows.
func functionsLookUpNoMethod(g Graph) (breaches []string) {
	byName := []string{"net/rpc", "text/template", "html/template"}
	seen := map[string]bool{}
	for _, p := range g {
		if !under(p.Path, "functions") {
			continue
		}
		for _, l := range g.reach(p.Path) {
			if under(l.to, byName...) && !seen[l.from+l.to] {
				seen[l.from+l.to] = true
				breaches = append(breaches, l.String())
			}
		}
	}
	return breaches
}

func testsStayTests(g Graph) (breaches []string) {
	for _, p := range g {
		if forTests(p.Path) {
			continue
		}
		for _, to := range p.Imports {
			if forTests(to) {
				breaches = append(breaches, fmt.Sprintf("%s imports %s", p.Path, to))
			}
		}
	}
	return breaches
}

func namesMeanSomething(g Graph) (breaches []string) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "lib", "shared"}
	for _, p := range g {
		if !ours(p.Path) {
			continue
		}
		elements := strings.Split(p.Path, "/")[1:] // below shared, tests, ...
		for _, element := range append(elements, strings.TrimSuffix(p.Name, "_test")) {
			if slices.Contains(empty, element) {
				breaches = append(breaches, fmt.Sprintf("%s (package %s): say what it provides", p.Path, p.Name))
				break
			}
		}
	}
	return breaches
}
