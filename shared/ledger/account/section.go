package account

import (
	"cmp"
	"strings"
	"time"
)

// section is the report in one language.
type section struct {
	*writer
	*texts
	f Facts
}

func (s *section) write() {
	s.put("<article lang=\"%v\">\n<header>\n<p class=\"eyebrow\">%v</p>\n<h1>%v</h1>\n", s.lang, s.eyebrow, s.title)
	if name := cmp.Or(s.f.Names[s.lang], s.f.Names["zh-CN"]); name != "" {
		s.put("<p class=\"name\">%v</p>\n", name)
	}
	s.put("<p class=\"lead\">%v</p>\n", s.lead)
	if s.f.Scripted > 0 {
		s.put("<p class=\"test\">%v</p>\n", s.sub(s.scripted, s.f.Scripted))
	}
	s.about()
	s.put("</header>\n")
	s.reconciliation()
	s.totals()
	s.overTime()
	s.byPurpose()
	s.notices()
	s.delegations()
	s.list(s.proves, s.provesThat)
	s.list(s.provesNot, s.provesNotThat)
	s.verify()
	s.put("</article>\n")
}

func (s *section) heading(h string) { s.put("<section>\n<h2>%v</h2>\n", h) }

// row is a name and what it is.
func (s *section) row(name string, what markup) { s.put("<dt>%v</dt><dd>%v</dd>\n", name, what) }

func (s *section) sub(format string, args ...any) markup {
	w := &writer{}
	w.put(format, args...)
	return markup(w.String())
}

func (s *section) about() {
	f := s.f
	s.put("<dl>\n")
	s.row(s.enterprise, s.sub("<code>%v</code>", f.Enterprise))
	s.row(s.log, s.sub("<code>%v</code>", f.Origin))
	s.row(s.checkpoint, s.sub(s.checkpointIs, f.Size, f.Root))
	if f.Count == 0 {
		s.row(s.rangeOf, s.sub("%v", s.rangeEmpty))
	} else {
		s.row(s.rangeOf, s.sub(s.rangeIs, f.First, f.First+f.Count-1, f.Records))
	}
	if !f.Begin.IsZero() {
		s.row(s.time, s.sub(s.timeIs, minute(f.Begin), minute(f.End)))
	}
	s.row(s.filter, s.filtered())
	s.put("</dl>\n")
}

// filtered says what was asked for.
func (s *section) filtered() markup {
	f := s.f.Filter
	var parts []string
	if f.From != "" || f.To != "" {
		parts = append(parts, string(s.sub(s.filterTime, instant(f.From, s.open), instant(f.To, s.open))))
	}
	if len(f.Purposes) > 0 {
		var names []string
		for _, p := range f.Purposes {
			names = append(names, s.purpose(p))
		}
		parts = append(parts, string(s.sub(s.filterPurposes, strings.Join(names, s.comma))))
	}
	if f.Subject != "" {
		parts = append(parts, string(s.sub(s.filterSubject, f.Subject)))
	}
	if len(parts) == 0 {
		parts = append(parts, string(s.sub("%v", s.filterNone)))
	}
	if !f.whole() {
		parts = append(parts, string(s.sub(s.leftOut, s.f.Count-s.f.Records)))
	}
	if f.Subjects {
		parts = append(parts, string(s.sub("%v", s.withSubjects)))
	}
	return markup(strings.Join(parts, "<br>"))
}

// instant is an end of the window as the manifest spells it, by the clock in China.
func instant(end, open string) string {
	at, err := time.Parse(time.RFC3339, end)
	if err != nil {
		return open
	}
	return minute(at)
}

func (s *section) purpose(name string) string { return cmp.Or(s.purposes[name], name) }

func (s *section) reconciliation() {
	c := s.f.Checks
	s.heading(s.reconciled)
	s.put("<p>%v</p>\n", s.sub(s.reconciledIs, c.Started, c.Concluded))
	s.put("<ul class=\"checks\">\n")
	for i, x := range []Finding{c.NoConsent, c.ConsentOver, c.StaleNotice, c.DelegationOver, c.NoStart, c.WithoutOutcome} {
		class, word := "good", s.mustBe
		switch {
		case i == 5 && x.N == 0:
			word = ""
		case i == 5:
			class, word = "open", s.mayBe
		case x.N > 0:
			class = "bad"
		}
		s.put("<li class=\"%v\"><b>%v</b><div><span>%v</span>", class, x.N, s.findings[i])
		if word != "" {
			s.put("<small>%v</small>", word)
		}
		s.records(x)
		s.put("</div></li>\n")
	}
	s.put("</ul>\n")
	if c.StartedEarlier > 0 {
		s.put("<p class=\"note\">%v</p>\n", s.sub(s.startedEarlier, c.StartedEarlier))
	}
	s.put("</section>\n")
}

