package domain

import "time"

// DeliveryState is how far an event is on its way to the platform.
type DeliveryState string

const (
	DeliveryWaiting DeliveryState = "waiting"
	Delivered       DeliveryState = "delivered"
	DeliveryFailed  DeliveryState = "failed" // nobody tries any more, until somebody asks for it
)

// Valid reports whether the state is known.
func (s DeliveryState) Valid() bool {
	return s == DeliveryWaiting || s == Delivered || s == DeliveryFailed
}

// DeliveryFault is why a try came to nothing, in a word.
type DeliveryFault string

const (
	NoWebhook        DeliveryFault = "no_webhook"        // the purpose's settings name no address
	ForbiddenAddress DeliveryFault = "forbidden_address" // not https, or not a public address
	Unreachable      DeliveryFault = "unreachable"       // no name, no connection, no trusted certificate
	TimedOut         DeliveryFault = "timed_out"
	Redirected       DeliveryFault = "redirected" // answered with another address, which nobody follows
	NotTaken         DeliveryFault = "not_taken"  // answered with another status than 2xx
	NotMade          DeliveryFault = "not_made"   // Nod could not write the message
)

// Delivery is an event with what became of it so far.
type Delivery struct {
	Event
	State   DeliveryState
	Tries   int
	NextAt  time.Time // when it is tried next, while it waits
	EndedAt time.Time
	Fault   DeliveryFault // of the last try
	Status  int           // what that was answered with, if it was
}

const (
	// DeliverWithin is how long a delivery is tried.
	DeliverWithin = 24 * time.Hour
	// KeepDeliveries is how long those that ended are listed, warnings excepted: a warning
	// that was forgotten would be given again.
	KeepDeliveries = 30 * day

	firstRetry  = time.Minute
	longestWait = 4 * time.Hour
)

// WaitAfter is how long a delivery waits after so many tries: a minute, doubled each time
// up to four hours. luck, from 0 to 1, spreads it by a quarter, so that what failed
// together does not come back together.
func WaitAfter(tries int, luck float64) time.Duration {
	wait := firstRetry
	for range tries - 1 {
		wait = min(2*wait, longestWait)
	}
	return wait*3/4 + time.Duration(luck*float64(wait)/2)
}

// WebhookSecret is what an enterprise's messages are signed with, encrypted. The one
// before signs beside it for a day, so that a platform can change over without a gap.
type WebhookSecret struct {
	Sealed      []byte
	MadeAt      time.Time
	Before      []byte
	BeforeUntil time.Time
}

// SecretOverlap is how long the secret before goes on signing.
const SecretOverlap = 24 * time.Hour

// Sealed secrets that sign at an instant, the newest first.
func (s WebhookSecret) Signing(at time.Time) [][]byte {
	if len(s.Before) > 0 && at.Before(s.BeforeUntil) {
		return [][]byte{s.Sealed, s.Before}
	}
	return [][]byte{s.Sealed}
}

// NewWebhookSecret makes another secret the one that signs.
func (c *Charter) NewWebhookSecret(sealed []byte) {
	was := c.WebhookSecret
	c.WebhookSecret = WebhookSecret{Sealed: sealed, MadeAt: c.Now}
	if len(was.Sealed) > 0 {
		c.WebhookSecret.Before, c.WebhookSecret.BeforeUntil = was.Sealed, c.Now.Add(SecretOverlap)
	}
	c.WebhookSecretSet = true
}
