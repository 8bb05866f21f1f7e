package app

import (
	"context"
	"encoding/base64"
	"time"

	"nod/shared/domain"
)

// RequestView is a request as the person sees it who made it.
type RequestView struct {
	ID       domain.ID          `json:"id"`
	Kind     domain.RequestKind `json:"kind"`
	By       domain.Giver       `json:"by,omitempty"` // absent for a relative's
	Relation domain.Relation    `json:"relation,omitempty"`
	Text     string             `json:"text"`
	HasProof bool               `json:"proof_given"`
	RequestState
}

// RequestState is how far a request is.
type RequestState struct {
	OpenedAt   time.Time             `json:"opened_at"`
	DueAt      time.Time             `json:"due_at"`
	Overdue    bool                  `json:"overdue"`
	Outcome    domain.RequestOutcome `json:"outcome,omitempty"` // absent while it waits
	Reason     domain.Ground         `json:"reason,omitempty"`
	Answer     string                `json:"answer,omitempty"`
	ResolvedAt time.Time             `json:"resolved_at,omitzero"`
}

func stateOf(r domain.Request, now time.Time) RequestState {
	return RequestState{OpenedAt: r.OpenedAt, DueAt: r.DueAt, Overdue: r.Overdue(now),
		Outcome: r.Outcome, Reason: r.Ground, ResolvedAt: r.ResolvedAt}
}

// viewRequest decrypts what was written.
func viewRequest(box Words, r domain.Request, now time.Time) (v RequestView, err error) {
	v = RequestView{ID: r.ID, Kind: r.Kind, By: r.By, Relation: r.Relation, HasProof: r.HasProof, RequestState: stateOf(r, now)}
	if v.Text, err = opened(box, wish, r.ID, r.Text); err != nil {
		return v, err
	}
	v.Answer, err = opened(box, answer, r.ID, r.Answer)
	return v, err
}

func opened(box Words, part string, id domain.ID, sealed []byte) (string, error) {
	words, err := box.OpenWords(placeOf(part, id), sealed)
	return string(words), err
}

// Requests is how an enterprise's administrators answer what people ask for.
type Requests struct {
	Tenant func(domain.ID) Desk
	Vault  Vault
}

// RequestLine is a request in a list: what to do until when, and nothing of what was
// written. Who reads that, reads the one request, and the log says so.
type RequestLine struct {
	ID       domain.ID          `json:"id"`
	Kind     domain.RequestKind `json:"kind"`
	HasProof bool               `json:"proof_given"`
	RequestState
}

// List lists requests, oldest first.
func (q Requests) List(ctx context.Context, call Call, waiting bool, page Page) (List[RequestLine], error) {
	found, err := q.Tenant(call.Key.Enterprise).Requests(ctx, RequestFilter{Open: waiting, After: page.After, Limit: page.fetch()})
	id := func(r domain.Request) domain.ID { return r.ID }
	return paged(found.List, page, id, func(r domain.Request) RequestLine {
		return RequestLine{ID: r.ID, Kind: r.Kind, HasProof: r.HasProof, RequestState: stateOf(r, found.Now)}
	}), err
}

// RequestRead is a request with everything that an administrator needs to answer it.
type RequestRead struct {
	RequestView
	Subject   string    `json:"subject"` // the platform's id of the person it is about
	Session   domain.ID `json:"session"`
	ProofFile string    `json:"proof_file,omitempty"` // base64
}

// Read shows one request. The log says who read it (duty D17), in the transaction in
// which it is read.
func (q Requests) Read(ctx context.Context, call Call, id domain.ID) (v RequestRead, err error) {
	_, err = q.Tenant(call.Key.Enterprise).Update(ctx, By{Request: id, Text: true}, nil, func(m *domain.Moment) error {
		m.ReadRequest(call.Key.ID)
		v, err = q.read(m)
		return err
	})
	return v, err
}

func (q Requests) read(m *domain.Moment) (v RequestRead, err error) {
	r := *m.Request
	if v.RequestView, err = viewRequest(q.Vault, r, m.Now); err != nil {
		return v, err
	}
	v.Session = r.Session
	if v.Subject, err = q.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID); err != nil {
		return v, err
	}
	proof, err := q.Vault.OpenWords(placeOf(proofFile, r.ID), r.Proof)
	v.ProofFile = base64.StdEncoding.EncodeToString(proof)
	return v, err
}

// Resolve answers a request, once. The person sees the answer.
func (q Requests) Resolve(ctx context.Context, call Call, id domain.ID, a domain.Resolution) (v RequestLine, err error) {
	if err := a.Validate(); err != nil {
		return v, err
	}
	sealed, err := q.Vault.SealWords(placeOf(answer, id), []byte(a.Answer))
	if err != nil {
		return v, err
	}
	_, err = once(call, q.Vault, &v, func(once *Once) error {
		_, err := q.Tenant(call.Key.Enterprise).Update(ctx, By{Request: id}, once, func(m *domain.Moment) error {
			if err := m.Answer(a, sealed, call.Key.ID); err != nil {
				return err
			}
			r := *m.Request
			v = RequestLine{ID: r.ID, Kind: r.Kind, HasProof: r.HasProof, RequestState: stateOf(r, m.Now)}
			v.Answer = a.Answer
			return nil
		})
		return err
	})
	return v, err
}
