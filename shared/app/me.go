package app

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Me is the person's own page: what is held about them (duty D21), and what they ask the
// enterprise for (D22, D24). Any session's token opens it, and no switch closes it.
type Me struct {
	Learner
	People func(domain.ID) People
	Log    func(domain.ID) LogReader
	Origin func(domain.ID) string // that names an enterprise's log
	NewID  func() domain.ID
}

// holdings reads what the holder of a token may see. A guardian stands in for a child; of
// somebody of 15 to 17 they see what they said themselves.
func (l Me) holdings(ctx context.Context, token *Credential) (m *domain.Moment, h domain.Holdings, err error) {
	b, err := learner(token)
	if err != nil {
		return nil, h, err
	}
	people := l.People(b.Enterprise)
	if m, err = people.Moment(ctx, By{Session: b.Thing}); err != nil {
		return nil, h, unknownIsUnauthenticated(err)
	}
	m.Settle()
	if _, err := acts(m, token, b); err != nil {
		return nil, h, err
	}
	if h, err = people.Held(ctx, b.Thing); err != nil {
		return nil, h, err
	}
	h = h.Shown()
	if m.Speaker() == domain.ByGuardian && m.Session.AgeGroup != domain.Child {
		h = h.SaidBy(domain.ByGuardian)
	}
	return m, h, nil
}

// Show tells what is held.
func (l Me) Show(ctx context.Context, token *Credential) (v MeView, err error) {
	m, h, err := l.holdings(ctx, token)
	if err != nil {
		return v, err
	}
	return l.view(m, h)
}

func (l Me) view(m *domain.Moment, h domain.Holdings) (v MeView, err error) {
	v = viewMe(m, h)
	for _, r := range h.Requests {
		shown, err := viewRequest(l.Vault, r, h.Charter.Now)
		if err != nil {
			return v, err
		}
		v.Requests = append(v.Requests, shown)
	}
	return v, nil
}

// Copy is what is held, in a form that machines read, with everything that is needed to
// verify it without Nod.
type Copy struct {
	Format string `json:"format"`
	// Subject is the id by which the learning platform knows the person; the log knows
	// them by Pseudonym alone.
	Subject   string `json:"subject,omitempty"`
	Pseudonym string `json:"pseudonym,omitempty"`
	Me        MeView `json:"me"`
	// Openings show that the consents' Records are about this person.
	Openings []Opened `json:"openings"`
	// Notices are the documents whose SHA-256 the Records name.
	Notices []json.RawMessage `json:"notices"`
	Records []RecordCopy      `json:"records"`
	// Log is the log that has the Records, and the keys that check its checkpoints; absent
	// before the first.
	Log *LogKeys `json:"log,omitempty"`
	// Next is where the following part of the Records begins; absent when there is none.
	Next int `json:"next,omitempty"`
}

// CopyFormat names the form of a Copy.
const CopyFormat = "nod-copy-1"

// Opened opens the commitment of a consent's Record, as a receipt does.
type Opened struct {
	Consent domain.ID `json:"consent"`
	Opening string    `json:"opening"`
}

// RecordCopy is the very line of the log, and its leaf hash.
type RecordCopy struct {
	Record   string `json:"record"`
	LeafHash string `json:"leaf_hash"`
	// Proof shows that the line is in the log, as one text (C2SP tlog-proof). A line that
	// has no checkpoint over it yet has a Promise instead; see package promise.
	Proof   string `json:"proof,omitempty"`
	Promise string `json:"promise,omitempty"`
}

// ChainLine is a line about a person, and its place in the log: -1 as long as it waits.
type ChainLine struct {
	Line  string
	Place int64
}

// copyRecords is how many Records one copy holds at most: an answer of a function is
// bounded to 6 MB. A line is about a kilobyte, and its proof another one in a log of
// millions.
const copyRecords = 1_000

