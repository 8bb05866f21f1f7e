package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const (
	longestFile = 450 // lines
	longestMain = 60  // lines: "under 60"
)

// A FileRule says what the tree of files may not contain.
type FileRule struct {
	Name     string
	Why      string
	Breaches func(fs.FS) ([]string, error)
}

// FileRules are the rules about files.
var FileRules = []FileRule{
	{
		Name:     "a file is at most 450 lines long",
		Why:      "a file is about one concept; a longer one is about two",
		Breaches: filesAreShort,
	},
	{
		Name:     "a function's main only wires, in under 60 lines",
		Why:      "what is worth a test is not in a main; functions that differ only in wiring cannot differ in behaviour",
		Breaches: mainsOnlyWire,
	},
}

// notOurs are folders whose files nobody here wrote, or that hold data.
var notOurs = []string{".git", "bin", "dist", "node_modules", "testdata", "var", "vendor"}

// goFiles calls visit for every Go file of ours that is not a test or generated.
func goFiles(tree fs.FS, visit func(name string, src []byte) error) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(notOurs, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		if generated(src) {
			return nil
		}
		return visit(name, src)
	})
}

func generated(src []byte) bool {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && ast.IsGenerated(file)
}

func lines(src []byte) int {
	n := bytes.Count(src, []byte("\n"))
	if len(src) > 0 && !bytes.HasSuffix(src, []byte("\n")) {
		n++
	}
	return n
}

func filesAreShort(tree fs.FS) (breaches []string, err error) {
	err = goFiles(tree, func(name string, src []byte) error {
		if n := lines(src); n > longestFile {
			breaches = append(breaches, fmt.Sprintf("%s has %d lines", name, n))
		}
		return nil
	})
	return breaches, err
}

func mainsOnlyWire(tree fs.FS) (breaches []string, err error) {
	complain := func(format string, args ...any) { breaches = append(breaches, fmt.Sprintf(format, args...)) }
	err = goFiles(tree, func(name string, src []byte) error {
		if !under(name, "functions") {
			return nil
		}
		if path.Base(name) != "main.go" {
			complain("%s: a function's folder holds main.go and its test, nothing else", name)
		}
		if n := lines(src); n >= longestMain {
			complain("%s has %d lines", name, n)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if file.Name.Name != "main" {
			complain("%s is package %s", name, file.Name.Name)
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil || !slices.Contains([]string{"main", "realMain", "run"}, d.Name.Name) {
					complain("%s declares func %s", name, d.Name.Name)
				}
			case *ast.GenDecl:
				if d.Tok == token.TYPE || d.Tok == token.VAR {
					complain("%s declares a package-level %s", name, d.Tok)
				}
			}
		}
		return nil
	})
	return breaches, err
}