// records names those that were counted.
func (s *section) records(x Finding) {
	if x.N == 0 {
		return
	}
	s.put("<ol>\n")
	for _, n := range x.Named {
		s.put("<li>%v</li>\n", s.sub(s.recordIs, n.Place, n.Record))
	}
	s.put("</ol>")
	if more := x.N - int64(len(x.Named)); more > 0 {
		s.put("<p>%v</p>", s.sub(s.more, more))
	}
}

// figures are what the totals show, side by side.
var figures = [][]int{
	{Granted, Refused, Withdrawn, Lapsed}, {Passed, Failed, NotPerformed, Unknown}, {InsteadPassed, InsteadFailed}, {Opened, Resolved},
}

func (s *section) totals() {
	s.heading(s.total)
	s.put("<div class=\"totals\">\n")
	for i, group := range figures {
		s.put("<div><h3>%v</h3>\n<dl class=\"figures\">\n", s.groups[i])
		for _, kind := range group {
			s.put("<div><dt>%v</dt><dd>%v</dd></div>\n", s.kinds[kind], s.f.Totals[kind])
		}
		s.put("</dl></div>\n")
	}
	s.put("</div>\n<p class=\"note\">%v</p>\n</section>\n", s.totalNote)
}

func (s *section) byPurpose() {
	if len(s.f.Purposes) == 0 {
		return
	}
	shown := []int{Granted, Refused, Withdrawn, Lapsed, Passed, Failed, NotPerformed, Unknown}
	s.heading(s.each)
	s.put("<div class=\"wide\" role=\"region\" aria-label=\"%v\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">%v</th>", s.each, s.purposeName)
	for _, kind := range shown {
		s.put("<th scope=\"col\">%v</th>", s.kinds[kind])
	}
	s.put("</tr></thead>\n<tbody>\n")
	for _, p := range s.f.Purposes {
		s.put("<tr><th scope=\"row\">%v</th>", s.purpose(p.Name))
		for _, kind := range shown {
			s.put("<td>%v</td>", p.Counts[kind])
		}
		s.put("</tr>\n")
	}
	s.put("</tbody>\n</table></div>\n</section>\n")
}

func (s *section) notices() {
	s.heading(s.noticesName)
	if len(s.f.Notices) == 0 {
		s.put("<p class=\"note\">%v</p>\n", s.none)
	}
	for _, n := range s.f.Notices {
		s.put("<div class=\"document\">\n<h3>%v</h3><p>%v</p>\n<dl>\n",
			s.sub(s.noticeIs, s.purpose(n.Purpose), cmp.Or(s.audiences[n.Audience], n.Audience), n.Version, cmp.Or(s.locales[n.Locale], n.Locale)),
			s.sub(s.reliedOn, n.Checks))
		s.since(s.inForce, n.Since)
		s.row(s.hash, s.sub("<code>%v</code>", n.SHA256))
		s.row(s.file, s.sub("<code>notices/%v.%v.json</code>", n.ID, n.Locale))
		s.put("</dl></div>\n")
	}
	s.put("</section>\n")
}

func (s *section) since(name string, at time.Time) {
	if !at.IsZero() {
		s.row(name, s.sub("%v", minute(at)))
	}
}

func (s *section) delegations() {
	s.heading(s.delegationsName)
	if len(s.f.Delegations) == 0 {
		s.put("<p class=\"note\">%v</p>\n", s.none)
	}
	for _, d := range s.f.Delegations {
		s.put("<div class=\"document\">\n<h3>%v</h3><p>%v</p>\n<dl>\n", s.sub(s.delegationIs, d.Version), s.sub(s.reliedOn, d.Checks))
		s.since(s.recorded, d.Since)
		s.since(s.revoked, d.Revoked)
		s.row(s.hash, s.sub("<code>%v</code>", d.SHA256))
		s.row(s.file, s.sub("<code>delegations/%v.json</code>", d.ID))
		s.put("</dl></div>\n")
	}
	s.put("</section>\n")
}

func (s *section) list(heading string, sentences []string) {
	s.heading(heading)
	s.put("<ul>\n")
	for _, sentence := range sentences {
		s.put("<li>%v</li>\n", sentence)
	}
	s.put("</ul>\n</section>\n")
}

func (s *section) verify() {
	s.heading(s.verifyName)
	s.put("<p>%v</p>\n<pre><code>%v</code></pre>\n", s.verifyBy, s.command)
	s.put("<p>%v</p>\n<p>%v</p>\n</section>\n", s.verifyKey, s.verifyOwn)
}
