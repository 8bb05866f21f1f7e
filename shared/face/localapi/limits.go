package localapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"sync"
	"time"
)

// A quota is how often something may be asked about one person.
type quota struct {
	name string // tells the quotas on one value apart
	most int
	ends func(start time.Time) time.Time // of the time that the quota is for
}

// The vendor's limits. A day is a calendar day in China.
var (
	photoMinute = quota{"photo minute", 15, func(t time.Time) time.Time { return t.Add(time.Minute) }}
	photoDay    = quota{"photo day", 30, nextDay}
	nameDay     = quota{"name day", 500, nextDay}
	numberDay   = quota{"number day", 1000, nextDay}
)

var china = time.FixedZone("CST", 8*60*60)

func nextDay(t time.Time) time.Time {
	year, month, day := t.In(china).Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, china)
}

// maxCounts bounds what is kept; beyond it nobody new is let in until counts have ended.
const maxCounts = 100_000

// limits count what was asked about whom. They know nobody: a person is a hash under a
// key that lives as long as the process.
type limits struct {
	key    [sha256.Size]byte
	mu     sync.Mutex
	counts map[[sha256.Size]byte]count
}

type count struct {
	n    int
	ends time.Time
}

func newLimits() *limits {
	l := &limits{counts: map[[sha256.Size]byte]count{}}
	_, _ = rand.Read(l.key[:]) // never fails
	return l
}

// use is one quota on one value.
type use struct {
	quota
	value []byte
}

// take counts once under each of the uses, or under none if one of them is used up.
func (l *limits) take(now time.Time, uses ...use) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := map[[sha256.Size]byte]count{}
	for _, u := range uses {
		h := l.hash(u)
		c, known := l.counts[h]
		if !known || !now.Before(c.ends) {
			c = count{0, u.ends(now)}
		}
		if c.n >= u.most {
			return false
		}
		c.n++
		next[h] = c
	}
	if len(l.counts)+len(next) > maxCounts {
		maps.DeleteFunc(l.counts, func(_ [sha256.Size]byte, c count) bool { return !now.Before(c.ends) })
		if len(l.counts)+len(next) > maxCounts {
			return false
		}
	}
	maps.Copy(l.counts, next)
	return true
}

func (l *limits) hash(u use) (h [sha256.Size]byte) {
	mac := hmac.New(sha256.New, l.key[:])
	mac.Write([]byte(u.name + "\x00"))
	mac.Write(u.value)
	mac.Sum(h[:0])
	return h
}
