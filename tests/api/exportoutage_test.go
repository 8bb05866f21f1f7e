package api

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"nod/shared/runtime/gateway"
	"nod/tests/bucket"
)

// An object storage that goes away while an export is made costs time, and nothing else: the
// export goes on where it was, and its bundle is whole.
func TestAnObjectStorageThatGoesAwayDuringAnExport(t *testing.T) {
	t.Parallel()
	var left atomic.Int64 // requests that it still answers; below zero all of them
	left.Store(-1)
	address := bucket.StartBehind(t, func(storage http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for {
				n := left.Load()
				if n == 0 {
					http.Error(w, "away", http.StatusServiceUnavailable)
					return
				}
				if n < 0 || left.CompareAndSwap(n, n-1) {
					storage.ServeHTTP(w, r)
					return
				}
			}
		})
	})
	w := newWorld(t, setup{objects: address})
	h := w.house(t)
	h.agreed().verify("a1").verdict("pass")
	w.tick(t)
	id := h.export(nil)
	for answered := range int64(4) { // it goes away a little later each time
		left.Store(answered)
		_ = w.nod.Maintain().Run(t.Context(), gateway.Tick{Name: "every-minute"})
		if v := h.do(t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200); v["state"] == "failed" {
			t.Fatalf("it was given up: %v", v)
		}
		w.pass(time.Hour)
	}
	left.Store(-1)
	w.tick(t)
	if v := h.do(t, "GET", "/v1/exports/"+id, h.auditor, nil).ok(200); v["state"] != "ready" {
		t.Fatalf("it is %v", v)
	}
	link := h.do(t, "GET", "/v1/exports/"+id+"/bundle", h.auditor, nil).header.Get("Location")
	unpack(t, fetch(t, link)).holdsTogether(h)
}
