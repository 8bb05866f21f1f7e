package arch

import (
	"os"
	"path/filepath"
	"testing"
)

// root is the module's folder, seen from here.
var root = filepath.Join("..", "..")

func TestImports(t *testing.T) {
	graph, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	// If the list came back without the package that asks, it is not ours.
	if !graph.has("tests/arch") {
		t.Fatalf("the go command lists %d packages, but not this one", len(graph))
	}
	t.Logf("%d packages", len(graph))
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) {
			for _, breach := range rule.Breaches(graph) {
				t.Errorf("%s\n\twhy not: %s", breach, rule.Why)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	tree := os.DirFS(root)
	n := 0
	if err := goFiles(tree, func(string, []byte) error { n++; return nil }); err != nil || n == 0 {
		t.Fatalf("%d Go files (error: %v)", n, err)
	}
	t.Logf("%d files", n)
	for _, rule := range FileRules {
		t.Run(rule.Name, func(t *testing.T) {
			breaches, err := rule.Breaches(tree)
			if err != nil {
				t.Fatal(err)
			}
			for _, breach := range breaches {
				t.Errorf("%s\n\twhy not: %s", breach, rule.Why)
			}
		})
	}
}
