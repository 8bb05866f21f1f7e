package scale

import (
	_ "embed"
	"encoding/json"
	"testing"
)

//go:embed measured.json
var file []byte

// figure is one number that the model reckons with.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	What  string  `json:"what"`
	From  string  `json:"from"` // the command that reproduces it, or the reason for assuming it
}

// figures are all that the model knows.
type figures struct {
	Measured []figure `json:"measured"`
	Assumed  []figure `json:"assumed"`
	used     map[string]bool
}

func read(t *testing.T) *figures {
	t.Helper()
	f := figures{used: map[string]bool{}}
	if err := json.Unmarshal(file, &f); err != nil {
		t.Fatal(err)
	}
	return &f
}

// of is a figure's value; there is none without a name in the file.
func (f *figures) of(name string) float64 {
	for _, list := range [][]figure{f.Measured, f.Assumed} {
		for _, one := range list {
			if one.Name == name {
				f.used[name] = true
				return one.Value
			}
		}
	}
	panic("measured.json has no " + name)
}
