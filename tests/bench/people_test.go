package bench

import (
	"fmt"
	"strings"

	"nod/shared/domain"
)

// visitor is somebody whose session is open, as their page has it.
type visitor struct {
	session, token, subject, notice, hash string
}

// visit opens a session for somebody, up to the notice that their page shows.
func (w *world) visit(subject string) (v visitor) {
	w.tb.Helper()
	s := w.call("POST", "/v1/sessions", w.tenant.Integrator, object{"kind": "check", "purpose": "exam", "route": "photo", "subject": subject,
		"age_group": "adult", "resource": "exam/1", "reference": object{"photo_url": "https://lms.example.com/1.png"}, "locale": "en"})
	v.session = s["id"].(string)
	v.token = w.call("POST", "/v1/session/open", "", object{"code": s["code"]})["token"].(string)
	notice := w.call("GET", "/v1/session", v.token, nil)["notice"].(object)
	v.notice, v.hash = notice["id"].(string), notice["sha256"].(object)["en"].(string)
	w.must(w.db.QueryRow(w.ctx(), `SELECT subject FROM sessions WHERE enterprise = $1 AND id = $2`, w.tenant.Enterprise, v.session).Scan(&v.subject))
	return v
}

// agreement is what a page posts when somebody agrees.
func (v visitor) agreement() object {
	return object{"decision": "granted", "notice_id": v.notice, "notice_sha256": v.hash, "locale": "en", "by": "self"}
}

// The ids of people who are copies of one: Go and SQL spell them alike.
const (
	sessionMark = "01990000-0000-7000-8000-"
	subjectMark = "01990000-0000-4000-8000-"
)

func numbered(mark string, i int) string { return fmt.Sprintf("%s%012x", mark, i) }

func numberedInSQL(mark, i string) string {
	return "('" + mark + "' || lpad(to_hex(" + i + "), 12, '0'))"
}

// clones makes people who are where somebody is: the numbers [from,before). All that they
// have of their own is ids, and so they have the same token.
func (w *world) clones(of visitor, from, before int) {
	w.tb.Helper()
	subject, session := numberedInSQL(subjectMark, "i"), numberedInSQL(sessionMark, "i")
	for _, c := range []struct{ table, where, own string }{
		{"subjects", "id = $2", "'id', " + subject + ", 'lookup', 'clone ' || i"},
		{"sessions", "subject = $2", "'id', " + session + ", 'subject', " + subject},
		{"consents", "subject = $2", "'id', md5(t.id || i), 'subject', " + subject + ", 'session', " + session},
		{"checks", "session IN (SELECT id FROM sessions WHERE enterprise = $1 AND subject = $2)", "'session', " + session},
		{"records", "subject = $2", "'id', left(t.id, 14) || md5(t.id || i), 'subject', " + subject + ", 'line', '{}'"},
	} {
		_, err := w.db.Exec(w.ctx(), fmt.Sprintf(`INSERT INTO %[1]s SELECT c.* FROM %[1]s t, generate_series(%[2]d, %[3]d) i,
			LATERAL jsonb_populate_record(t, jsonb_build_object(%[4]s)) c WHERE t.enterprise = $1 AND t.%[5]s`,
			c.table, from, before-1, c.own, c.where), w.tenant.Enterprise, of.subject)
		w.must(err)
	}
	w.analyse()
}

// analyse is what the server does by itself, some time later.
func (w *world) analyse() {
	w.tb.Helper()
	_, err := w.db.Exec(w.ctx(), "VACUUM ANALYZE")
	w.must(err)
}

// clone is one of those who were made.
func (v visitor) clone(w *world, i int) visitor {
	b, ok := domain.ParseBearer(v.token)
	if !ok {
		w.tb.Fatal("that is no token")
	}
	v.session, v.subject = numbered(sessionMark, i), numbered(subjectMark, i)
	b.Thing = domain.ID(v.session)
	v.token = b.String()
	return v
}

// pairs are the ids of one in the place of another's, for a strings.Replacer.
func (v visitor) pairs(other visitor) []string {
	return []string{v.session, other.session, v.subject, other.subject, strings.TrimSpace(v.token), other.token}
}
