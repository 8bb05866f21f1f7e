package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"nod/shared/ledger/bundle"
)

// export hands the log over to somebody who trusts nobody here: a bundle, verified by
// nothing but the file and the log's key.
func (p *play) export(ctx context.Context) error {
	p.scene("9  What is handed over: a bundle that proves itself, without a network")
	raw, err := p.exported(ctx)
	if err != nil {
		return err
	}
	var keys struct{ Keys []string }
	if err := p.Client.call(ctx, http.MethodGet, "/v1/log/keys", p.tenant.Auditor, nil, &keys); err != nil {
		return err
	}
	r, err := bundle.Verify(bytes.NewReader(raw), int64(len(raw)), bundle.Options{Keys: keys.Keys})
	p.check(err == nil, "the auditor's bundle verifies with the log's key", fmt.Sprintf("%d bytes", len(raw)))
	if err != nil {
		p.say("%v", err)
	}
	p.check(r.Started > 0 && r.NoConsent+r.ConsentOver+r.StaleNotice+r.DelegationOver == 0,
		"every check rested on a consent that stood", fmt.Sprintf("%d checks", r.Started))
	raw[inManifest] ^= 1
	_, err = bundle.Verify(bytes.NewReader(raw), int64(len(raw)), bundle.Options{Keys: keys.Keys})
	p.check(err != nil, "with one bit of it changed it does not", "found")
	raw[inManifest] ^= 1
	if p.Keep == nil {
		p.say("nod demo -o bundle.zip keeps it. report.html in it is for people.")
		return nil
	}
	return p.Keep(raw)
}

// inManifest is a byte of the first entry's content, behind its header and its name.
const inManifest = 64

// exported is a bundle of the whole log.
func (p *play) exported(ctx context.Context) ([]byte, error) {
	var e struct{ ID, State string }
	err := p.Client.call(ctx, http.MethodPost, "/v1/exports", p.tenant.Auditor, object{
		"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "identifiers": "pseudonyms",
	}, &e)
	if err != nil {
		return nil, err
	}
	if err := p.Maintain(ctx); err != nil {
		return nil, err
	}
	r, err := p.Client.Do(ctx, http.MethodGet, "/v1/exports/"+e.ID+"/bundle", p.tenant.Auditor, nil)
	if err == nil && r.Status != http.StatusOK {
		err = fmt.Errorf("the bundle is not there: %d %s", r.Status, r.Problem.Title)
	}
	return r.Body, err
}
