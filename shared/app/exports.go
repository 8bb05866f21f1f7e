package app

import (
	"context"
	"io"
	"slices"
	"time"

	"nod/shared/domain"
	"nod/shared/vault"
)

// Exports is what an auditor does about bundles of Records: has one made, looks how far it
// is, fetches it.
type Exports struct {
	Tenant  func(domain.ID) ExportDesk
	Vault   Vault
	Objects Objects
	NewID   func() domain.ID
}

// ExportDesk is Charters and an enterprise's exports, oldest first.
type ExportDesk interface {
	Charters
	Exports(ctx context.Context, after domain.ID, limit int) (list []domain.Export, now time.Time, err error)
	// Export reads one; domain.NoSuchThing if there is none.
	Export(ctx context.Context, id domain.ID) (e domain.Export, now time.Time, err error)
	// PseudonymOf is the name by which the log knows whoever is found by a lookup; empty if
	// nobody is.
	PseudonymOf(ctx context.Context, lookup string) (string, error)
}

// Objects keeps what is too large for a database, by its name.
type Objects interface {
	// Write keeps an object as a whole; when it returns, that is durable.
	Write(ctx context.Context, name string, content io.Reader) error
	// Open reads one; whoever reads it closes it.
	Open(ctx context.Context, name string) (content io.ReadCloser, size int64, err error)
	// Remove deletes all in a folder, which ends with a slash; none there is no fault.
	Remove(ctx context.Context, folder string) error
	// Link is an address from which anybody can fetch an object for a while, as a file of
	// that name; empty where objects cannot be reached so.
	Link(ctx context.Context, name, file string, valid time.Duration) (string, error)
}

// ExportWish is what an auditor sends. Subject is the id by which the platform knows one
// person; with it alone, what is asked for is their dossier.
type ExportWish struct {
	From        time.Time           `json:"from"`
	To          time.Time           `json:"to"`
	Purposes    []domain.Purpose    `json:"purposes"`
	Subject     string              `json:"subject"`
	Identifiers domain.Identifiers  `json:"identifiers"`
	Reason      domain.ExportReason `json:"reason"`
}

// ExportView is an export as the interface shows it. Who the one person is, it does not
// tell: that an auditor was told of somebody would have to be on record each time.
type ExportView struct {
	ID          domain.ID           `json:"id"`
	State       domain.ExportState  `json:"state"`
	From        time.Time           `json:"from,omitzero"`
	To          time.Time           `json:"to,omitzero"`
	Purposes    []domain.Purpose    `json:"purposes,omitempty"`
	OnePerson   bool                `json:"one_person,omitempty"`
	Dossier     bool                `json:"dossier,omitempty"`
	Identifiers domain.Identifiers  `json:"identifiers"`
	Reason      domain.ExportReason `json:"reason,omitempty"`
	Last        bool                `json:"last,omitempty"`
	MadeBy      domain.ID           `json:"made_by,omitempty"` // the key that asked for it; absent from a last one
	MadeAt      time.Time           `json:"made_at"`
	Done        int64               `json:"done"`
	Of          int64               `json:"of"`
	LeftS       *int64              `json:"left_s,omitempty"`
	ReadyAt     time.Time           `json:"ready_at,omitzero"`
	Bytes       int64               `json:"bytes,omitempty"`
	Records     *int64              `json:"records,omitempty"` // that the bundle holds, once it is there
	SHA256      string              `json:"sha256,omitempty"`
	ExpiresAt   time.Time           `json:"expires_at,omitzero"`
}

func viewExport(e domain.Export, now time.Time) ExportView {
	e = e.As(now)
	v := ExportView{
		ID: e.ID, State: e.State, From: e.Asked.From, To: e.Asked.To, Purposes: e.Asked.Purposes, OnePerson: e.Asked.Subject != "",
		Dossier: e.Asked.Dossier(), Identifiers: e.Asked.Identifiers, Reason: e.Asked.Reason, Last: e.Last, MadeBy: e.Actor, MadeAt: e.MadeAt, Done: e.Done, Of: e.Of,
		ReadyAt: e.ReadyAt, Bytes: e.Bundle.Bytes, SHA256: e.Bundle.SHA256, ExpiresAt: e.ExpiresAt,
	}
	if !e.ReadyAt.IsZero() {
		v.Records = new(e.Bundle.Records)
	}
	if left, known := e.Left(now); known {
		v.LeftS = new(int64(left.Round(time.Second) / time.Second))
	}
	return v
}

