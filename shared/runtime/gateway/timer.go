package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Tick is one call by a platform's timer.
type Tick struct {
	Name    string    // of the trigger, rule or schedule
	Time    time.Time // when it was due; zero if the event does not say
	Message string    // what the operator wrote beside the trigger, if anything
}

// Timer does what is to be done at a tick. A platform calls it again after an
// error, and may call it twice without one.
type Timer func(context.Context, Tick) error

// The errors that a platform sees of a timer. It keeps their text and shows it, so
// there is nothing of the cause in it; who does the work writes that to its log.
var (
	ErrNoTimer     = errors.New("this function has nothing to do at a timer's call")
	ErrTimerFailed = errors.New("the timer's work failed")
)

// Run calls the timer. Neither an error's text nor a panic gets out.
func (t Timer) Run(ctx context.Context, tick Tick) error {
	if t == nil {
		return ErrNoTimer
	}
	err := ErrTimerFailed
	if !survived(func() { err = t(ctx, tick) }) {
		return ErrTimerFailed
	}
	if err != nil {
		slog.Error("a timer's work failed", "timer", tick.Name, "kind", fmt.Sprintf("%T", err))
		return ErrTimerFailed
	}
	return nil
}

// ParseTime reads a tick's time; what is not one is left out, because the work is
// due all the same.
func ParseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
