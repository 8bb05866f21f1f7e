package domain_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nod/shared/domain"
)

// faultsOf lists an InvalidValue refusal's faults as field=code, or says what else it was.
func faultsOf(err error) (list []string) {
	var r *domain.Refusal
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &r) || r.Reason != domain.InvalidValue:
		return []string{err.Error()}
	}
	for _, f := range r.Fields {
		list = append(list, f.Field+"="+f.Code)
	}
	return list
}

type broke[T any] struct {
	name string
	by   func(*T)
	want string // space-separated faults
}

// breaks checks that each broken copy has exactly the faults named, in that order,
// every time.
func breaks[T any](t *testing.T, whole func() T, validate func(T) error, cases []broke[T]) {
	t.Helper()
	if err := validate(whole()); err != nil {
		t.Errorf("whole: %v", err)
	}
	for _, c := range cases {
		for range 3 {
			v := whole()
			c.by(&v)
			if got := strings.Join(faultsOf(validate(v)), " "); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	}
}

var long = func(n int) string { return strings.Repeat("长", n) }

func TestTermsNameEveryFault(t *testing.T) {
	type T = domain.Terms
	breaks(t, someTerms, func(v T) error { return v.Validate(t0) }, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "agreement_ref=missing agreement_sha256=missing data_kinds=missing duties=missing " +
			"handler=missing instructed_by=missing purposes=missing return_and_deletion=missing routes=missing " +
			"safeguards=missing subprocessors=missing supervision=missing valid_from=missing valid_until=missing"},
		{"a blank reference", func(v *T) { v.AgreementRef = " \t" }, "agreement_ref=missing"},
		{"a long reference", func(v *T) { v.AgreementRef = long(201) }, "agreement_ref=too_long"},
		{"a reference of 200 characters", func(v *T) { v.AgreementRef = long(200) }, ""},
		{"a hash in capitals", func(v *T) { v.AgreementSHA256 = strings.ToUpper(strings.Repeat("ab", 32)) }, "agreement_sha256=bad_format"},
		{"a short hash", func(v *T) { v.AgreementSHA256 = v.AgreementSHA256[1:] }, "agreement_sha256=bad_format"},
		{"a hash with a line end", func(v *T) { v.AgreementSHA256 += "\n" }, "agreement_sha256=bad_format"},
		{"an unknown handler", func(v *T) { v.Handler = "vendor" }, "handler=not_allowed"},
		{"an unknown purpose", func(v *T) { v.Purposes = append(v.Purposes, "fun") }, "purposes[2]=not_allowed"},
		{"an unknown route", func(v *T) { v.Routes = append(v.Routes, "mail") }, "routes[1]=not_allowed subprocessors.mail=missing"},
		{"a route without a recipient", func(v *T) { v.Routes = append(v.Routes, domain.Hosted) }, "subprocessors.hosted=missing"},
		{"a recipient for a route that is not delegated", func(v *T) {
			v.Subprocessors = append(v.Subprocessors, recipients(domain.Hosted)...)
		}, "subprocessors[1]=not_allowed"},
		{"a recipient without name and contact", func(v *T) { v.Subprocessors = []domain.Subprocessor{{Route: domain.Photo}} },
			"subprocessors[0].contact=missing subprocessors[0].name=missing"},
		{"an unknown kind of data", func(v *T) { v.DataKinds = append(v.DataKinds, "voice") }, "data_kinds[3]=not_allowed"},
		{"too many kinds", func(v *T) { v.DataKinds = slices.Repeat(v.DataKinds, 17) }, "data_kinds=too_long"},
		{"no safeguards", func(v *T) { v.Safeguards = "" }, "safeguards=missing"},
		{"no duties", func(v *T) { v.Duties = "" }, "duties=missing"},
		{"no supervision", func(v *T) { v.Supervision = "" }, "supervision=missing"},
		{"nothing on return and deletion", func(v *T) { v.ReturnAndDeletion = "" }, "return_and_deletion=missing"},
		{"nobody who instructed it", func(v *T) { v.InstructedBy = "" }, "instructed_by=missing"},
		{"no start", func(v *T) { v.ValidFrom = time.Time{} }, "valid_from=missing"},
		{"an end before its start", func(v *T) { v.ValidUntil = v.ValidFrom }, "valid_until=out_of_range"},
		{"an end that is past", func(v *T) { v.ValidUntil = t0 }, "valid_until=out_of_range"},
	})
}

