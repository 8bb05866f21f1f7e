package domain

import (
	"context"
	"testing"
	"time"
)

// Whichever clock jumped, or stood still while the process was frozen: a Permit lives no
// longer than the shorter of what both say.
func TestAPermitEndsByWhicheverClockSaysSo(t *testing.T) {
	const took = 5 * time.Second
	for name, tt := range map[string]struct {
		wall, own time.Duration // what has passed by each since the gate was asked
		left      time.Duration
	}{
		"both go on":                        {time.Second, time.Second, took - time.Second},
		"it was frozen":                     {time.Hour, time.Second, 0},
		"the wall's clock was set back":     {-time.Hour, time.Second, took - time.Second},
		"set back, and the time is over":    {-time.Hour, took, 0},
		"the wall's clock was set ahead":    {time.Hour, 0, 0},
		"both say that the time is over":    {took, took, 0},
		"set back by less than it may take": {-time.Second, 2 * time.Second, took - 2*time.Second},
	} {
		now := time.Now()
		p := &Permit{attempt: "a1", route: Photo, until: deadline{
			wall: within(took, now.Add(-tt.wall)).wall, own: within(took, now.Add(-tt.own)).own,
		}}
		ctx, cancel, err := p.Spend(context.Background(), Photo)
		if (err == nil) != (tt.left > 0) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if end, _ := ctx.Deadline(); end.Sub(now) < tt.left-time.Second || end.Sub(now) > tt.left+time.Second {
			t.Errorf("%s: the call may take %v, want %v", name, end.Sub(now), tt.left)
		}
		cancel()
	}
}
