package storetest

import (
	"strings"
	"time"

	"nod/shared/domain"
)

// The fixtures are complete and valid, with Chinese text wherever people write.

func both(zh, en string) domain.Texts { return domain.Texts{domain.Chinese: zh, domain.English: en} }

func aProfile() domain.Profile {
	return domain.Profile{
		Name: both("示例安全培训有限公司", "Example Safety Training"),
		Contact: domain.Contact{
			Officer: "个人信息保护负责人 李明", Email: "privacy@example.com", Phone: "+86 755 0000 0000", Address: "深圳市南山区示例路1号",
		},
		TimeZone: "Asia/Shanghai", Mode: domain.Live,
		FrameOrigins:  []string{"https://lms.example.com"},
		ReturnOrigins: []string{"https://lms.example.com", "http://127.0.0.1:8090"},
		Accent:        "#0a7d5a",
	}
}

var theVendor = []domain.Subprocessor{{Name: "腾讯云计算（北京）有限责任公司", Contact: "vendor@example.com", Route: domain.Photo}}

func someTerms() domain.Terms {
	return domain.Terms{
		AgreementRef: "委托-2026-017", AgreementSHA256: strings.Repeat("a1", 32), Handler: "enterprise",
		Purposes: []domain.Purpose{domain.Training, domain.Exam}, Routes: []domain.Route{domain.Photo},
		DataKinds:  domain.KindsFor(domain.Photo),
		Safeguards: "传输与存储加密；\n不留存人脸图像。", Duties: "只按委托处理", Supervision: "每年一次", ReturnAndDeletion: "终止后删除",
		Subprocessors: theVendor, InstructedBy: "王芳",
		ValidFrom:  time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600)),
		ValidUntil: time.Date(2099, 1, 1, 0, 0, 0, 123456789, time.UTC),
	}
}

func someFacts() domain.Facts {
	return domain.Facts{
		Routes: []domain.Route{domain.Photo}, Recipients: theVendor, DataKinds: domain.KindsFor(domain.Photo),
		RetentionDays: domain.LeastRetentionDays, ConsentDays: 365,
		Necessity: both("确认本人参加考试", "to know who sits the exam"), Impact: both("影响很小", "small"),
		Rights: both("可随时撤回", "withdraw at any time"), Contact: both("李明", "Li Ming"),
	}
}

func someContents() map[domain.Locale]domain.Contents {
	return map[domain.Locale]domain.Contents{
		domain.Chinese: {Title: "人脸核验告知书", Summary: "仅用于本次考试", Body: "正文：“引号”与 <标签> & 换行\n第二行 𠮷", Agree: "我同意", Alternative: "现场出示身份证"},
		domain.English: {Title: "Face check", Summary: "For this exam only", Body: "Body \\ \"quoted\" <b>&amp;", Agree: "I agree", Alternative: "Show an ID card at the desk"},
	}
}

func aDraft(delegation domain.ID) domain.NoticeDraft {
	return domain.NoticeDraft{
		Purpose: domain.Exam, Audience: domain.Adult, DelegationID: delegation,
		Facts: someFacts(), Contents: someContents(),
	}
}

func someSettings() domain.PurposeSettings {
	return domain.PurposeSettings{
		Enabled: true, FalseAccept: domain.OneIn10000, PhotoInput: true, Webhook: "https://lms.example.com/回调",
		NoCoercionDeclared: true, StoredFacesDeclared: new(1200),
		ImpactAssessment: domain.Assessment{
			Ref: "评估-2026-03", Date: "2026-03-01", ValidUntil: "2099-03-01", Outcome: "acceptable", SHA256: strings.Repeat("b2", 32),
		},
	}
}

func aRequest() domain.SessionRequest {
	return domain.SessionRequest{
		Kind: domain.CheckKind, Purpose: domain.Exam, Route: domain.Photo, Subject: "工号-1029", AgeGroup: domain.GrownUp,
		Resource: "考试/2026-四季度-安全", Nonce: "c3ab", ClientRef: "第88121次", Locale: domain.Chinese,
		ReturnURL: "https://lms.example.com/back?a=1&b=二",
	}
}

func aCheck(attempt string) domain.Check {
	return domain.Check{
		Attempt: attempt, Capture: domain.FromStream, Took: 1234 * time.Millisecond, Inspect: func() error { return nil },
	}
}

var (
	passed = domain.Outcome{Result: domain.Pass, Liveness: true}
	failed = domain.Outcome{Result: domain.Fail}
	noFace = domain.Inconclusive(domain.NoFace)
)
