package domain

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// Reference is what the face is compared with. It is a secret of its session:
// encrypted under a key of the session's own, opened only with a Permit, gone
// with the session, and never logged.
type Reference struct {
	PhotoURL string    `json:"photo_url,omitempty"`
	Identity *Identity `json:"identity,omitempty"`
}

// Identity is real-name data: used for the check and not kept (duty D02).
type Identity struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
}

const referenceWord = "[reference]"

// Format keeps the reference out of any print, LogValue out of any log. It can be
// marshalled, because that is how it is sealed.
func (Reference) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, referenceWord) }
func (Reference) LogValue() slog.Value       { return slog.StringValue(referenceWord) }

// Format and LogValue do the same for the name and the number alone.
func (Identity) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, referenceWord) }
func (Identity) LogValue() slog.Value       { return slog.StringValue(referenceWord) }

// SafeURL reports whether a URL may be called by Nod or its vendor: https, or
// plain http to this machine where Nod itself runs there.
func SafeURL(raw string, loopbackToo bool) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || len(raw) > 2_000 {
		return false
	}
	return u.Scheme == "https" || (loopbackToo && u.Scheme == "http" && Loopback(u.Hostname()))
}