// Make has a bundle made. That the platform's id is nobody's is no reason to refuse: the
// bundle of a stranger has no Records.
func (x Exports) Make(ctx context.Context, call Call, w ExportWish) (v ExportView, err error) {
	asked := domain.ExportRequest{
		From: w.From.UTC().Truncate(time.Millisecond), To: w.To.UTC().Truncate(time.Millisecond), // as times are stored
		Purposes: slices.Sorted(slices.Values(w.Purposes)), Identifiers: w.Identifiers, Reason: w.Reason,
	}
	n := x.Tenant(call.Key.Enterprise)
	if w.Subject != "" {
		if asked.Subject, err = x.pseudonym(ctx, n, call.Key.Enterprise, w.Subject); err != nil {
			return v, err
		}
	}
	if err := asked.Validate(); err != nil {
		return v, err
	}
	id := x.NewID()
	_, err = once(call, x.Vault, &v, func(once *Once) error {
		return n.Instruct(ctx, once, func(c *domain.Charter) error {
			e, err := c.Export(id, asked, call.Key.ID)
			v = viewExport(e, c.Now)
			return err
		})
	})
	return v, err
}

// pseudonym is the person's, or for a stranger's id one that is nobody's.
func (x Exports) pseudonym(ctx context.Context, n ExportDesk, enterprise domain.ID, subject string) (string, error) {
	pseudonym, err := n.PseudonymOf(ctx, x.Vault.Lookup(enterprise, subject))
	if err == nil && pseudonym == "" {
		pseudonym = vault.NewPseudonym() // the log keeps it: nothing may lead from it to the id
	}
	return pseudonym, err
}

// List lists an enterprise's exports, oldest first.
func (x Exports) List(ctx context.Context, call Call, page Page) (List[ExportView], error) {
	list, now, err := x.Tenant(call.Key.Enterprise).Exports(ctx, page.After, page.fetch())
	return paged(list, page, func(e domain.Export) domain.ID { return e.ID }, func(e domain.Export) ExportView { return viewExport(e, now) }), err
}

// Get tells how far one is.
func (x Exports) Get(ctx context.Context, call Call, id domain.ID) (ExportView, error) {
	e, now, err := x.Tenant(call.Key.Enterprise).Export(ctx, id)
	return viewExport(e, now), err
}

// Bundle is the file of an export: where to fetch it, or itself.
type Bundle struct {
	Link    string
	Content io.ReadCloser // nil if there is a link
	Size    int64
	Name    string
}

// linkValid is how long a bundle's link is: enough to follow it.
const linkValid = 5 * time.Minute

// Bundle gives the file; domain.ExportNotReady as long as it is being made. The log says who
// fetched it before they have it.
func (x Exports) Bundle(ctx context.Context, call Call, id domain.ID) (b Bundle, err error) {
	n := x.Tenant(call.Key.Enterprise)
	e, now, err := n.Export(ctx, id)
	if err != nil {
		return b, err
	}
	if err := e.Fetch(now); err != nil {
		return b, err
	}
	err = n.Instruct(ctx, nil, func(c *domain.Charter) error {
		c.ReadExport(e, call.Key.ID)
		return nil
	})
	if err != nil {
		return b, err
	}
	b.Name = "nod-" + string(id) + ".zip"
	if e.Asked.Dossier() {
		b.Name = "nod-dossier-" + string(id) + ".zip"
	}
	if b.Link, err = x.Objects.Link(ctx, e.Bundle.Object, b.Name, linkValid); err != nil || b.Link != "" {
		return b, err
	}
	b.Content, b.Size, err = x.Objects.Open(ctx, e.Bundle.Object)
	return b, err
}
