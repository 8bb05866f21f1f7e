package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/store"
)

// What administrators do at once has an order, and what they end has ended when
// they are told so.
var charterRaces = map[string]func(*testing.T, opener){
	"no permit after the delegation was revoked":    revocationAgainstCheck,
	"no permit after the face service was switched": faceSwitchAgainstCheck,
	"no permit after the purpose was turned off":    purposeOffAgainstCheck,
	"no permit after the enterprise was closed":     closingAgainstCheck,
	"two administrators publish at once":            twoPublish,
	"two administrators hold the same version":      twoIfMatch,
	"two administrators make keys at once":          twoKeys,
	"two operators make keys at once":               twoOperatorKeys,
	"publishing against revocation":                 publishAgainstRevocation,
	"a delegation against a new profile":            delegationAgainstProfile,
}

func revocationAgainstCheck(t *testing.T, open opener) {
	noPermitAfter(t, open, domain.DelegationEnded, func(h *house) error { return h.revokeDelegation(h.delegation) })
}

func faceSwitchAgainstCheck(t *testing.T, open opener) {
	noPermitAfter(t, open, domain.FaceServiceOff, func(h *house) error { return h.switchFace(false, nil) })
}

func purposeOffAgainstCheck(t *testing.T, open opener) {
	noPermitAfter(t, open, domain.PurposeOff, func(h *house) error { return h.setPurpose(domain.PurposeSettings{}, nil) })
}

func closingAgainstCheck(t *testing.T, open opener) {
	noPermitAfter(t, open, domain.EnterpriseClosed, func(h *house) error {
		return h.instruct(func(c *domain.Charter) error { c.Close(actor); return nil })
	})
}

// noPermitAfter has people check themselves while an administrator ends the ground
// of it: whoever asks after the administrator was told that it is done is refused.
func noPermitAfter(t *testing.T, open opener, want domain.Reason, end func(*house) error) {
	first := aHouse(t, open)
	permits := 0
	for range first.rounds() / 5 {
		h := first.another()
		other := h.elsewhere()
		var over atomic.Bool
		var given atomic.Int32
		underway := make(chan struct{})
		begin := sync.OnceFunc(func() { close(underway) }) // once people are at it
		calls := []func() error{func() error {
			<-underway
			err := end(h)
			over.Store(true)
			return err
		}}
		var people []*person
		for i := range 3 {
			p := h.consenting(fmt.Sprint("工号-", i)).elsewhere(other)
			people = append(people, p)
			calls = append(calls, func() error {
				defer begin()
				for n := range domain.MaxUploads {
					tooLate := over.Load()
					permit, _, err := p.reserve(fmt.Sprint(n))
					if err != nil {
						return err
					}
					if permit != nil && tooLate {
						return errors.New("a permit after its ground had ended")
					}
					if given.Add(1) == 2 {
						begin()
					}
					if err := p.conclude(fmt.Sprint(n), noFace); err != nil {
						return err
					}
				}
				return nil
			})
		}
		errs := race(calls...)
		h.must(errs[0])
		for i, p := range people {
			if err := errs[i+1]; err != nil {
				h.refused(err, want)
			}
			_, _, err := p.reserve("after")
			h.refused(err, want)
			p.chain()
		}
		permits += int(given.Load())
	}
	t.Logf("%d permits were given before", permits)
}

func twoPublish(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for range h.rounds() {
		for _, err := range race(
			func() error { return h.publish(store.NewID(), aDraft(h.delegation)) },
			func() error { return other.publish(store.NewID(), aDraft(h.delegation)) },
		) {
			h.must(err)
		}
	}
	all, err := h.tenant.Notices(t.Context(), "", 2*h.rounds()+1)
	h.must(err)
	slices.SortFunc(all, func(a, b domain.Notice) int { return b.Version - a.Version })
	for i, n := range all {
		if want := 2*h.rounds() + 1 - i; n.Version != want {
			t.Fatalf("version %d where %d was expected", n.Version, want)
		}
	}
}

func twoIfMatch(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for range h.rounds() {
		v := h.charter().Settings
		purpose := v.Purposes[domain.Exam].Version
		set := func(h *house, faces int) func() error {
			return func() error {
				s := someSettings()
				s.StoredFacesDeclared = &faces
				return h.setPurpose(s, &purpose)
			}
		}
		errs := race(set(h, 1), set(other, 2))
		if h.won(errs, domain.VersionChanged) != 1 {
			t.Fatalf("a purpose's settings: %v", errs)
		}
		now := h.charter().Settings.Purposes[domain.Exam]
		if now.Version != purpose+1 || (now.FacesDeclared() == 1) != (errs[0] == nil) {
			t.Fatalf("%v, but the settings are %+v", errs, now)
		}
		errs = race(
			func() error { return h.switchFace(false, &v.Version) },
			func() error { return other.switchFace(true, &v.Version) },
		)
		if h.won(errs, domain.VersionChanged) != 1 || h.charter().Settings.Version != v.Version+1 {
			t.Fatalf("the face service: %v", errs)
		}
	}
}

func twoKeys(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for i := range h.rounds() {
		add := func(h *house, secret string) func() error {
			return func() error { _, err := h.addKey(fmt.Sprint("李明-", i), fmt.Sprint(secret, i)); return err }
		}
		errs := race(add(h, "a"), add(other, "b"), add(h, "c"))
		if h.won(errs, domain.TooManyKeys) != domain.LiveKeysPerHolder {
			t.Fatalf("three keys at once: %v", errs)
		}
	}
}

func twoOperatorKeys(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for i := range h.rounds() {
		add := func(h *house) func() error {
			k := domain.Key{ID: store.NewID(), Role: domain.Operator, Holder: fmt.Sprint("值班-", i)}
			return func() error {
				return h.store.AddOperator(t.Context(), k, hashOf(string(k.ID)), nil, func(domain.Key) {})
			}
		}
		errs := race(add(h), add(other), add(h))
		if h.won(errs, domain.TooManyKeys) != domain.LiveKeysPerHolder {
			t.Fatalf("three operators' keys at once: %v", errs)
		}
	}
}

func publishAgainstRevocation(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for range h.rounds() {
		d := store.NewID()
		h.must(h.recordDelegation(d, someTerms()))
		errs := race(
			func() error { return h.publish(store.NewID(), aDraft(d)) },
			func() error { return other.revokeDelegation(d) },
		)
		h.must(errs[1])
		h.won(errs, domain.DelegationEnded)
	}
	// A notice stands on a delegation that was in force when it was published.
	revoked := map[domain.ID]bool{}
	for _, r := range h.log("") {
		switch r.Type {
		case domain.DelegationRevoked:
			revoked[r.Delegation.ID] = true
		case domain.NoticePublished:
			if revoked[r.Delegation.ID] {
				t.Errorf("published on a delegation that was revoked: %s", r.line)
			}
		}
	}
}

func delegationAgainstProfile(t *testing.T, open opener) {
	h := aHouse(t, open)
	other := h.elsewhere()
	for range h.rounds() {
		for _, err := range race(
			func() error { return h.recordDelegation(store.NewID(), someTerms()) },
			func() error {
				return other.instruct(func(c *domain.Charter) error {
					return c.Reprofile(aProfile(), ledger.DocumentHash(aProfile()), actor)
				})
			},
		) {
			h.must(err)
		}
	}
	c := h.charter()
	if len(c.Delegations) != h.rounds()+1 || c.Enterprise.Version != h.rounds()+1 {
		t.Errorf("%d delegations and version %d of the profile, want %d of each", len(c.Delegations), c.Enterprise.Version, h.rounds()+1)
	}
}