func TestDraftsNameEveryFault(t *testing.T) {
	type T = domain.NoticeDraft
	content := func(l domain.Locale, by func(*domain.Contents)) func(*T) {
		return func(v *T) {
			c := v.Contents[l]
			by(&c)
			v.Contents[l] = c
		}
	}
	breaks(t, func() T { return aDraft("d") }, T.Validate, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "audience=missing contents.zh-CN=missing facts.consent_days=out_of_range " +
			"facts.data_kinds=missing facts.recipients=missing facts.retention_days=out_of_range facts.routes=missing purpose=missing"},
		{"an unknown purpose", func(v *T) { v.Purpose = "fun" }, "purpose=not_allowed"},
		{"an unknown audience", func(v *T) { v.Audience = "child" }, "audience=not_allowed"},
		{"no Chinese", func(v *T) { delete(v.Contents, domain.Chinese) }, "contents.zh-CN=missing"},
		{"an unknown language", func(v *T) { v.Contents["fr"] = v.Contents[domain.English] }, "contents.fr=not_allowed"},
		{"no title", content(domain.English, func(c *domain.Contents) { c.Title = "" }), "contents.en.title=missing"},
		{"no summary", content(domain.English, func(c *domain.Contents) { c.Summary = "" }), "contents.en.summary=missing"},
		{"no body", content(domain.Chinese, func(c *domain.Contents) { c.Body = "" }), "contents.zh-CN.body=missing"},
		{"no agree sentence", content(domain.Chinese, func(c *domain.Contents) { c.Agree = "" }), "contents.zh-CN.agree=missing"},
		{"no alternative", content(domain.Chinese, func(c *domain.Contents) { c.Alternative = "" }), "contents.zh-CN.alternative=missing"},
		{"a long title", content(domain.Chinese, func(c *domain.Contents) { c.Title = long(121) }), "contents.zh-CN.title=too_long"},
		{"no route", func(v *T) { v.Facts.Routes = nil }, "facts.recipients[0]=not_allowed facts.routes=missing"},
		{"an unknown route", func(v *T) { v.Facts.Routes = append(v.Facts.Routes, "mail") },
			"facts.data_kinds.id_number=missing facts.data_kinds.name=missing facts.recipients.mail=missing facts.routes[1]=not_allowed"},
		{"no recipient", func(v *T) { v.Facts.Recipients = nil }, "facts.recipients=missing facts.recipients.photo=missing"},
		{"a recipient without a name", func(v *T) { v.Facts.Recipients[0].Name = "" }, "facts.recipients[0].name=missing"},
		{"a recipient without a contact", func(v *T) { v.Facts.Recipients[0].Contact = "" }, "facts.recipients[0].contact=missing"},
		{"no kinds of data", func(v *T) { v.Facts.DataKinds = nil },
			"facts.data_kinds=missing facts.data_kinds.face_image=missing facts.data_kinds.reference_photo=missing facts.data_kinds.subject_id=missing"},
		{"the face not named", func(v *T) { v.Facts.DataKinds = v.Facts.DataKinds[1:] }, "facts.data_kinds.face_image=missing"},
		{"an unknown kind", func(v *T) { v.Facts.DataKinds = append(v.Facts.DataKinds, "voice") }, "facts.data_kinds[3]=not_allowed"},
		{"too short a retention", func(v *T) { v.Facts.RetentionDays = 1095 }, "facts.retention_days=out_of_range"},
		{"too long a retention", func(v *T) { v.Facts.RetentionDays = 3661 }, "facts.retention_days=out_of_range"},
		{"the longest retention", func(v *T) { v.Facts.RetentionDays = 3660 }, ""},
		{"no consent term", func(v *T) { v.Facts.ConsentDays = 0 }, "facts.consent_days=out_of_range"},
		{"too long a consent term", func(v *T) { v.Facts.ConsentDays = 1097 }, "facts.consent_days=out_of_range"},
		{"no necessity", func(v *T) { v.Facts.Necessity = nil }, "facts.necessity.en=missing facts.necessity.zh-CN=missing"},
		{"an impact in one language only", func(v *T) { delete(v.Facts.Impact, domain.English) }, "facts.impact.en=missing"},
		{"no rights", func(v *T) { v.Facts.Rights[domain.Chinese] = "" }, "facts.rights.zh-CN=missing"},
		{"no contact", func(v *T) { v.Facts.Contact[domain.Chinese] = " " }, "facts.contact.zh-CN=missing"},
		{"rights in an unknown language", func(v *T) { v.Facts.Rights["fr"] = "droits" }, "facts.rights.fr=not_allowed"},
		{"Chinese alone", func(v *T) {
			delete(v.Contents, domain.English)
			v.Facts.Impact = domain.Texts{domain.Chinese: "影响"}
		}, ""},
	})
}

