package compliance

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository.
const root = "../.."

// duty is one line of the matrix.
type duty struct {
	ID      string
	Text    map[string]string
	Sources []string
	Code    []string // a file, and in a Go file what is declared there
	State   string   // done, partly, not yet
	Note    map[string]string
}

func duties(t *testing.T) (list []duty) {
	t.Helper()
	f, err := os.Open("duties.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// proof is a test, or a fuzz target, and the folder it is in.
type proof struct{ folder, name string }

// aboutDuties is how a test says whose proof it is: TestD12_..., TestD12D23..., TestD12_D21_...
var aboutDuties = regexp.MustCompile(`^Test((?:_?D\d\d)+)`)

var number = regexp.MustCompile(`D\d\d`)

// tests finds the tests and fuzz targets of the whole repository.
func tests(t *testing.T) (found []proof) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || e.Name() == "testdata" || e.Name() == "var"):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, _ := filepath.Rel(root, filepath.Dir(path))
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				found = append(found, proof{filepath.ToSlash(folder), f.Name.Name})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// proofs finds the tests of each duty.
func proofs(t *testing.T) map[string][]proof {
	t.Helper()
	found := map[string][]proof{}
	for _, p := range tests(t) {
		for _, id := range number.FindAllString(aboutDuties.FindString(p.name), -1) {
			found[id] = append(found[id], p)
		}
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b proof) int { return strings.Compare(a.folder+a.name, b.folder+b.name) })
	}
	return found
}

// declared lists what a Go file declares: functions, types, values, and methods as
// Type.Method.
func declared(path string) (names []string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names, nil
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}
