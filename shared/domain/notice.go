package domain

import (
	"slices"
	"time"
)

// Notice 告知 is one immutable version of what is shown before consent, per
// enterprise, purpose and audience. It is the only source of the facts in it: to
// change one is to publish a notice, so what people were told cannot drift from
// what is done.
type Notice struct {
	ID            ID
	Version       int // counts from 1 per purpose and audience
	Purpose       Purpose
	Audience      Audience
	Delegation    DelegationRef
	Facts         Facts
	Contents      map[Locale]Contents
	EffectiveFrom time.Time
	PublishedAt   time.Time
	Material      bool
	// MaterialSince is the version of the last material change up to this one: a
	// consent to any version from there on differs from this one non-materially.
	MaterialSince int
	Changes       []Change          // against the version before
	SHA256        map[Locale]string // over each locale's canonical document, see package ledger
}

// Facts is the part of a notice that the software acts on.
type Facts struct {
	Routes         []Route        `json:"routes"`
	Liveness       bool           `json:"liveness"`
	Recipients     []Subprocessor `json:"recipients"`
	DataKinds      []string       `json:"data_kinds"`
	RetentionDays  int            `json:"retention_days"`
	ConsentDays    int            `json:"consent_days"`
	Necessity      Texts          `json:"necessity"`
	Impact         Texts          `json:"impact"`
	Rights         Texts          `json:"rights"`
	Contact        Texts          `json:"contact"`
	EnterpriseName Texts          `json:"enterprise_name"` // added by Nod
	HighRisk       bool           `json:"high_risk"`       // added by Nod, from the assessment
}

// KindsOn are the kinds of data that the notice names for a route. One that none of its
// routes needs is told with each: nothing that was told is left out.
func (f Facts) KindsOn(r Route) []string {
	return slices.DeleteFunc(slices.Clone(f.DataKinds), func(k string) bool {
		needs := func(r Route) bool { return slices.Contains(KindsFor(r), k) }
		return !needs(r) && slices.ContainsFunc(f.Routes, needs)
	})
}

// Contents is a notice's text in one locale.
type Contents struct {
	Title       string `json:"title"`
	Summary     string `json:"summary"`
	Body        string `json:"body"`
	Agree       string `json:"agree"`
	Alternative string `json:"alternative"`
}

// NoticeRef is how Records and assertions name a notice. Locale is empty where no
// one language is meant; then SHA256 is that of the Chinese text.
type NoticeRef struct {
	ID      ID     `json:"id"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
	Locale  Locale `json:"locale,omitempty"`
}

// Ref names the notice in a locale.
func (n Notice) Ref(l Locale) NoticeRef {
	return NoticeRef{ID: n.ID, Version: n.Version, SHA256: n.SHA256[l], Locale: l}
}

// RefAny names the notice without regard to language.
func (n Notice) RefAny() NoticeRef {
	return NoticeRef{ID: n.ID, Version: n.Version, SHA256: n.SHA256[Chinese]}
}

// Locale returns the wanted locale if the notice is written in it, else Chinese.
func (n Notice) Locale(want Locale) Locale {
	if _, ok := n.Contents[want]; ok {
		return want
	}
	return Chinese
}

// The bounds of what a notice may promise. Three years is the least that
// processing records are kept (PIPL art. 56); consent evidence outlives the
// consent so that it can be proven.
const (
	LeastRetentionDays = 1096
	MostRetentionDays  = 3660
	MostConsentDays    = 1096
)

// NoticeDraft is what an administrator publishes; field names are those of the interface.
type NoticeDraft struct {
	Purpose       Purpose             `json:"purpose"`
	Audience      Audience            `json:"audience"`
	DelegationID  ID                  `json:"delegation_id"`
	Facts         Facts               `json:"facts"`
	Contents      map[Locale]Contents `json:"contents"`
	EffectiveFrom time.Time           `json:"effective_from"` // zero: at once
	Material      bool                `json:"material"`       // raises, never lowers
}

// Validate returns an InvalidValue refusal naming everything that duty D09 asks
// for and the draft lacks.
func (d NoticeDraft) Validate() error {
	var f faults
	f.word("purpose", string(d.Purpose), d.Purpose.Valid())
	f.word("audience", string(d.Audience), d.Audience.Valid())
	if _, ok := d.Contents[Chinese]; !ok {
		f.add("contents.zh-CN", Missing)
	}
	var written []Locale
	for _, l := range Locales {
		if _, ok := d.Contents[l]; ok {
			written = append(written, l)
		}
	}
	if !d.EffectiveFrom.IsZero() {
		f.instant("effective_from", d.EffectiveFrom)
	}
	f.contents(d.Contents)
	f.facts(d.Facts, written)
	return f.refusal()
}

func (f *faults) contents(byLocale map[Locale]Contents) {
	for l, c := range byLocale {
		at := "contents." + string(l)
		if !l.Valid() {
			f.add(at, NotAllowed)
		}
		f.line(at+".title", c.Title, 120)
		f.text(at+".summary", c.Summary, 600)
		f.text(at+".body", c.Body, 30_000)
		f.text(at+".agree", c.Agree, 1_000)
		f.text(at+".alternative", c.Alternative, 1_000)
	}
}

func (f *faults) facts(x Facts, written []Locale) {
	eachOnce(f, "facts.routes", x.Routes, Route.Valid)
	f.subprocessors("facts.recipients", x.Recipients, x.Routes)
	eachOnce(f, "facts.data_kinds", x.DataKinds, isDataKind)
	for _, r := range x.Routes {
		for _, k := range KindsFor(r) {
			if !slices.Contains(x.DataKinds, k) {
				f.add("facts.data_kinds."+k, Missing)
			}
		}
	}
	if x.RetentionDays < LeastRetentionDays || x.RetentionDays > MostRetentionDays {
		f.add("facts.retention_days", OutOfRange)
	}
	if x.ConsentDays < 1 || x.ConsentDays > MostConsentDays {
		f.add("facts.consent_days", OutOfRange)
	}
	for name, t := range map[string]Texts{"necessity": x.Necessity, "impact": x.Impact, "rights": x.Rights, "contact": x.Contact} {
		f.texts("facts."+name, t, written, 4_000, inText)
	}
}