// Copy gives the copy; after is 0, or Next of the part before.
func (l Me) Copy(ctx context.Context, token *Credential, after int) (v Copy, err error) {
	m, h, err := l.holdings(ctx, token)
	if err != nil {
		return v, err
	}
	v = Copy{Format: CopyFormat, Openings: []Opened{}, Notices: []json.RawMessage{}, Records: []RecordCopy{}}
	if v.Me, err = l.view(m, h); err != nil {
		return v, err
	}
	if err := l.prove(&v, m, h); err != nil {
		return v, err
	}
	if m.Speaker() == domain.ByGuardian && m.Session.AgeGroup != domain.Child {
		return v, nil // the log of the young person is theirs
	}
	v.Pseudonym = m.Subject.Pseudonym
	if v.Subject, err = l.Vault.OpenSubject(m.Enterprise.ID, m.Subject.SealedID); err != nil {
		return v, err
	}
	lines, next, err := l.People(m.Enterprise.ID).Chain(ctx, m.Subject.Pseudonym, after, copyRecords)
	if err != nil {
		return v, err
	}
	v.Next = next
	return v, l.placed(ctx, m.Enterprise.ID, lines, &v)
}

// prove adds what the consents are verified with.
func (l Me) prove(v *Copy, m *domain.Moment, h domain.Holdings) error {
	seen := map[string]bool{}
	for _, c := range h.Consents {
		salt, err := l.Vault.OpenSalt(m.Subject.Pseudonym, c.Salt)
		if err != nil {
			return err
		}
		if len(salt) > 0 {
			v.Openings = append(v.Openings, Opened{c.ID, hex.EncodeToString(salt)})
		}
		n, known := h.Notices[c.Notice.ID]
		if which := string(c.Notice.ID) + string(c.Notice.Locale); known && !seen[which] {
			seen[which] = true
			v.Notices = append(v.Notices, ledger.NoticeDocument(m.Enterprise.ID, n, c.Notice.Locale))
		}
	}
	return nil
}

// Requests lists what the person asked for, newest first.
func (l Me) Requests(ctx context.Context, token *Credential) (v List[RequestView], err error) {
	m, h, err := l.holdings(ctx, token)
	if err != nil {
		return v, err
	}
	shown, err := l.view(m, h)
	return List[RequestView]{Items: shown.Requests}, err
}

// Ask opens a request.
func (l Me) Ask(ctx context.Context, call Call, token *Credential, w domain.Wish) (v RequestView, err error) {
	proof, err := proofOf(w)
	if err != nil {
		return v, l.OrStranger(ctx, token, err)
	}
	b, err := learner(token)
	if err != nil {
		return v, err
	}
	r := domain.Request{ID: l.NewID(), Kind: w.Kind, Relation: w.Relation, HasProof: len(proof) > 0}
	if r.Text, err = l.Vault.SealWords(placeOf(wish, r.ID), []byte(w.Text)); err != nil {
		return v, err
	}
	if r.Proof, err = l.Vault.SealWords(placeOf(proofFile, r.ID), proof); err != nil {
		return v, err
	}
	_, err = once(call.by(b), l.Vault, &v, func(once *Once) error {
		_, err := l.asLearner(ctx, token, By{Requests: true}, once, func(m *domain.Moment) error {
			asked, err := m.Ask(r)
			if err != nil {
				return err
			}
			v, err = viewRequest(l.Vault, *asked, m.Now)
			return err
		})
		return err
	})
	return v, err
}

// What of a request is encrypted, each bound to its place.
const (
	wish      = "wish"
	proofFile = "proof"
	answer    = "answer"
)

func placeOf(part string, id domain.ID) string { return part + " " + string(id) }

// The kinds of file that a proof may be, by what is in it.
var proofKinds = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true}

// proofOf validates a wish and decodes its file.
func proofOf(w domain.Wish) ([]byte, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	fault := func(code string) error {
		return &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: "proof_file", Code: code}}}
	}
	file, err := base64.StdEncoding.DecodeString(w.ProofFile)
	switch {
	case err != nil:
		return nil, fault(domain.BadFormat)
	case len(file) > domain.MaxProofFile:
		return nil, fault(domain.TooLong)
	case len(file) > 0 && !proofKinds[http.DetectContentType(file)]:
		return nil, fault(domain.BadFormat)
	}
	return file, nil
}
