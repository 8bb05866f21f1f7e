package load

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"nod/shared/boot"
)

// platform is a cloud in front of one function: it starts instances as calls come, gives
// each one call at a time, and turns back what finds none once the cap is reached.
type platform struct {
	start func() (*boot.Nod, error) // one instance, with connections of its own
	cold  time.Duration             // what starting one takes, besides
	most  int

	mu    sync.Mutex
	idle  []*instance
	all   []*instance
	seen  counts
	count int // instances there are or are being started
}

type instance struct {
	nod     *boot.Nod
	handler http.Handler
}

// counts are what a platform counted so far; Busy and Instances are of this moment.
type counts struct {
	Calls, TurnedBack, Cold int64
	Busy, Instances         int
}

// reply is an answer, from Nod or from the platform.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *reply) Header() http.Header         { return r.header }
func (r *reply) Write(b []byte) (int, error) { r.WriteHeader(http.StatusOK); return r.body.Write(b) }
func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// call makes one call of the function. Where there is no instance for it, it is answered as
// both clouds do, and Nod has not seen it.
func (p *platform) call(ctx context.Context, method, path, bearer string, body any) (*reply, error) {
	i, err := p.take()
	if err != nil {
		return nil, err
	}
	r := &reply{header: http.Header{}}
	if i == nil {
		r.status = http.StatusTooManyRequests
		return r, nil
	}
	defer p.give(i)
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Host, req.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:1"
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	i.handler.ServeHTTP(r, req)
	return r, nil
}

// take finds an instance that is idle, the one used last first as platforms do, or starts
// one; nil if there may be no more.
func (p *platform) take() (*instance, error) {
	p.mu.Lock()
	p.seen.Calls++
	if n := len(p.idle); n > 0 {
		i := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return i, nil
	}
	if p.count == p.most {
		p.seen.TurnedBack++
		p.mu.Unlock()
		return nil, nil
	}
	p.count++
	p.seen.Cold++
	p.mu.Unlock()
	time.Sleep(p.cold)
	nod, err := p.start()
	if err != nil {
		return nil, err
	}
	i := &instance{nod, nod.All()}
	p.mu.Lock()
	p.all = append(p.all, i)
	p.mu.Unlock()
	return i, nil
}

func (p *platform) give(i *instance) {
	p.mu.Lock()
	p.idle = append(p.idle, i)
	p.mu.Unlock()
}

func (p *platform) counts() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.seen
	c.Instances, c.Busy = p.count, p.count-len(p.idle)
	return c
}

func (p *platform) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range p.all {
		_ = i.nod.Store.Close()
	}
}