func TestProfilesNameEveryFault(t *testing.T) {
	type T = domain.Profile
	breaks(t, aProfile, T.Validate, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "contact.address=missing contact.email=missing contact.officer=missing " +
			"contact.phone=missing mode=missing name.zh-CN=missing time_zone=missing"},
		{"no Chinese name", func(v *T) { delete(v.Name, domain.Chinese) }, "name.zh-CN=missing"},
		{"a name in an unknown language", func(v *T) { v.Name["fr"] = "nom" }, "name.fr=not_allowed"},
		{"no officer", func(v *T) { v.Contact.Officer = "" }, "contact.officer=missing"},
		{"no email", func(v *T) { v.Contact.Email = "" }, "contact.email=missing"},
		{"no phone", func(v *T) { v.Contact.Phone = "" }, "contact.phone=missing"},
		{"no address", func(v *T) { v.Contact.Address = "" }, "contact.address=missing"},
		{"an unknown time zone", func(v *T) { v.TimeZone = "Asia/Atlantis" }, "time_zone=bad_format"},
		{"the machine's time zone", func(v *T) { v.TimeZone = "Local" }, "time_zone=bad_format"},
		{"a path for a time zone", func(v *T) { v.TimeZone = "../../etc/passwd" }, "time_zone=bad_format"},
		{"an unknown mode", func(v *T) { v.Mode = "demo" }, "mode=not_allowed"},
		{"a plain origin", func(v *T) { v.FrameOrigins = []string{"http://lms.example.com"} }, "frame_origins=bad_format"},
		{"an origin with a path", func(v *T) { v.ReturnOrigins = []string{"https://lms.example.com/"} }, "return_origins=bad_format"},
		{"an origin with a user", func(v *T) { v.ReturnOrigins = []string{"https://u@lms.example.com"} }, "return_origins=bad_format"},
		{"a wildcard", func(v *T) { v.ReturnOrigins = []string{"*"} }, "return_origins=bad_format"},
		{"a script", func(v *T) { v.ReturnOrigins = []string{"javascript:alert(1)"} }, "return_origins=bad_format"},
		{"plain http on this machine", func(v *T) { v.FrameOrigins = []string{"http://localhost:3000", "http://[::1]:1"} }, ""},
		{"too many origins", func(v *T) { v.FrameOrigins = slices.Repeat(v.FrameOrigins, 51) }, "frame_origins=too_long"},
		{"a colour by name", func(v *T) { v.Accent = "red" }, "accent=bad_format"},
		{"a colour", func(v *T) { v.Accent = "#0052d9" }, ""},
		{"a huge logo", func(v *T) { v.Logo = strings.Repeat("x", 200_001) }, "logo=too_long"},
	})
}

