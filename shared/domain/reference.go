package domain

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// Reference is what the person is compared with. It is a secret of its session:
// encrypted under a key of the session's own, opened only with a Permit, gone
// with the session, and never logged. Whoever opens one wipes it.
type Reference struct {
	PhotoURL string    `json:"photo_url,omitempty"`
	Identity *Identity `json:"identity,omitempty"`
	Visit    *Visit    `json:"-"` // Nod's own; no LMS sends one
}

const referenceWord = "[reference]"

// Format keeps the reference out of any print, LogValue out of any log.
func (Reference) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, referenceWord) }
func (Reference) LogValue() slog.Value       { return slog.StringValue(referenceWord) }

// Wipe overwrites what is private in it. It may be called more than once, and on nil.
func (r *Reference) Wipe() {
	if r != nil {
		r.Identity.Wipe()
	}
}

// SafeURL reports whether a URL may be called by Nod or its vendor: https, or
// plain http to this machine where Nod itself runs there.
func SafeURL(raw string, loopbackToo bool) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || len(raw) > 2_000 {
		return false
	}
	return u.Scheme == "https" || (loopbackToo && u.Scheme == "http" && Loopback(u.Hostname()))
}
