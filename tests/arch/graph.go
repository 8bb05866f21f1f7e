// Package arch holds the rules of the code's shape as tests: who may import
// whom, how long a file may get, what a package may not be called. The layout
// that they protect is drawn in CONTRIBUTING.md.
//
// A rule is a function over a graph of packages or over a tree of files, so
// that its own test can show it made-up ones and see that it catches a breach.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// A Package is one package of the module with what it imports. Packages of the
// module go by their path below it (shared/domain), others by their import path.
type Package struct {
	Path        string
	Name        string
	Imports     []string // by the code
	TestImports []string // by the tests, in and beside the package
}

// A Graph is the packages of the module, sorted by path.
type Graph []Package

// Load asks the go command for the packages of the module in dir. Packages
// that do not compile are part of the answer all the same.
func Load(dir string) (Graph, error) {
	module, err := goCommand(dir, "list", "-m")
	if err != nil {
		return nil, err
	}
	out, err := goCommand(dir, "list", "-e", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return nil, err
	}
	return decode(strings.TrimSpace(string(module)), out)
}

func goCommand(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
	}
	return out, err
}

func decode(module string, list []byte) (Graph, error) {
	below := func(paths ...string) []string {
		short := make([]string, 0, len(paths))
		for _, p := range paths {
			short = append(short, strings.TrimPrefix(p, module+"/"))
		}
		return short
	}
	var g Graph
	for d := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct {
			ImportPath, Name                   string
			Imports, TestImports, XTestImports []string
		}
		switch err := d.Decode(&p); {
		case err == io.EOF:
			slices.SortFunc(g, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
			return g, nil
		case err != nil:
			return nil, err
		}
		g = append(g, Package{
			Path:        below(p.ImportPath)[0],
			Name:        p.Name,
			Imports:     below(p.Imports...),
			TestImports: below(slices.Concat(p.TestImports, p.XTestImports)...),
		})
	}
}

// has reports whether the package is one of the module's.
func (g Graph) has(path string) bool { return g.find(path) != nil }

func (g Graph) find(path string) *Package {
	if i := slices.IndexFunc(g, func(p Package) bool { return p.Path == path }); i >= 0 {
		return &g[i]
	}
	return nil
}

// A link is an import, with the way that led to it.
type link struct {
	from, to string
	via      []string // the packages in between, from the first to from
}

func (l link) String() string {
	if len(l.via) > 1 {
		return fmt.Sprintf("%s (which reaches %s)", strings.Join(l.via, " -> "), l.to)
	}
	return fmt.Sprintf("%s imports %s", l.from, l.to)
}

// reach follows the imports of the package's code through the module's own
// packages and returns every import met on the way, once.
func (g Graph) reach(path string) []link {
	var links []link
	seen := map[string]bool{path: true}
	var walk func(path string, via []string)
	walk = func(path string, via []string) {
		p := g.find(path)
		if p == nil {
			return
		}
		via = append(slices.Clone(via), path)
		for _, to := range p.Imports {
			if seen[to] {
				continue
			}
			seen[to] = true
			links = append(links, link{from: path, to: to, via: via})
			walk(to, via)
		}
	}
	walk(path, nil)
	return links
}

// under reports whether the path is one of the trees or below one of them.
func under(path string, trees ...string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool {
		return path == tree || strings.HasPrefix(path, tree+"/")
	})
}

// standard reports whether an import is of the standard library: its first
// element has no dot, and it is not one of ours.
func (g Graph) standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && !g.has(path) && !ours(path)
}

// ours reports whether an import is of the module, there or not.
func ours(path string) bool {
	return under(path, "functions", "cmd", "shared", "tests", "infra", "events")
}

// forTests reports whether a package exists for tests alone.
func forTests(path string) bool {
	return under(path, "tests", "shared/storetest")
}
