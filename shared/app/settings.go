package app

import (
	"cmp"
	"context"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// FaceServiceView is the switch of the face service.
type FaceServiceView struct {
	FaceService bool `json:"face_service"`
	Version     int  `json:"version"`
}

// PurposeView is a purpose's settings; Version is what If-Match is held against.
type PurposeView struct {
	Purpose domain.Purpose `json:"purpose"`
	domain.PurposeSettings
	// ImpactAssessment stands for the one of PurposeSettings; absent until one is entered.
	ImpactAssessment *domain.Assessment `json:"impact_assessment,omitempty"`
	Version          int                `json:"version"`
}

// AcknowledgeClosing is a closed enterprise's word that it has its records (duty D15):
// everything that leads from the log to a person goes from then on, for good.
func (a Admin) AcknowledgeClosing(ctx context.Context, call Call) (v ClosingView, err error) {
	_, err = once(call, a.Answers, &v, func(once *Once) error {
		return a.instruct(ctx, call, once, func(c *domain.Charter) error {
			err := c.Acknowledge(call.Key.ID)
			v = viewClosing(c.Enterprise)
			return err
		})
	})
	return v, err
}

// FaceService tells whether the third party is switched on.
func (a Admin) FaceService(ctx context.Context, call Call) (FaceServiceView, error) {
	c, err := a.Tenant(call.Key.Enterprise).Charter(ctx)
	if err != nil {
		return FaceServiceView{}, err
	}
	return FaceServiceView{c.Settings.FaceService, c.Settings.Version}, nil
}

// SwitchFaceService turns the third party on or off at once (duty D20). version,
// if not nil, must be the current one.
func (a Admin) SwitchFaceService(ctx context.Context, call Call, on bool, version *int) (v FaceServiceView, err error) {
	err = a.instruct(ctx, call, nil, func(c *domain.Charter) error {
		err := c.SwitchFaceService(on, version, call.Key.ID)
		v = FaceServiceView{c.Settings.FaceService, c.Settings.Version}
		return err
	})
	return v, err
}

// Purpose tells a purpose's settings.
func (a Admin) Purpose(ctx context.Context, call Call, p domain.Purpose) (PurposeView, error) {
	c, err := a.Tenant(call.Key.Enterprise).Charter(ctx)
	if err != nil {
		return PurposeView{}, err
	}
	return viewPurpose(c, p), nil
}

func viewPurpose(c *domain.Charter, p domain.Purpose) PurposeView {
	s := c.Settings.Purposes[p]
	s.FalseAccept = cmp.Or(s.FalseAccept, domain.OneIn10000)
	v := PurposeView{Purpose: p, PurposeSettings: s, Version: s.Version}
	if s.ImpactAssessment != (domain.Assessment{}) {
		v.ImpactAssessment = &s.ImpactAssessment
	}
	return v
}

// SetPurpose changes a purpose's settings. version, if not nil, must be the
// current one.
func (a Admin) SetPurpose(ctx context.Context, call Call, p domain.Purpose, s domain.PurposeSettings, version *int) (v PurposeView, err error) {
	s.FalseAccept = cmp.Or(s.FalseAccept, domain.OneIn10000)
	err = a.instruct(ctx, call, nil, func(c *domain.Charter) error {
		if err := s.Validate(c.Now, a.Loopback); err != nil {
			return err
		}
		if err := c.SetPurpose(p, s, version, ledger.DocumentHash(s), call.Key.ID); err != nil {
			return err
		}
		v = viewPurpose(c, p)
		return nil
	})
	return v, err
}
