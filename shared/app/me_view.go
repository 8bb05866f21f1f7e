package app

import (
	"time"

	"nod/shared/domain"
)

// MeView is what is held about a person, as they see it.
type MeView struct {
	Enterprise EnterpriseCard  `json:"enterprise"`
	Mode       domain.Mode     `json:"mode"`
	AgeGroup   domain.AgeGroup `json:"age_group"`
	As         domain.Giver    `json:"as"`
	Held       []Held          `json:"held"`
	Consents   []ConsentHeld   `json:"consents"`
	Checks     []CheckShown    `json:"checks"`
	Sessions   []SessionHeld   `json:"sessions"`
	Requests   []RequestView   `json:"requests"`
	ServerTime time.Time       `json:"server_time"`
	ExpiresAt  time.Time       `json:"expires_at"`
}

// ConsentHeld is a decision with the very words it was made on.
type ConsentHeld struct {
	ConsentView
	Purpose   domain.Purpose       `json:"purpose"`
	Audience  domain.Audience      `json:"audience"`
	By        domain.Giver         `json:"by"`
	Cause     domain.LapseCause    `json:"cause,omitempty"`
	EndedAt   time.Time            `json:"ended_at,omitzero"`
	KeptUntil time.Time            `json:"kept_until"`
	Current   bool                 `json:"current"` // nobody has said anything else on it since
	MayEnd    bool                 `json:"may_withdraw"`
	Title     string               `json:"title"`
	Agree     string               `json:"agree"` // the sentence that was agreed with, or not
	Delegate  domain.DelegationRef `json:"delegation"`
}

// CheckShown is a check and what it came to. There is no score: nobody has one.
type CheckShown struct {
	Session   domain.ID          `json:"session"`
	Attempt   string             `json:"attempt"`
	Purpose   domain.Purpose     `json:"purpose"`
	Route     domain.Route       `json:"route"`
	Resource  string             `json:"resource,omitempty"`
	Capture   domain.CaptureKind `json:"capture,omitempty"`
	Outcome   domain.Result      `json:"outcome,omitempty"` // absent while it runs
	Reason    domain.Reason      `json:"reason,omitempty"`  // why it was not performed
	Consent   domain.ID          `json:"consent"`
	At        time.Time          `json:"at"`
	KeptUntil time.Time          `json:"kept_until"`
}

// SessionHeld is a session, and until when it is kept.
type SessionHeld struct {
	ID        domain.ID      `json:"id"`
	Kind      domain.Kind    `json:"kind"`
	Purpose   domain.Purpose `json:"purpose,omitempty"`
	Route     domain.Route   `json:"route,omitempty"`
	Resource  string         `json:"resource,omitempty"`
	State     domain.State   `json:"state"`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt time.Time      `json:"expires_at"`
	KeptUntil time.Time      `json:"kept_until"`
	// Reference says that what the person is compared with still lies there, encrypted.
	Reference bool `json:"reference_held"`
}

func viewMe(m *domain.Moment, h domain.Holdings) MeView {
	v := MeView{
		Enterprise: card(m.Enterprise), Mode: m.Enterprise.Profile.Mode, AgeGroup: m.Session.AgeGroup, As: m.Speaker(),
		Held: heldOf(h), Consents: []ConsentHeld{}, Checks: []CheckShown{}, Sessions: []SessionHeld{}, Requests: []RequestView{},
		ServerTime: h.Charter.Now, ExpiresAt: m.Session.ExpiresAt,
	}
	kept := h.Kept()
	for _, c := range h.Consents {
		v.Consents = append(v.Consents, consentHeld(m, h, c, kept.Consents[c.ID]))
	}
	for _, c := range h.Checks {
		shown := CheckShown{
			Session: c.Session, Attempt: c.ID, Purpose: c.Purpose, Route: c.Route, Resource: c.Resource, Capture: c.Capture,
			Outcome: c.Outcome(h.Charter.Now), Consent: c.Consent, At: c.StartedAt, KeptUntil: h.CheckKeptUntil(c),
		}
		if shown.Outcome == domain.NotPerformed && m.Speaker() == domain.Self { // for the learner alone (duty D27)
			shown.Reason = c.Reason
		}
		v.Checks = append(v.Checks, shown)
	}
	for _, s := range h.Sessions {
		v.Sessions = append(v.Sessions, SessionHeld{
			ID: s.ID, Kind: s.Kind, Purpose: s.Purpose, Route: s.Route, Resource: s.Resource, State: s.State,
			CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt, KeptUntil: kept.Sessions[s.ID], Reference: len(s.Secret) > 0,
		})
	}
	return v
}

