package receipt_test

import (
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/receipt"
)

const (
	enterpriseID domain.ID = "01920000-0000-7000-8000-00000000e000"
	noticeID     domain.ID = "01920000-0000-7000-8000-000000000001"
	delegationID domain.ID = "01920000-0000-7000-8000-00000000d000"
	consentID    domain.ID = "01920000-0000-7000-8000-00000000c000"
	withdrawalID domain.ID = "01920000-0000-7000-8000-00000000c001"
	pseudonym              = "7d1e0000-0000-4000-8000-000000000007"
)

var begin = time.Date(2026, 11, 23, 1, 2, 3, 456e6, time.UTC)

func both(zh, en string) domain.Texts { return domain.Texts{domain.Chinese: zh, domain.English: en} }

// recipients are one vendor for every route, and another one for the vendor's own page.
func recipients(routes []domain.Route) (list []domain.Subprocessor) {
	for _, r := range routes {
		vendor := domain.Subprocessor{Name: "腾讯云计算（北京）有限责任公司", Contact: "北京市海淀区示例路1号 <vendor@example.com>", Route: r}
		if r == domain.Hosted {
			vendor.Name = "活体检测示例公司"
		}
		list = append(list, vendor)
	}
	return list
}

// granted is what a grant's receipt is made of.
func granted(t *testing.T, purpose domain.Purpose, by domain.Giver, locale domain.Locale, routes ...domain.Route) receipt.Given {
	t.Helper()
	audience := map[domain.Giver]domain.Audience{domain.Self: domain.Adult, domain.ByGuardian: domain.Guardian}[by]
	var data []string
	for _, k := range domain.DataKinds {
		for _, r := range routes {
			for _, needed := range domain.KindsFor(r) {
				if needed == k && (len(data) == 0 || data[len(data)-1] != k) {
					data = append(data, k)
				}
			}
		}
	}
	ref := domain.NoticeRef{ID: noticeID, Version: 2, SHA256: strings.Repeat("a1", 32), Locale: locale}
	delegation := domain.DelegationRef{ID: delegationID, Version: 1, SHA256: strings.Repeat("d1", 32)}
	g := receipt.Given{
		PublicURL: "https://nod.example.com",
		Enterprise: domain.Enterprise{ID: enterpriseID, Profile: domain.Profile{
			Name: both("改了名的公司", "Renamed Ltd"), Mode: domain.Live,
			Contact: domain.Contact{Officer: "个人信息保护负责人", Email: "privacy@example.com", Phone: "+86 755 0000 0000", Address: "深圳市南山区示例路1号"},
		}},
		Subject: pseudonym,
		Notice: domain.Notice{
			ID: noticeID, Version: 2, Purpose: purpose, Audience: audience, Delegation: delegation, EffectiveFrom: begin.Add(-time.Hour),
			Facts: domain.Facts{
				Routes: routes, Recipients: recipients(routes), DataKinds: data, RetentionDays: 1096, ConsentDays: 365,
				Necessity: both("确认本人参加", "to know who takes part"), Impact: both("影响很小", "small"),
				Rights: both("可以随时撤回。", "Withdraw at any time."), Contact: both("找 <李明>", "ask <Li Ming>"),
				EnterpriseName: both("示例学习有限公司", "Example Learning Ltd"),
			},
		},
		Consent: domain.Consent{
			ID: consentID, Purpose: purpose, Audience: audience, By: by, State: domain.Granted, Routes: routes, Notice: ref,
			Delegation: delegation, At: begin, Until: time.Date(2027, 11, 23, 1, 2, 3, 0, time.UTC),
		},
	}
	r := &domain.Record{
		ID: consentID, Type: domain.ConsentGrantedType, Enterprise: enterpriseID, Mode: domain.Live, At: begin, Subject: pseudonym,
		Purpose: purpose, Routes: routes, Notice: &ref, Delegation: &delegation, By: by,
		SubjectCommitment: strings.Repeat("5c", 32), Until: g.Consent.Until,
	}
	return sealed(t, g, r)
}

// withdrawn is what the receipt of a withdrawal is made of, by whichever way it came.
func withdrawn(t *testing.T, g receipt.Given, by domain.Giver, via string) receipt.Given {
	t.Helper()
	g.Consent.State, g.Consent.EndedAt = domain.TakenBack, begin.Add(26*time.Hour)
	g.Checkpoint = "nod.example.com/" + string(enterpriseID) + "\n13\nAAAA\n\n\u2014 nod.example.com/" + string(enterpriseID) + " BBBB\n"
	r := *g.Entry.Record
	r.ID, r.Type, r.At, r.Consent, r.By, r.Via, r.Until = withdrawalID, domain.ConsentWithdrawnType, g.Consent.EndedAt, consentID, by, via, time.Time{}
	return sealed(t, g, &r)
}

func sealed(t *testing.T, g receipt.Given, r *domain.Record) receipt.Given {
	t.Helper()
	e, err := ledger.Seal(r, "")
	if err != nil {
		t.Fatal(err)
	}
	g.Entry = e
	return g
}

// receipts are the golden ones, by the names of their files.
func receipts(t *testing.T) map[string]receipt.Given {
	t.Helper()
	photo := granted(t, domain.Exam, domain.Self, domain.Chinese, domain.Photo)
	child := granted(t, domain.Training, domain.ByGuardian, domain.Chinese, domain.Photo)
	return map[string]receipt.Given{
		"grant-photo":         photo,
		"grant-realname":      granted(t, domain.RealName, domain.Self, domain.English, domain.Authority, domain.Hosted, domain.TwoFactor),
		"grant-guardian":      child,
		"withdrawal":          withdrawn(t, photo, domain.Self, "receipt"),
		"withdrawal-by-child": withdrawn(t, child, domain.Self, "session"),
	}
}
