package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/vault"
)

// Learner is what a person's page does: it opens its session, shows the notice,
// takes the decision, and withdraws.
type Learner struct {
	Tenant    func(domain.ID) Moments
	Vault     Vault
	PublicURL string
	Promises  Promises // nil where nothing is promised
}

// Promises signs that an entry, which is durable, will have its place in the log; see
// promise.Signer.
type Promises interface {
	Sign(e ledger.Entry) (string, error)
}

// Token is what the single-use code is exchanged for. Locale is the language that the
// LMS opened the session in, so that the notice is shown in it from the first look.
type Token struct {
	Token  string        `json:"token"`
	Locale domain.Locale `json:"locale"`
}

// OpenCode exchanges a code. CodeUsed for everyone after the first, but for a page that
// repeats its call because the answer was lost.
func (l Learner) OpenCode(ctx context.Context, call Call, code *Credential) (t Token, err error) {
	b, ok := domain.ParseBearer(inFragment(code.text, "#t="))
	if !ok || b.Kind != domain.SessionCode {
		return t, domain.Refuse(domain.Unauthenticated)
	}
	secret := vault.NewSecret()
	token := domain.Bearer{Kind: domain.LearnerToken, Enterprise: b.Enterprise, Thing: b.Thing, Secret: secret}
	_, err = once(call.by(b), l.Vault, &t, func(once *Once) error {
		_, err := l.Tenant(b.Enterprise).Update(ctx, By{Session: b.Thing}, once, func(m *domain.Moment) error {
			t = Token{token.String(), m.Session.Locale}
			return m.Exchange(vault.Hash(b.Secret), vault.Hash(secret))
		})
		return err
	})
	if err != nil {
		return Token{}, unknownIsUnauthenticated(err)
	}
	code.owner = b.Enterprise
	return t, nil
}

// inFragment is the code in the address that carries it, where somebody hands in the
// whole address.
func inFragment(code, mark string) string {
	if _, behind, found := strings.Cut(code, mark); found {
		return behind
	}
	return code
}

// Authenticate checks a learner's token and nothing else.
func (l Learner) Authenticate(ctx context.Context, token *Credential) error {
	b, err := learner(token)
	if err != nil {
		return err
	}
	m, err := l.Tenant(b.Enterprise).Moment(ctx, By{Session: b.Thing})
	if err != nil {
		return unknownIsUnauthenticated(err)
	}
	m.Settle()
	_, err = acts(m, token, b)
	return err
}

// OrStranger answers a faulty request: whoever has no good token learns that first,
// and nothing about the request. The token of a sound one is checked by the
// transaction that uses it, which saves a round trip.
func (l Learner) OrStranger(ctx context.Context, token *Credential, fault error) error {
	if err := l.Authenticate(ctx, token); err != nil {
		return err
	}
	return fault
}

// learner reads a token; only its spelling is checked here.
func learner(token *Credential) (domain.Bearer, error) {
	b, ok := domain.ParseBearer(token.text)
	switch {
	case !ok:
		return b, domain.Refuse(domain.Unauthenticated)
	case b.Kind != domain.LearnerToken:
		return b, domain.Refuse(domain.WrongRole)
	}
	return b, nil
}

// acts checks that the token is the session's and that its time is not over: it reads
// and withdraws until then, whatever became of the session. It tells the Moment for whom
// the token speaks, and the token whose it is, and reports whether it also acts, or only
// reads since the session was handed over.
func acts(m *domain.Moment, token *Credential, b domain.Bearer) (bool, error) {
	s, hash := m.Session, vault.Hash(b.Secret)
	acting, following, guardian := equal(s.TokenHash, hash), equal(s.FollowerHash, hash), equal(s.GuardianTokenHash, hash)
	if !acting && !following && !guardian {
		return false, domain.Refuse(domain.Unauthenticated)
	}
	token.owner = m.Enterprise.ID
	if m.TimeOver() {
		return false, domain.RefuseIn(domain.TokenExpired, s.State)
	}
	m.As = domain.Self
	if guardian {
		m.As = domain.ByGuardian
	}
	return acting || guardian, nil
}

func unknownIsUnauthenticated(err error) error {
	if errors.Is(err, domain.Refuse(domain.NoSuchThing)) {
		return domain.Refuse(domain.Unauthenticated)
	}
	return err
}

// asLearner runs a rule on the session that the token opens.
func (l Learner) asLearner(ctx context.Context, token *Credential, by By, once *Once, apply func(*domain.Moment) error) ([]ledger.Entry, error) {
	b, err := learner(token)
	if err != nil {
		return nil, err
	}
	by.Session = b.Thing
	entries, err := l.Tenant(b.Enterprise).Update(ctx, by, once, func(m *domain.Moment) error {
		m.Settle()
		acting, err := acts(m, token, b)
		if err == nil && !acting {
			err = domain.RefuseIn(domain.HandedOver, m.Session.State)
		}
		if err != nil {
			return err
		}
		return apply(m)
	})
	if err == nil && once.Found() {
		return nil, l.Authenticate(ctx, token)
	}
	return entries, unknownIsUnauthenticated(err)
}

