package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"nod/shared/domain"
)

// message writes the body: what was known when the event was written, and of a session
// what it is now, with an assertion made for this very try.
func (d Deliverer) message(ctx context.Context, enterprise domain.ID, c Claimed, x domain.Delivery) ([]byte, error) {
	if x.Type == domain.TellCompleted {
		if err := d.completed(ctx, enterprise, c, &x); err != nil {
			return nil, err
		}
	}
	if slices.Contains(aboutPeople, x.Type) {
		x.Data.Checkpoint = c.Checkpoint
	}
	return json.Marshal(struct {
		Type      domain.EventType `json:"type"`
		Timestamp time.Time        `json:"timestamp"`
		Data      domain.EventData `json:"data"`
	}{x.Type, x.At, x.Data})
}

// aboutPeople are the events of what people do. With them the platform is handed the last
// checkpoint of the log, so that nobody could show it another log later.
var aboutPeople = []domain.EventType{domain.TellCompleted, domain.TellWithdrawn, domain.TellLapsed}

func (d Deliverer) completed(ctx context.Context, enterprise domain.ID, c Claimed, x *domain.Delivery) error {
	id := domain.ID(x.Thing)
	x.Data = domain.EventData{Enterprise: enterprise, Mode: c.Mode, Purpose: x.Purpose, Session: id, State: domain.StateOf(x.Step)}
	m, err := d.Integrator.Tenant(enterprise).Moment(ctx, By{Session: id, Log: true})
	if errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		return nil // it is not kept any more: what is left to tell is how it ended
	}
	if err != nil || m.Concealed() {
		return err
	}
	v, err := d.Integrator.view(m)
	if err != nil {
		return err
	}
	x.Data.Kind, x.Data.State, x.Data.Result = string(v.Kind), string(v.State), v.Result
	x.Data.ClientRef, x.Data.Assertion = v.ClientRef, v.Assertion
	return nil
}
