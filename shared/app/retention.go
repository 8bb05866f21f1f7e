package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nod/shared/domain"
)

// This file is the part of Maintenance that lets go of what was kept long enough (duties
// D14, D15). People are reviewed one by one; each review says when the next is due.

// clocksApart is how far two clocks may be from each other and both be right.
const clocksApart = time.Hour

// release lets go of what need not be kept about one person any more.
func (w Maintenance) release(ctx context.Context, x Due) (done Done, err error) {
	err = w.Archive(x.Enterprise).Keep(ctx, string(x.ID), func(k *domain.Keeping) error {
		if apart := k.Charter.Now.Sub(w.Clock()).Abs(); apart > clocksApart {
			return fmt.Errorf("nothing is deleted: the clocks of the database and of this process are %v apart", apart.Round(time.Minute))
		}
		k.Release()
		done = Done{Released: len(k.Consents) + len(k.Sessions) + len(k.Requests)}
		if k.Erased {
			done.Erased = 1
		}
		return nil
	})
	if errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		return Done{}, nil // another timer was here
	}
	return done, err
}

// empty records that nobody is left of a closed enterprise.
func (w Maintenance) empty(ctx context.Context, x Due) (done Done, err error) {
	err = w.Charter(x.Enterprise).Instruct(ctx, nil, func(c *domain.Charter) error {
		c.Erase()
		done.Emptied = len(c.Records)
		return nil
	})
	return done, err
}

// handOver has the last export of a closed enterprise made. Its checks have all ended: what
// is written from then on is what people do by themselves.
func (w Maintenance) handOver(ctx context.Context, x Due) (done Done, err error) {
	err = w.Charter(x.Enterprise).Instruct(ctx, nil, func(c *domain.Charter) error {
		done = Done{}
		if c.HandOver() {
			done.HandOver = 1
		}
		return nil
	})
	return done, err
}
