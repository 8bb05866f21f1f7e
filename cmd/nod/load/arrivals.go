package load

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// arrival is when somebody means to begin, counted from the start of the run. Nobody waits
// for anybody else's answer, so a Nod that is slow meets as many people as a fast one.
type arrival struct {
	at    time.Duration
	small bool // of the smaller enterprise
}

// draw draws all arrivals from the seed: independent people, each at any moment of the
// time that the enterprises give them.
func draw(o Options) []arrival {
	dice := rand.New(rand.NewPCG(o.Seed, 0))
	all := make([]arrival, 0, o.People+o.Small)
	for n := range o.People + o.Small {
		all = append(all, arrival{time.Duration(dice.Int64N(int64(o.Within) + 1)), n >= o.People})
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	return all
}
