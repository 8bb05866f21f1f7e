package domain

// restrict ends all that is done with somebody's data but keeping it (PIPL art. 47): they
// asked for it to be deleted, and what the law has kept is evidence from here on, and no
// page shows it any more. Their grants are taken back, and their sessions end, but for
// those of their own page. What they do afterwards is new, and is done as for anybody.
func (m *Moment) restrict(request ID, actor ID) {
	for _, c := range m.Grants {
		if c.State != Granted {
			continue
		}
		if !m.Now.Before(c.Until) { // it had ended, and nobody had met it yet
			m.lapse(c, TermOver)
			continue
		}
		c.State, c.EndedAt = TakenBack, m.Now
		m.EndedConsents = append(m.EndedConsents, c)
		m.record(ConsentWithdrawnType, func(r *Record) {
			r.Purpose, r.Routes, r.Consent = c.Purpose, c.Routes, c.ID
			r.Notice, r.Delegation, r.By, r.Via = &c.Notice, &c.Delegation, c.By, ByRequest
			r.SubjectCommitment, r.Request, r.Actor = c.Commitment, request, actor
		})
		m.tellOf(TellWithdrawn, c)
	}
	m.Subject.RestrictedAt, m.Restricted = m.Now, true
	m.record(SubjectRestricted, func(r *Record) { r.Request, r.Actor = request, actor })
}

// Shown leaves of the holdings what is shown around: not what is restricted. Requests and
// their answers stay, for they are how the person learns of it.
func (h Holdings) Shown() Holdings {
	at := h.Subject.RestrictedAt
	if at.IsZero() {
		return h
	}
	shown := h
	shown.Consents, shown.Sessions, shown.Checks = nil, nil, nil
	for _, c := range h.Consents {
		if !c.At.Before(at) {
			shown.Consents = append(shown.Consents, c)
		}
	}
	for _, s := range h.Sessions {
		if !s.CreatedAt.Before(at) || s.Kind == MeKind {
			shown.Sessions = append(shown.Sessions, s)
		}
	}
	for _, c := range h.Checks {
		if !c.StartedAt.Before(at) {
			shown.Checks = append(shown.Checks, c)
		}
	}
	shown.Evidence = len(h.Consents) + len(h.Checks) - len(shown.Consents) - len(shown.Checks)
	return shown
}

// Concealed reports whether the session is restricted: the platform that opened it has
// its answer, and is shown nothing of it any more.
func (m *Moment) Concealed() bool {
	return m.Session.Kind != MeKind && m.Session.CreatedAt.Before(m.Subject.RestrictedAt)
}
