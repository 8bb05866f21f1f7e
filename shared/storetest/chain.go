package storetest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"nod/shared/app"
	"nod/shared/domain"
	"nod/shared/ledger"
)

// logged is a Record as an auditor reads it back from its line.
type logged struct {
	ID         domain.ID         `json:"id"`
	Type       domain.RecordType `json:"type"`
	Enterprise domain.ID         `json:"enterprise"`
	Subject    string            `json:"subject"`
	Prev       string            `json:"prev"`
	At         time.Time         `json:"at"`
	Purpose    domain.Purpose    `json:"purpose"`
	Session    domain.ID         `json:"session"`
	Consent    domain.ID         `json:"consent"`
	Guardian   domain.ID         `json:"guardian_consent"`
	By         domain.Giver      `json:"by"`
	Notice     struct {
		ID domain.ID `json:"id"`
	} `json:"notice"`
	Attempt    string `json:"attempt"`
	Delegation struct {
		ID domain.ID `json:"id"`
	} `json:"delegation"`

	line, leaf string
}

// log reads an enterprise's Records, of one subject if given.
func (h *house) log(subject string) (list []logged) {
	h.t.Helper()
	lines, err := h.tenant.Records(h.t.Context(), subject, "", 100_000)
	h.must(err)
	for _, line := range lines {
		r := logged{line: line, leaf: ledger.LeafHash([]byte(line))}
		h.must(json.Unmarshal([]byte(line), &r))
		if r.Enterprise != h.id {
			h.t.Errorf("the log of %s has a Record of %s", h.id, r.Enterprise)
		}
		list = append(list, r)
	}
	return list
}

// chain puts a person's Records into the order that prev gives them, and checks
// that this is one chain without gap or fork, in the order of time, whose end the
// subject's row knows, and that it tells a story that the rules allow.
func (p *person) chain() []logged {
	p.t.Helper()
	sub := p.moment(app.By{Session: p.session}).Subject
	after := map[string]logged{}
	all := p.log(sub.Pseudonym)
	for _, r := range all {
		if fork, ok := after[r.Prev]; ok {
			p.t.Errorf("two Records follow the same one:\n%s\n%s", fork.line, r.line)
		}
		after[r.Prev] = r
	}
	var chain []logged
	head := ""
	for len(chain) < len(all) {
		next, ok := after[head]
		if !ok {
			p.t.Fatalf("gap: no Record follows %q, %d of %d reached", head, len(chain), len(all))
		}
		if n := len(chain); n > 0 && next.At.Before(chain[n-1].At) {
			p.t.Errorf("out of order:\n%s\n%s", chain[n-1].line, next.line)
		}
		chain, head = append(chain, next), next.leaf
	}
	if sub.Head != head || sub.Records != len(all) {
		p.t.Errorf("the subject's row ends at %q after %d Records, the log at %q after %d", sub.Head, sub.Records, head, len(all))
	}
	p.audit(chain)
	return chain
}

// word is whose word on what a decision is.
type word struct {
	purpose  domain.Purpose
	audience domain.Audience
	by       domain.Giver
}

// audit replays a chain: a check starts only under the consents that are current
// then, one at a time in a session, and an outcome belongs to one that started.
func (p *person) audit(chain []logged) {
	p.t.Helper()
	audience := map[domain.ID]domain.Audience{}
	for _, n := range p.charter().Notices {
		audience[n.ID] = n.Audience
	}
	current := map[word]domain.ID{}
	stands := func(grant domain.ID) bool {
		return grant != "" && slices.Contains(slices.Collect(maps.Values(current)), grant)
	}
	running := map[domain.ID]string{}
	fault := func(r logged, why string) {
		p.t.Errorf("%s: %s", why, r.line)
		for _, r := range chain {
			p.t.Logf("  %s %s %s", r.At.Format("05.000"), r.Type, r.Attempt)
		}
	}
	for _, r := range chain {
		of := word{r.Purpose, audience[r.Notice.ID], r.By}
		switch r.Type {
		case domain.ConsentGrantedType:
			current[of] = r.ID
		case domain.ConsentRefusedType:
			delete(current, of)
		case domain.ConsentWithdrawnType, domain.ConsentLapsedType:
			if !stands(r.Consent) {
				fault(r, "ends a consent that is not current")
			}
			maps.DeleteFunc(current, func(_ word, grant domain.ID) bool { return grant == r.Consent })
		case domain.CheckStarted:
			if !stands(r.Consent) || r.Guardian != "" && !stands(r.Guardian) {
				fault(r, "starts without the current consents")
			}
			if running[r.Session] != "" {
				fault(r, "starts while another runs")
			}
			running[r.Session] = r.Attempt
		case domain.CheckPassed, domain.CheckFailed, domain.CheckNotPerformed, domain.CheckUnknown:
			if running[r.Session] != r.Attempt {
				fault(r, "is the outcome of a check that does not run")
			}
			delete(running, r.Session)
		}
	}
}

// count tells how many Records of a type there are.
func count(list []logged, t domain.RecordType) (n int) {
	for _, r := range list {
		if r.Type == t {
			n++
		}
	}
	return n
}

func position(list []logged, t domain.RecordType) int {
	return slices.IndexFunc(list, func(r logged) bool { return r.Type == t })
}