// Session shows the session to its learner, or to their guardian. The first time that
// this shows a notice, the log says so.
func (l Learner) Session(ctx context.Context, token *Credential, want domain.Locale) (v LearnerView, err error) {
	b, err := learner(token)
	if err != nil {
		return v, err
	}
	by := By{Session: b.Thing, Text: true}
	m, err := l.Tenant(b.Enterprise).Moment(ctx, by)
	if err != nil {
		return v, unknownIsUnauthenticated(err)
	}
	m.Settle()
	acting, err := acts(m, token, b)
	switch {
	case err != nil:
		return v, err
	case !acting: // this page follows and shows no notice
		v = viewForLearner(m)
		v.HandedOver = true
		return v, nil
	}
	if m.Show(shownIn(m, want)); !m.Dirty() {
		return viewForLearner(m), nil
	}
	_, err = l.asLearner(ctx, token, by, nil, func(m *domain.Moment) error {
		m.Show(shownIn(m, want))
		v = viewForLearner(m)
		return nil
	})
	return v, err
}

// shownIn is the language a page is taken to show: the one it asks for, else the one
// the LMS opened the session in.
func shownIn(m *domain.Moment, want domain.Locale) domain.Locale {
	if want.Valid() {
		return want
	}
	return m.Session.Locale
}

// Decided is the answer to a decision.
type Decided struct {
	State       domain.State `json:"state"`
	Consent     domain.ID    `json:"consent"`
	LeafHash    string       `json:"leaf_hash"`
	Promise     string       `json:"promise,omitempty"` // a JWS: that the Record will be in the log, see package promise
	Receipt     *Receipt     `json:"receipt,omitempty"`
	WithdrawURL string       `json:"withdraw_url,omitempty"`
	AskAgainAt  string       `json:"ask_again_at,omitempty"`
}

// Decide takes a decision. A grant is answered with its receipt.
func (l Learner) Decide(ctx context.Context, call Call, token *Credential, d domain.Decision) (v Decided, err error) {
	if err := d.Validate(); err != nil {
		return v, l.OrStranger(ctx, token, err)
	}
	secret, salt := vault.NewSecret(), vault.NewSalt()
	b, err := learner(token)
	if err != nil {
		return v, err
	}
	var m *domain.Moment
	_, err = once(call.by(b), l.Vault, &v, func(once *Once) error {
		decided := func(entries []ledger.Entry) { v = l.decided(m, d, said(entries), secret, salt) }
		once.answeredBy(decided)
		entries, err := l.asLearner(ctx, token, By{Text: true, Log: true}, once, func(now *domain.Moment) error {
			m = now
			proof, err := l.proof(m, salt)
			if err != nil {
				return err
			}
			proof.WithdrawHash = vault.Hash(secret)
			return m.Decide(d, proof)
		})
		if err == nil && once == nil { // otherwise it was answered when it was kept
			decided(entries)
		}
		return err
	})
	return v, err
}

func (l Learner) decided(m *domain.Moment, d domain.Decision, e ledger.Entry, secret string, salt []byte) Decided {
	v := Decided{State: m.Session.State, Consent: m.NewConsent.ID, LeafHash: e.Leaf, Promise: l.promise(e)}
	if d.Decision != domain.Granted {
		v.AskAgainAt = ledger.Instant(m.AskAgainAt())
		return v
	}
	code := domain.Bearer{Kind: domain.WithdrawCode, Enterprise: m.Enterprise.ID, Thing: m.NewConsent.ID, Secret: secret}
	v.WithdrawURL = l.PublicURL + "/w/" + string(m.Enterprise.ID) + "#w=" + code.String()
	v.Receipt = l.receipt(m, e, salt)
	v.Receipt.WithdrawURL = v.WithdrawURL
	return v
}

// said is the entry that proves what the person has just said; others may follow it.
func said(entries []ledger.Entry) ledger.Entry {
	for _, e := range slices.Backward(entries) {
		switch e.Record.Type {
		case domain.ConsentGrantedType, domain.ConsentRefusedType, domain.ConsentWithdrawnType:
			return e
		}
	}
	panic("app: a decision without a Record") // the domain always makes one
}

// promise signs that an entry will have its place in the log. Without one the answer is
// what it would be: the decision is durable, and the log is not long in coming.
func (l Learner) promise(e ledger.Entry) string {
	if l.Promises == nil {
		return ""
	}
	promise, err := l.Promises.Sign(e)
	if err != nil {
		return ""
	}
	return promise
}