func consentHeld(m *domain.Moment, h domain.Holdings, c domain.Consent, kept time.Time) ConsentHeld {
	c = h.Became(c)
	text := h.Notices[c.Notice.ID].Contents[c.Notice.Locale]
	return ConsentHeld{
		ConsentView: *viewConsent(&c), Purpose: c.Purpose, Audience: c.Audience, By: c.By, Cause: c.Cause, EndedAt: c.EndedAt,
		KeptUntil: kept, Current: h.Current(c), MayEnd: h.MayTakeBack(c, m.Speaker(), m.Session.AgeGroup),
		Title: text.Title, Agree: text.Agree, Delegate: c.Delegation,
	}
}

// Held is one kind of thing that Nod might hold, in plain words. Count is how many of
// them it does hold; 0 where there are none.
type Held struct {
	What  string       `json:"what"`
	Count int          `json:"count"`
	Words domain.Texts `json:"words"`
}

// heldOf counts what is held; what never is, is said as well.
func heldOf(h domain.Holdings) []Held {
	references := 0
	for _, s := range h.Sessions {
		if len(s.Secret) > 0 {
			references++
		}
	}
	counts := map[string]int{
		"platform_id": 1, "references": references, "consents": len(h.Consents), "checks": len(h.Checks),
		"sessions": len(h.Sessions), "requests": len(h.Requests), "records": h.Subject.Records,
		"evidence": h.Evidence,
	}
	out := make([]Held, 0, len(heldWords))
	for _, w := range heldWords {
		if w.What == "evidence" && h.Evidence == 0 {
			continue // it is said to those alone whom it concerns
		}
		out = append(out, Held{What: w.What, Count: counts[w.What], Words: w.Words})
	}
	return out
}

func inWords(zh, en string) domain.Texts {
	return domain.Texts{domain.Chinese: zh, domain.English: en}
}

// heldWords are all kinds of things, first those that are never there.
var heldWords = []Held{
	{What: "face_images", Words: inWords(
		"人脸照片：一张也没有。照片只用来当场比对，得到答复后立即清除。",
		"Pictures of your face: none. A picture is used for one comparison and wiped after the answer.")},
	{What: "scores", Words: inWords(
		"比对分数：没有。只留下通过、未通过或未进行。",
		"Scores: none. All that stays is pass, fail, or not performed.")},
	{What: "references", Words: inWords(
		"用来比对的资料（照片地址，或姓名和证件号码）：只在一次核验进行期间加密保存，核验结束就删除。",
		"What you are compared with (the address of a photo, or name and ID number): encrypted, and only while a session lasts.")},
	{What: "platform_id", Words: inWords(
		"您在学习平台的编号，加密保存。",
		"The id by which the learning platform knows you, encrypted.")},
	{What: "consents", Words: inWords(
		"您的决定：同意、不同意和撤回，以及当时看到的告知。",
		"Your decisions: what you agreed to, refused and withdrew, and the notice that you saw.")},
	{What: "checks", Words: inWords(
		"核验：什么时候、为什么、通过没有。",
		"Checks: when, what for, and whether you passed.")},
	{What: "sessions", Words: inWords(
		"学习平台为您打开过的页面，以及它们的结果。",
		"The pages that the learning platform opened for you, and how they ended.")},
	{What: "requests", Words: inWords(
		"您提出的要求和得到的答复，加密保存。",
		"What you asked for and how it was answered, encrypted.")},
	{What: "evidence", Words: inWords(
		"应您的要求删除、但法律要求保存的决定和核验：只作证据保存，任何页面都不再显示，期满即删。",
		"Decisions and checks that you asked to be deleted and the law has kept: as evidence alone, shown on no page, deleted when their time is over.")},
	{What: "records", Words: inWords(
		"不能更改的记录：证明上面这些事，里面没有您的姓名。",
		"Records that cannot be changed: they prove all this, without your name in them.")},
}
