package bundle

import (
	"cmp"
	"slices"
)

// Named is a Record by its place and its id.
type Named struct {
	Place  int64  `json:"place"`
	Record string `json:"record"`
}

// MostNamed is how many Records of a kind are named; the others are counted.
const MostNamed = 50

// withoutOutcome is no fault: the check was under way when the bundle ends.
const withoutOutcome Kind = "without_outcome"

// breaches are the first Records of each kind that is counted, by their places.
type breaches map[Kind][]Named

func (b breaches) add(k Kind, n Named) {
	list := b[k]
	i, _ := slices.BinarySearchFunc(list, n, func(a, b Named) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Record, b.Record))
	})
	if i == MostNamed {
		return
	}
	list = slices.Insert(list, i, n)
	b[k] = list[:min(len(list), MostNamed)]
}