func (l Learner) proof(m *domain.Moment, salt []byte) (domain.Proof, error) {
	subject, err := l.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID)
	if err != nil {
		return domain.Proof{}, err
	}
	sealed, err := l.Vault.SealSalt(m.Subject.Pseudonym, salt)
	return domain.Proof{Salt: sealed, Commitment: ledger.Commitment(salt, m.Enterprise.ID, subject)}, err
}

// WithdrawnView is the answer to a withdrawal.
type WithdrawnView struct {
	State   domain.ConsentState `json:"state"`
	Promise string              `json:"promise,omitempty"`
	Receipt *Receipt            `json:"receipt"`
}

// What is whichever consent somebody means to take back: that for a purpose, by default
// the session's own, or on the person's own page a certain one.
type What struct {
	Purpose domain.Purpose `json:"purpose"`
	Consent domain.ID      `json:"consent"`
}

func (w What) validate() error {
	_, isID := domain.ParseID(string(w.Consent))
	fault := domain.FieldFault{Field: "purpose", Code: domain.NotAllowed}
	switch {
	case w.Purpose != "" && (!w.Purpose.Valid() || w.Consent != ""):
	case w.Consent != "" && !isID:
		fault = domain.FieldFault{Field: "consent", Code: domain.BadFormat}
	default:
		return nil
	}
	return &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{fault}}
}

// Withdraw takes a consent back: that of whoever has the token, for a child the guardian's.
func (l Learner) Withdraw(ctx context.Context, call Call, token *Credential, w What) (v WithdrawnView, err error) {
	if err := w.validate(); err != nil {
		return v, l.OrStranger(ctx, token, err)
	}
	b, err := learner(token)
	if err != nil {
		return v, err
	}
	v, err = l.withdraw("session", call.by(b), func(once *Once, apply func(*domain.Moment) error) ([]ledger.Entry, error) {
		return l.asLearner(ctx, token, By{Purpose: w.Purpose, Consent: w.Consent, Agreed: true, Log: true}, once, func(m *domain.Moment) error {
			if w.Consent != "" && !m.MayEndNamed() {
				return domain.Refuse(domain.NothingToEnd)
			}
			return apply(m)
		})
	})
	if w.Consent != "" && errors.Is(err, domain.Refuse(domain.Unauthenticated)) {
		err = l.OrStranger(ctx, token, domain.Refuse(domain.NothingToEnd)) // it is not there, or somebody else's
	}
	return v, err
}

// WithdrawByReceipt takes back a consent with the code of its receipt. It needs
// nobody's help and no session, and works for an enterprise that was closed.
func (l Learner) WithdrawByReceipt(ctx context.Context, call Call, code *Credential) (v WithdrawnView, err error) {
	b, ok := domain.ParseBearer(inFragment(code.text, "#w="))
	if !ok || b.Kind != domain.WithdrawCode {
		return v, domain.Refuse(domain.Unauthenticated)
	}
	v, err = l.withdraw("receipt", call.by(b), func(once *Once, apply func(*domain.Moment) error) ([]ledger.Entry, error) {
		entries, err := l.Tenant(b.Enterprise).Update(ctx, By{Consent: b.Thing, Agreed: true, Log: true}, once, func(m *domain.Moment) error {
			if m.Named == nil || m.Named.WithdrawHash == "" || !equal(m.Named.WithdrawHash, vault.Hash(b.Secret)) {
				return domain.Refuse(domain.Unauthenticated)
			}
			if m.Named.ID != m.Consent.ID { // a receipt ends its own consent, not one given later
				return domain.Refuse(domain.NothingToEnd)
			}
			return apply(m)
		})
		return entries, unknownIsUnauthenticated(err)
	})
	if err == nil {
		code.owner = b.Enterprise
	}
	return v, err
}

// withdrawal runs a withdrawal, for whoever may: with a token, or with a receipt's code.
type withdrawal func(once *Once, apply func(*domain.Moment) error) ([]ledger.Entry, error)

func (l Learner) withdraw(via string, call Call, run withdrawal) (v WithdrawnView, err error) {
	var m *domain.Moment
	var salt []byte
	_, err = once(call, l.Vault, &v, func(once *Once) error {
		withdrawn := func(entries []ledger.Entry) {
			e := said(entries)
			v = WithdrawnView{State: m.Word().State, Promise: l.promise(e), Receipt: l.receipt(m, e, salt)}
		}
		once.answeredBy(withdrawn)
		entries, err := run(once, func(now *domain.Moment) (err error) {
			m = now
			c := m.Word()
			if c == nil {
				return domain.Refuse(domain.NothingToEnd)
			}
			if salt, err = l.Vault.OpenSalt(m.Subject.Pseudonym, c.Salt); err != nil {
				return err
			}
			return m.Withdraw(via)
		})
		if err == nil && once == nil { // otherwise it was answered when it was kept
			withdrawn(entries)
		}
		return err
	})
	return v, err
}