func TestSettingsNameEveryFault(t *testing.T) {
	type T = domain.PurposeSettings
	check := func(v T) error { return v.Validate(t0, false) }
	breaks(t, someSettings, check, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "false_accept=missing"},
		{"off, with nothing but a default", func(v *T) { *v = T{FalseAccept: domain.OneIn10000} }, ""},
		{"on, with nothing", func(v *T) { *v = T{Enabled: true, FalseAccept: domain.OneIn10000} },
			"impact_assessment.date=missing impact_assessment.outcome=missing impact_assessment.ref=missing " +
				"impact_assessment.sha256=missing impact_assessment.valid_until=missing no_coercion_declared=missing stored_faces_declared=missing"},
		{"an unknown false-accept rate", func(v *T) { v.FalseAccept = "1e-6" }, "false_accept=not_allowed"},
		{"less than no faces", func(v *T) { v.StoredFacesDeclared = new(-1) }, "stored_faces_declared=out_of_range"},
		{"a plain webhook", func(v *T) { v.Webhook = "http://lms.example.com/hook" }, "webhook=not_https"},
		{"a local webhook", func(v *T) { v.Webhook = "http://127.0.0.1:1/hook" }, "webhook=not_https"},
		{"a webhook", func(v *T) { v.Webhook = "https://lms.example.com/hook" }, ""},
		{"a date that does not exist", func(v *T) { v.ImpactAssessment.Date = "2026-02-30" }, "impact_assessment.date=bad_format"},
		{"an end with a time", func(v *T) { v.ImpactAssessment.ValidUntil = "2027-03-01T00:00:00Z" }, "impact_assessment.valid_until=bad_format"},
		{"an unknown outcome", func(v *T) { v.ImpactAssessment.Outcome = "fine" }, "impact_assessment.outcome=not_allowed"},
		{"an assessment without a hash", func(v *T) { v.ImpactAssessment.SHA256 = "" }, "impact_assessment.sha256=missing"},
		{"an assessment without a reference, off", func(v *T) { v.Enabled, v.ImpactAssessment.Ref = false, "" }, "impact_assessment.ref=missing"},
	})
	s := someSettings()
	s.Webhook = "http://127.0.0.1:1/hook"
	if err := s.Validate(t0, true); err != nil {
		t.Errorf("a local webhook where Nod runs on the same machine: %v", err)
	}
}

