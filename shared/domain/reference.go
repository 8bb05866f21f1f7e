package domain

import "net/url"

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

// String keeps the reference out of any print or log.
func (Reference) String() string { return "[reference]" }

// GoString does the same for %#v.
func (Reference) GoString() string { return "[reference]" }

// SafeURL reports whether a URL may be called by Nod or its vendor: https, or
// plain http to this machine where Nod itself runs there.
func SafeURL(raw string, loopbackToo bool) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || len(raw) > 2_000 {
		return false
	}
	return u.Scheme == "https" || (loopbackToo && u.Scheme == "http" && Loopback(u.Hostname()))
}
