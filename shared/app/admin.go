package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// Admin is what an enterprise's administrator does. The enterprise is that of the
// key that called.
type Admin struct {
	Tenant   func(domain.ID) Charters
	Answers  Answers
	NewID    func() domain.ID
	Loopback bool // Nod runs on this machine: plain http to it is allowed
}

func (a Admin) instruct(ctx context.Context, call Call, once *Once, apply func(*domain.Charter) error) error {
	return a.Tenant(call.Key.Enterprise).Instruct(ctx, once, apply)
}

// NewDelegation is what a delegation is recorded with. AgreementFile is base64.
type NewDelegation struct {
	domain.Terms
	AgreementFile string `json:"agreement_file"`
}

// DelegationView is a delegation as the interface shows it.
type DelegationView struct {
	ID      domain.ID `json:"id"`
	Version int       `json:"version"`
	SHA256  string    `json:"sha256"`
	Status  string    `json:"status"`
	domain.Terms
	RecordedAt time.Time `json:"recorded_at"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
}

func viewDelegation(c *domain.Charter, d domain.Delegation) DelegationView {
	v := DelegationView{ID: d.ID, Version: d.Version, SHA256: d.SHA256, Status: d.Status(c.Now), Terms: d.Terms,
		RecordedAt: d.RecordedAt, RevokedAt: d.RevokedAt}
	if v.Status == "in_force" && c.Superseded(d) {
		v.Status = "superseded"
	}
	return v
}

const maxAgreement = 3 << 20

// RecordDelegation puts a delegation on record.
func (a Admin) RecordDelegation(ctx context.Context, call Call, n NewDelegation) (v DelegationView, err error) {
	file, err := agreement(n)
	if err != nil {
		return v, err
	}
	id := a.NewID()
	_, err = once(call, a.Answers, &v, func(once *Once) error {
		return a.instruct(ctx, call, once, func(c *domain.Charter) error {
			if err := n.Terms.Validate(c.Now); err != nil {
				return err
			}
			d, err := c.RecordDelegation(id, n.Terms, file, func(d domain.Delegation) string {
				return ledger.DelegationHash(c.Enterprise.ID, d)
			}, call.Key.ID)
			if err == nil {
				v = viewDelegation(c, *d)
			}
			return err
		})
	})
	return v, err
}

// agreement decodes the agreement's file, whose hash must be the one stated.
func agreement(n NewDelegation) ([]byte, error) {
	if n.AgreementFile == "" {
		return nil, nil
	}
	fault := func(code string) error {
		return &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: "agreement_file", Code: code}}}
	}
	file, err := base64.StdEncoding.DecodeString(n.AgreementFile)
	if err != nil {
		return nil, fault(domain.BadFormat)
	}
	if len(file) > maxAgreement {
		return nil, fault(domain.TooLong)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != n.AgreementSHA256 {
		return nil, &domain.Refusal{Reason: domain.InvalidValue,
			Fields: []domain.FieldFault{{Field: "agreement_sha256", Code: domain.BadFormat}}}
	}
	return file, nil
}

// RevokeDelegation ends a delegation at once.
func (a Admin) RevokeDelegation(ctx context.Context, call Call, id domain.ID) (v DelegationView, err error) {
	_, err = once(call, a.Answers, &v, func(once *Once) error {
		return a.instruct(ctx, call, once, func(c *domain.Charter) error {
			d, err := c.RevokeDelegation(id, call.Key.ID)
			if err == nil {
				v = viewDelegation(c, *d)
			}
			return err
		})
	})
	return v, err
}

// Delegations lists an enterprise's delegations, oldest first.
func (a Admin) Delegations(ctx context.Context, call Call, page Page) (List[DelegationView], error) {
	c, err := a.Tenant(call.Key.Enterprise).Charter(ctx)
	if err != nil {
		return List[DelegationView]{}, err
	}
	id := func(d domain.Delegation) domain.ID { return d.ID }
	view := func(d domain.Delegation) DelegationView { return viewDelegation(c, d) }
	return paged(behind(c.Delegations, page, id), page, id, view), nil
}

// NoticeView is a notice as the interface shows it to an administrator.
type NoticeView struct {
	ID            domain.ID                         `json:"id"`
	Version       int                               `json:"version"`
	Purpose       domain.Purpose                    `json:"purpose"`
	Audience      domain.Audience                   `json:"audience"`
	Material      bool                              `json:"material"`
	Changes       []domain.Change                   `json:"changes"`
	EffectiveFrom time.Time                         `json:"effective_from"`
	PublishedAt   time.Time                         `json:"published_at"`
	SHA256        map[domain.Locale]string          `json:"sha256"`
	Facts         domain.Facts                      `json:"facts"`
	Contents      map[domain.Locale]domain.Contents `json:"contents"`
	Delegation    domain.DelegationRef              `json:"delegation"`
}

func viewNotice(n domain.Notice) NoticeView {
	return NoticeView{ID: n.ID, Version: n.Version, Purpose: n.Purpose, Audience: n.Audience, Material: n.Material,
		Changes: n.Changes, EffectiveFrom: n.EffectiveFrom, PublishedAt: n.PublishedAt, SHA256: n.SHA256,
		Facts: n.Facts, Contents: n.Contents, Delegation: n.Delegation}
}

// PublishNotice publishes a version of a notice.
func (a Admin) PublishNotice(ctx context.Context, call Call, d domain.NoticeDraft) (v NoticeView, err error) {
	if err := d.Validate(); err != nil {
		return v, err
	}
	id := a.NewID()
	_, err = once(call, a.Answers, &v, func(once *Once) error {
		return a.instruct(ctx, call, once, func(c *domain.Charter) error {
			n, err := c.DraftNotice(id, d, hashesIn(c))
			if err != nil {
				return err
			}
			c.PublishNotice(n, call.Key.ID)
			v = viewNotice(*n)
			return nil
		})
	})
	return v, err
}

// PreviewNotice shows what publishing a draft would make, and changes nothing. The
// id, and with it the hashes, are those of the preview alone.
func (a Admin) PreviewNotice(ctx context.Context, call Call, d domain.NoticeDraft) (v NoticeView, err error) {
	if err := d.Validate(); err != nil {
		return v, err
	}
	c, err := a.Tenant(call.Key.Enterprise).Charter(ctx)
	if err != nil {
		return v, err
	}
	n, err := c.DraftNotice(a.NewID(), d, hashesIn(c))
	if err != nil {
		return v, err
	}
	return viewNotice(*n), nil
}

func hashesIn(c *domain.Charter) func(domain.Notice) map[domain.Locale]string {
	return func(n domain.Notice) map[domain.Locale]string { return ledger.NoticeHashes(c.Enterprise.ID, n) }
}

// Notices lists all versions of all notices, newest first.
func (a Admin) Notices(ctx context.Context, call Call, page Page) (List[NoticeView], error) {
	list, err := a.Tenant(call.Key.Enterprise).Notices(ctx, page.After, page.fetch())
	return paged(list, page, func(n domain.Notice) domain.ID { return n.ID }, viewNotice), err
}