func TestSessionRequestsNameEveryFault(t *testing.T) {
	type T = domain.SessionRequest
	check := func(v T) error { return v.Validate(aProfile(), false) }
	breaks(t, aRequest, check, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "age_group=missing kind=missing purpose=missing subject=missing"},
		{"an unknown purpose", func(v *T) { v.Purpose = "fun" }, "purpose=not_allowed"},
		{"an unknown kind", func(v *T) { v.Kind, v.Reference = "look", nil }, "kind=not_allowed"},
		{"no subject", func(v *T) { v.Subject = "" }, "subject=missing"},
		{"a subject with a space", func(v *T) { v.Subject = "emp 1029" }, "subject=bad_format"},
		{"a subject with a line end", func(v *T) { v.Subject = "emp\n" }, "subject=bad_format"},
		{"a subject in Chinese", func(v *T) { v.Subject = "员工１０２９" }, ""},
		{"a long subject", func(v *T) { v.Subject = long(129) }, "subject=too_long"},
		{"an unknown age group", func(v *T) { v.AgeGroup = "" }, "age_group=missing"},
		{"no resource", func(v *T) { v.Resource = " " }, "resource=missing"},
		{"a long resource", func(v *T) { v.Resource = long(257) }, "resource=too_long"},
		{"a resource of 256 characters", func(v *T) { v.Resource = long(256) }, ""},
		{"a long nonce", func(v *T) { v.Nonce = long(257) }, "nonce=too_long"},
		{"a long reference of the client's", func(v *T) { v.ClientRef = long(257) }, "client_ref=too_long"},
		{"no route", func(v *T) { v.Route = "" }, "route=missing"},
		{"an unknown route to ask about", func(v *T) { v.Kind, v.Route, v.Reference = domain.ConsentKind, "mail", nil }, "route=not_allowed"},
		{"an unknown language", func(v *T) { v.Locale = "fr" }, "locale=not_allowed"},
		{"no language", func(v *T) { v.Locale = "" }, ""},
		{"a return elsewhere", func(v *T) { v.ReturnURL = "https://evil.example.com/" }, "return_url=origin_not_registered"},
		{"a return that only begins alike", func(v *T) { v.ReturnURL = "https://lms.example.com.evil.example/" }, "return_url=origin_not_registered"},
		{"a return with a user", func(v *T) { v.ReturnURL = "https://lms.example.com@evil.example/" }, "return_url=origin_not_registered"},
		{"a return to a script", func(v *T) { v.ReturnURL = "javascript:alert(1)" }, "return_url=origin_not_registered"},
		{"a long return", func(v *T) { v.ReturnURL += strings.Repeat("x", 2000) }, "return_url=too_long"},
		{"a minute less a second", func(v *T) { v.TTL = 59 }, "ttl_s=out_of_range"},
		{"an hour and a second", func(v *T) { v.TTL = 3601 }, "ttl_s=out_of_range"},
		{"a negative time", func(v *T) { v.TTL = -60 }, "ttl_s=out_of_range"},
		{"a minute", func(v *T) { v.TTL = 60 }, ""},
		{"an hour", func(v *T) { v.TTL = 3600 }, ""},
		{"no reference", func(v *T) { v.Reference = nil }, "reference.photo_url=missing"},
		{"an empty reference", func(v *T) { v.Reference = &domain.Reference{} }, "reference.photo_url=missing"},
		{"a plain photo address", func(v *T) { v.Reference.PhotoURL = "http://lms.example.com/1.png" }, "reference.photo_url=not_https"},
		{"a local photo", func(v *T) { v.Reference.PhotoURL = "http://127.0.0.1/1.png" }, "reference.photo_url=not_https"},
		{"a file", func(v *T) { v.Reference.PhotoURL = "file:///etc/passwd" }, "reference.photo_url=not_https"},
		{"a photo address with a password", func(v *T) { v.Reference.PhotoURL = "https://u:p@lms.example.com/1.png" }, "reference.photo_url=not_https"},
		{"a name with a photo", func(v *T) {
			v.Reference.Identity = &domain.Identity{Name: domain.Private("n"), IDNumber: domain.Private("1")}
		}, "reference.identity=not_allowed"},
		{"nobody named to the authority", func(v *T) { v.Route, v.Reference = domain.Authority, nil }, ""},
		{"somebody named", func(v *T) { v.Route, v.Reference = domain.TwoFactor, naming("王小云", "11999919900101008X") }, ""},
		{"an empty reference for the authority", func(v *T) { v.Route, v.Reference = domain.Authority, &domain.Reference{} }, "reference.identity=missing"},
		{"a photo for the authority", func(v *T) { v.Route = domain.Authority }, "reference.photo_url=not_allowed"},
		{"a photo for the vendor's page", func(v *T) { v.Route = domain.Hosted }, "reference.photo_url=not_allowed"},
		{"half a name", func(v *T) { v.Route, v.Reference = domain.TwoFactor, naming("王", "") }, "reference.identity.id_number=missing reference.identity.name=bad_format"},
		{"a number that is none", func(v *T) { v.Route, v.Reference = domain.Hosted, naming("王小云", "119999199001010030") }, "reference.identity.id_number=bad_format"},
		{"a reference for a mere question", func(v *T) { v.Kind = domain.ConsentKind }, "reference=not_allowed"},
		{"a page of one's own", func(v *T) { *v = T{Kind: domain.MeKind, Subject: v.Subject, AgeGroup: v.AgeGroup} }, ""},
		{"one for a purpose", func(v *T) { v.Kind, v.Route, v.Reference = domain.MeKind, "", nil }, ""},
		{"one for an unknown purpose", func(v *T) { v.Kind, v.Purpose, v.Route, v.Reference = domain.MeKind, "fun", "", nil }, "purpose=not_allowed"},
		{"one with a route", func(v *T) { v.Kind, v.Reference = domain.MeKind, nil }, "route=not_allowed"},
		{"one with a reference", func(v *T) { v.Kind, v.Route = domain.MeKind, "" }, "reference=not_allowed"},
		{"a question ahead", func(v *T) { v.Kind, v.Route, v.Resource, v.Reference = domain.ConsentKind, "", "", nil }, ""},
	})
	v := aRequest()
	v.Reference.PhotoURL = "http://127.0.0.1:8090/1.png"
	if err := v.Validate(aProfile(), true); err != nil {
		t.Errorf("a local photo where Nod runs on the same machine: %v", err)
	}
}

