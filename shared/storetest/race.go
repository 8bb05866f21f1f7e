package storetest

import (
	"errors"
	"sync"

	"nod/shared/domain"
)

// rounds is how often each race is run. SQLite, where one writer waits for the
// other, has fewer ways to go wrong and takes longer.
func (h *house) rounds() int {
	if h.store.Engine() == "sqlite" {
		return 6
	}
	return 16
}

// race starts all calls at once and returns what each came to.
func race(calls ...func() error) []error {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, len(calls))
	for i, call := range calls {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = call()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

// won counts the calls that succeeded and fails the test for one that neither did
// nor was refused for the reason.
func (h *house) won(errs []error, otherwise domain.Reason) (winners int) {
	h.t.Helper()
	for _, err := range errs {
		switch {
		case err == nil:
			winners++
		case !errors.Is(err, domain.Refuse(otherwise)):
			h.t.Fatalf("got %v, want success or a refusal: %s", err, otherwise)
		}
	}
	return winners
}
