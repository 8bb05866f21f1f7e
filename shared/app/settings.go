package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
)

// FaceServiceView is the switch of the face service.
type FaceServiceView struct {
	FaceService bool      `json:"face_service"`
	Version     int       `json:"version"`
	Warnings    []Warning `json:"warnings"`
}

// PurposeView is a purpose's settings; Version is what If-Match is held against.
type PurposeView struct {
	Purpose domain.Purpose `json:"purpose"`
	domain.PurposeSettings
	// ImpactAssessment stands for the one of PurposeSettings; absent until one is entered.
	ImpactAssessment *domain.Assessment `json:"impact_assessment,omitempty"`
	// StoredFacesDeclared stands for the one of PurposeSettings; 0 until one is declared.
	StoredFacesDeclared int `json:"stored_faces_declared"`
	Version             int `json:"version"`
	// ChangedAt is since when a version was; only where one is asked for.
	ChangedAt time.Time `json:"changed_at,omitzero"`
	Warnings  []Warning `json:"warnings"`
}

// Acknowledgement names the last export that the enterprise has; none means one that can be
// fetched now.
type Acknowledgement struct {
	Export domain.ID `json:"export"`
}

// AcknowledgeClosing is a closed enterprise's word that it has its records (duty D15):
// everything that leads from the log to a person goes from then on, for good.
func (a Admin) AcknowledgeClosing(ctx context.Context, call Call, w Acknowledgement) (v ClosingView, err error) {
	_, err = once(call, a.Answers, &v, func(once *Once) error {
		return a.instruct(ctx, call, once, func(c *domain.Charter) error {
			err := c.Acknowledge(w.Export, call.Key.ID)
			v = viewClosing(c.Enterprise)
			return err
		})
	})
	return v, err
}

// Warning is something that the enterprise has to see to, in the caller's language.
type Warning struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// warnings tells of the filing that a large library of faces needs, before it is due and
// when it is (duty D26; FR art. 15).
func warnings(s domain.Settings, l domain.Locale) []Warning {
	n := s.StoredFaces()
	switch {
	case n >= domain.FacesLimit:
		return []Warning{{"stored_faces_filing_due", filingDue.In(l), fmt.Sprintf(filingDueDetail.In(l), n)}}
	case n >= domain.FacesWarnFrom:
		return []Warning{{"stored_faces_near_limit", filingNear.In(l), fmt.Sprintf(filingNearDetail.In(l), n)}}
	}
	return []Warning{}
}

var (
	filingDue = inWords("存储的人脸已达到 10 万人，须备案",
		"100,000 stored faces are reached: a filing is due")
	filingDueDetail = inWords(
		"企业申报存储的人脸，各目的合计 %d 人。自达到 10 万人之日起 30 个工作日内，须向所在地省级以上网信部门备案（《人脸识别技术应用安全管理办法》第十五条）。如已备案，不必再做什么。Nod 自己不存储人脸。",
		"Over all purposes the enterprise declares to store %d faces. Within 30 working days of the day on which 100,000 were reached, it has to file with the cyberspace authority of its province (FR art. 15). If that is done, nothing more is needed. Nod itself stores no face.")
	filingNear = inWords("存储的人脸接近 10 万人",
		"The stored faces come near 100,000")
	filingNearDetail = inWords(
		"企业申报存储的人脸，各目的合计 %d 人。达到 10 万人之日起 30 个工作日内，须向所在地省级以上网信部门备案（《人脸识别技术应用安全管理办法》第十五条）。请提前准备，或删除不再需要的照片。Nod 自己不存储人脸。",
		"Over all purposes the enterprise declares to store %d faces. Within 30 working days of the day on which 100,000 are reached, it has to file with the cyberspace authority of its province (FR art. 15). Prepare for that, or delete photos that are not needed any more. Nod itself stores no face.")
)

// FaceService tells whether the third party is switched on.
func (a Admin) FaceService(ctx context.Context, call Call) (FaceServiceView, error) {
	c, err := a.Tenant(call.Key.Enterprise).Charter(ctx)
	if err != nil {
		return FaceServiceView{}, err
	}
	return viewFaceService(c, call.Locale), nil
}

func viewFaceService(c *domain.Charter, l domain.Locale) FaceServiceView {
	return FaceServiceView{c.Settings.FaceService, c.Settings.Version, warnings(c.Settings, l)}
}

// SwitchFaceService turns the third party on or off at once (duty D20). version,
// if not nil, must be the current one.
func (a Admin) SwitchFaceService(ctx context.Context, call Call, on bool, version *int) (v FaceServiceView, err error) {
	err = a.instruct(ctx, call, nil, func(c *domain.Charter) error {
		err := c.SwitchFaceService(on, version, call.Key.ID)
		v = viewFaceService(c, call.Locale)
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
	return viewPurpose(c, p, call.Locale), nil
}

// PurposeVersion tells a version of a purpose's settings, and with it of the assessment:
// each is kept (duty D25).
func (a Admin) PurposeVersion(ctx context.Context, call Call, p domain.Purpose, version int) (PurposeView, error) {
	s, since, err := a.Tenant(call.Key.Enterprise).PurposeVersion(ctx, p, version)
	if err != nil {
		return PurposeView{}, err
	}
	v := viewPurpose(&domain.Charter{Settings: domain.Settings{Purposes: map[domain.Purpose]domain.PurposeSettings{p: s}}}, p, call.Locale)
	v.ChangedAt, v.Warnings = since, []Warning{} // they are about what is declared now
	return v, nil
}

func viewPurpose(c *domain.Charter, p domain.Purpose, l domain.Locale) PurposeView {
	s := c.Settings.Purposes[p]
	s.FalseAccept = cmp.Or(s.FalseAccept, domain.OneIn10000)
	v := PurposeView{Purpose: p, PurposeSettings: s, StoredFacesDeclared: s.FacesDeclared(), Version: s.Version,
		Warnings: warnings(c.Settings, l)}
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
		if err := c.CheckPurpose(p, s, a.Loopback); err != nil {
			return err
		}
		if err := c.SetPurpose(p, s, version, ledger.DocumentHash(s), call.Key.ID); err != nil {
			return err
		}
		v = viewPurpose(c, p, call.Locale)
		return nil
	})
	return v, err
}
