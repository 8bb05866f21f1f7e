package storetest

import (
	"fmt"
	"testing"

	"nod/shared/domain"
)

var crowds = map[string]func(*testing.T, opener){
	"many people at once do not wait for each other into errors": manyPeople,
}

// manyPeople do the whole job at once, at several instances.
func manyPeople(t *testing.T, open opener) {
	const people = 64
	h := aHouse(t, open)
	at := h.crowded()
	before := len(h.log(""))
	var calls []func() error
	for i := range people {
		p := &person{house: at[i%len(at)], name: fmt.Sprint("员工-", i)}
		calls = append(calls, func() error {
			for _, step := range []func() error{
				func() error {
					return p.openSession(domain.ID(fmt.Sprintf("01920000-0000-7000-8000-%012x", i)), aRequest())
				},
				func() error { return p.decide(domain.Granted) },
				func() error { return p.check("a", failed) },
				func() error { return p.check("b", passed) },
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, err := range race(calls...) {
		h.must(err)
	}
	if n := len(h.log("")) - before; n != 6*people {
		t.Errorf("%d Records, want six of each of %d people", n, people)
	}
}
