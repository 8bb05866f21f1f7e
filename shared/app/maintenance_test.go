package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"testing"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// stuck is a backlog of which nothing can be done.
type stuck struct {
	Moments
	list  []Due
	tried map[domain.ID]int
}

func (s *stuck) Due(_ context.Context, q Queue, after Due, limit int) (list []Due, err error) {
	if q != OvertakenWords {
		return nil, nil
	}
	i := 0
	if after.ID != "" {
		i, err = strconv.Atoi(string(after.ID))
	}
	return s.list[i:min(len(s.list), i+limit)], err
}

func (s *stuck) ForgetAnswers(context.Context, int) (int, error) { return 0, nil }
func (s *stuck) Scrub(context.Context) error                     { return nil }

func (s *stuck) Update(_ context.Context, by By, _ *Once, _ func(*domain.Moment) error) ([]ledger.Entry, error) {
	s.tried[by.Consent]++
	return nil, errors.New("fault")
}

// What cannot be done is tried once a run: it neither holds the others up nor is it
// fetched again and again.
func TestWhatIsStuckIsPassedOver(t *testing.T) {
	s := &stuck{tried: map[domain.ID]int{}}
	for i := range 2*batch + 10 {
		s.list = append(s.list, Due{Enterprise: "e", ID: domain.ID(strconv.Itoa(i + 1))})
	}
	w := Maintenance{Backlog: s, Tenant: func(domain.ID) Moments { return s }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	done, err := w.Run(t.Context())
	if err != nil || done != (Done{Faults: len(s.list)}) {
		t.Errorf("done %+v, %v", done, err)
	}
	for _, x := range s.list {
		if s.tried[x.ID] != 1 {
			t.Fatalf("%s was tried %d times", x.ID, s.tried[x.ID])
		}
	}
}
