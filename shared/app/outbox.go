package app

import (
	"context"
	"time"

	"nod/shared/domain"
)

// Lane is the messages of an enterprise that go to one purpose's address. They are sent
// apart from others, so that an address which does not answer holds up nothing but itself.
type Lane struct {
	Enterprise domain.ID
	Purpose    domain.Purpose
	Tries      int // of the message that is due longest: above 0, the address was in trouble
}

// Claimed is what of a lane somebody may send now, and what that needs.
type Claimed struct {
	Settings domain.Settings
	Mode     domain.Mode
	Secret   domain.WebhookSecret
	Now      time.Time
	List     []domain.Delivery
	// Checkpoint is the last of the enterprise's log.
	Checkpoint string
}

// Tried is what became of a try.
type Tried struct {
	ID     domain.ID
	Fault  domain.DeliveryFault // empty: it was delivered
	Status int
	Wait   time.Duration // until the next one
}

// Outbox is the events of all enterprises that wait to be delivered. What it writes is
// durable when it returns; all of its times are the database's.
type Outbox interface {
	// Lanes lists those where something is due.
	Lanes(ctx context.Context) ([]Lane, error)
	// Claim takes up to limit due messages of a lane for whoever holds the lease: until that
	// is over, nobody else gets them. A message that was not reported on by then is due again.
	Claim(ctx context.Context, l Lane, lease domain.ID, held time.Duration, limit int) (Claimed, error)
	// Report writes what became of claimed messages, and tells how many were given up. A
	// failure counts only as long as the lease does, a success always.
	Report(ctx context.Context, l Lane, lease domain.ID, tries []Tried) (failed int, err error)
	// GiveUp ends the due messages of a lane whose time is over, for a fault that has just
	// been met there, and tells how many.
	GiveUp(ctx context.Context, l Lane, f domain.DeliveryFault) (int, error)
	// Outlooks lists what enterprises with a webhook may have to be warned of, in the order
	// of their ids, after one; next is where to go on, empty at the end.
	Outlooks(ctx context.Context, after domain.ID, limit int) (list []domain.Outlook, next domain.ID, err error)
	// Tell writes events that were not told yet, and tells how many.
	Tell(ctx context.Context, enterprise domain.ID, events []*domain.Event) (int, error)
	// ForgetDeliveries deletes what ended long ago and tells how many.
	ForgetDeliveries(ctx context.Context, limit int) (int, error)
}

// DeliveryFilter narrows a list of deliveries; an empty state narrows nothing.
type DeliveryFilter struct {
	State domain.DeliveryState
	After domain.ID
	Limit int
}

// Hooks is Charters and what an enterprise's administrators see of its outbox.
type Hooks interface {
	Charters
	// Deliveries are oldest first.
	Deliveries(ctx context.Context, f DeliveryFilter) ([]domain.Delivery, error)
	// Resend makes a message due now, for a whole day, whatever became of it;
	// domain.NoSuchThing if there is none. done is called with it before the answer is kept.
	Resend(ctx context.Context, id domain.ID, once *Once, done func(domain.Delivery)) error
}
