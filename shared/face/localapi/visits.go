package localapi

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	visitLife = 7200 * time.Second // the vendor's
	maxVisits = 10_000
)

// A visit is one person's way through the hosted page, from DetectAuth on.
type visit struct {
	token        string
	ends         time.Time
	idCard, name []byte
	extra        string
	back         *url.URL
	outcome      *outcome // nil until the person has finished
	finished     time.Time
	forget       *time.Timer
}

// visits are those of the last two hours. A visit is forgotten, and what it knew of the
// person overwritten, when its time is over, whether anybody asks for it or not.
type visits struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*visit
}

func newVisits(now func() time.Time) *visits {
	return &visits{now: now, all: map[string]*visit{}}
}

// begin takes a visit, whose bytes are then its own, and gives it a token; there is none
// if too many visits are on their way.
func (v *visits) begin(one *visit) (token string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.all) >= maxVisits {
		v.sweep()
	}
	if len(v.all) >= maxVisits {
		one.wipe()
		return "", false
	}
	one.token = strings.ToUpper(uuid.NewString())
	one.ends = v.now().Add(visitLife)
	one.forget = time.AfterFunc(visitLife, func() { v.end(one.token) })
	v.all[one.token] = one
	return one.token, true
}

// with runs a function on a visit that is not over, and tells whether there is one.
// Nothing else touches the visit meanwhile; the function keeps nothing of it.
func (v *visits) with(token string, do func(*visit)) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	one := v.all[token]
	if one == nil {
		return false
	}
	if !v.now().Before(one.ends) {
		v.drop(one)
		return false
	}
	do(one)
	return true
}

func (v *visits) end(token string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if one := v.all[token]; one != nil {
		v.drop(one)
	}
}

// sweep drops what is over by the server's clock, which is not always that of the timers.
func (v *visits) sweep() {
	now := v.now()
	for _, one := range v.all {
		if !now.Before(one.ends) {
			v.drop(one)
		}
	}
}

func (v *visits) drop(one *visit) {
	one.forget.Stop()
	one.wipe()
	delete(v.all, one.token)
}

func (one *visit) wipe() {
	clear(one.idCard)
	clear(one.name)
}

// returnAddress is where the person goes from the page: the address of DetectAuth, with
// the token behind its own parameters.
func (one *visit) returnAddress() string {
	back := *one.back
	if back.RawQuery != "" {
		back.RawQuery += "&"
	}
	back.RawQuery += url.Values{"BizToken": {one.token}}.Encode()
	return back.String()
}