func TestDecisionsNameEveryFault(t *testing.T) {
	type T = domain.Decision
	whole := func() T {
		return T{Decision: domain.Granted, NoticeID: newWorld(t0, 0).mint(), NoticeSHA256: hexOf("notice"), Locale: domain.Chinese, By: "self"}
	}
	breaks(t, whole, T.Validate, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "by=missing decision=missing locale=missing notice_id=missing notice_sha256=missing"},
		{"a withdrawal", func(v *T) { v.Decision = domain.TakenBack }, "decision=not_allowed"},
		{"an id in capitals", func(v *T) { v.NoticeID = domain.ID(strings.ToUpper("0192abcd-0000-7000-8000-000000000001")) }, "notice_id=bad_format"},
		{"a hash in capitals", func(v *T) { v.NoticeSHA256 = strings.Repeat("A", 64) }, "notice_sha256=bad_format"},
		{"an unknown language", func(v *T) { v.Locale = "fr" }, "locale=not_allowed"},
		{"by someone else", func(v *T) { v.By = "boss" }, "by=not_allowed"},
		{"a refusal by a guardian", func(v *T) {
			v.Decision, v.By, v.Guardian = domain.Declined, domain.ByGuardian, &domain.GuardianStatement{Relation: "mother", ReachedBy: "sms"}
		}, ""},
		{"by a guardian who says nothing", func(v *T) { v.By = domain.ByGuardian }, "guardian=missing"},
		{"by a guardian who leaves all out", func(v *T) { v.By, v.Guardian = domain.ByGuardian, &domain.GuardianStatement{} },
			"guardian.reached_by=missing guardian.relation=missing"},
		{"by a guardian in their own words", func(v *T) {
			v.By, v.Guardian = domain.ByGuardian, &domain.GuardianStatement{Relation: "Li Ming's mother", ReachedBy: "+86 755"}
		}, "guardian.reached_by=not_allowed guardian.relation=not_allowed"},
		{"a guardian beside oneself", func(v *T) { v.Guardian = &domain.GuardianStatement{Relation: "mother", ReachedBy: "sms"} }, "guardian=not_allowed"},
	})
}

func TestAlternativeReportsNameEveryFault(t *testing.T) {
	type T = domain.AlternativeReport
	breaks(t, func() T { return T{Method: "id_card_at_desk", Result: domain.Pass} }, T.Validate, []broke[T]{
		{"nothing at all", func(v *T) { *v = T{} }, "method=missing result=missing"},
		{"a sentence", func(v *T) { v.Method = "Zhang San showed a card" }, "method=bad_format"},
		{"a long method", func(v *T) { v.Method = strings.Repeat("x", 41) }, "method=bad_format"},
		{"no verdict", func(v *T) { v.Result = domain.NotPerformed }, "result=not_allowed"},
	})
}

func TestKeysNameEveryFault(t *testing.T) {
	for _, c := range []struct {
		role     domain.Role
		holder   string
		operator bool
		want     string
	}{
		{domain.Admin, "Li", false, ""}, {domain.Integrator, "LMS", false, ""}, {domain.Auditor, "Wang", false, ""},
		{domain.Operator, "ops", true, ""},
		{domain.Operator, "ops", false, "role=not_allowed"}, {domain.Admin, "Li", true, "role=not_allowed"},
		{"", " ", false, "holder=missing role=missing"}, {domain.Admin, long(121), false, "holder=too_long"},
	} {
		got := strings.Join(faultsOf(domain.ValidateNewKey(c.role, c.holder, c.operator)), " ")
		if got != c.want {
			t.Errorf("%q %q: %q, want %q", c.role, c.holder, got, c.want)
		}
	}
}

func TestARefusalSaysItsReasonAndItsFields(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", domain.RefuseIn(domain.SessionExpired, domain.Expired))
	if !errors.Is(err, domain.Refuse(domain.SessionExpired)) || errors.Is(err, domain.Refuse(domain.SessionEnded)) || errors.Is(errors.New("x"), domain.Refuse(domain.Busy)) {
		t.Error("refusals are not compared by their reason")
	}
	if got := domain.Refuse(domain.Busy).Error(); got != "refused: busy" {
		t.Error(got)
	}
	r := &domain.Refusal{Reason: domain.InvalidValue, Fields: []domain.FieldFault{{Field: "a", Code: domain.Missing}, {Field: "b", Code: domain.TooLong}}}
	if got := r.Error(); got != "refused: invalid-value a=missing b=too_long" {
		t.Error(got)
	}
}

func TestTextsFallBackToChinese(t *testing.T) {
	for _, c := range []struct {
		texts domain.Texts
		in    domain.Locale
		want  string
	}{
		{both("x"), domain.English, "x"}, {both("x"), "fr", "x（中文）"}, {domain.Texts{domain.English: "x"}, domain.Chinese, "x"}, {nil, domain.English, ""},
	} {
		if got := c.texts.In(c.in); got != c.want {
			t.Errorf("%v in %s: %q", c.texts, c.in, got)
		}
	}
}
