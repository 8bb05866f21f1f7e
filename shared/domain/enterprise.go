package domain

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Mode tells real checks from those of an LMS developer.
type Mode string

const (
	Live Mode = "live"
	Test Mode = "test" // scripted outcomes, marked in every record and assertion
)

// Enterprise 企业用户 is the organisation that decides on the processing: the tenant.
type Enterprise struct {
	ID        ID
	Profile   Profile
	CreatedAt time.Time
	ClosedAt  time.Time // zero while it is served
	// AcknowledgedAt is when a closed enterprise said that it has its records, and ErasedAt
	// when nobody was left that they lead to (duty D15).
	AcknowledgedAt, ErasedAt time.Time
	Version                  int // counts changes of the profile
}

// Profile is what the operator enters for an enterprise.
type Profile struct {
	Name          Texts    `json:"name"`
	Contact       Contact  `json:"contact"`
	TimeZone      string   `json:"time_zone"`
	Mode          Mode     `json:"mode"`
	FrameOrigins  []string `json:"frame_origins"`
	ReturnOrigins []string `json:"return_origins"`
	Logo          string   `json:"logo,omitempty"`
	Accent        string   `json:"accent,omitempty"`
}

// Contact is whom a person turns to about their data (PIPL art. 17, 52).
type Contact struct {
	Officer string `json:"officer"`
	Email   string `json:"email"`
	Phone   string `json:"phone"`
	Address string `json:"address"`
}

// Open reports whether the enterprise is served.
func (e Enterprise) Open() bool { return e.ClosedAt.IsZero() }

// Status is the word for it in the interface.
func (e Enterprise) Status() string {
	if e.Open() {
		return "active"
	}
	return "closed"
}

// A logo comes along as a picture in a data: URL, so that a page shows nothing of a
// third party's. Browsers run no script in a picture, SVG included.
var logo = regexp.MustCompile(`^data:image/(png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$`)

var accent = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Validate returns an InvalidValue refusal naming every faulty field.
func (p Profile) Validate() error {
	var f faults
	f.texts("name", p.Name, []Locale{Chinese}, 200, inLine)
	f.line("contact.officer", p.Contact.Officer, 200)
	f.line("contact.email", p.Contact.Email, 200)
	f.line("contact.phone", p.Contact.Phone, 60)
	f.line("contact.address", p.Contact.Address, 400)
	_, err := time.LoadLocation(p.TimeZone)
	f.form("time_zone", p.TimeZone, err == nil && p.TimeZone != "" && p.TimeZone != "Local")
	f.word("mode", string(p.Mode), p.Mode == Live || p.Mode == Test)
	f.origins("frame_origins", p.FrameOrigins)
	f.origins("return_origins", p.ReturnOrigins)
	if p.Accent != "" && !accent.MatchString(p.Accent) {
		f.add("accent", BadFormat)
	}
	switch {
	case len(p.Logo) > 200_000:
		f.add("logo", TooLong)
	case p.Logo != "" && !logo.MatchString(p.Logo):
		f.add("logo", BadFormat)
	}
	return f.refusal()
}

// MayReturnTo reports whether a page may send the person to the URL: its origin
// must be registered, exactly.
func (p Profile) MayReturnTo(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.User == nil && slices.Contains(p.ReturnOrigins, u.Scheme+"://"+u.Host)
}

// A host as browsers spell it in an origin: no wildcard and nothing else that would
// mean more in a page's policy.
var hostname = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`)

// origins checks a list of web origins: scheme and host, nothing more. Plain
// http is for loopback alone, where an LMS developer works.
func (f *faults) origins(field string, list []string) {
	if len(list) > 50 {
		f.add(field, TooLong)
	}
	for _, o := range list {
		u, err := url.Parse(o)
		if err == nil && u.Scheme+"://"+u.Host == o {
			name := u.Hostname()
			if port := u.Port(); strings.HasSuffix(u.Host, ":") || port != "" && !isPort(port) {
				f.add(field, BadFormat)
				return
			}
			if Loopback(name) && u.Scheme == "http" || (Loopback(name) || hostname.MatchString(name)) && u.Scheme == "https" {
				continue
			}
		}
		f.add(field, BadFormat)
		return
	}
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// Loopback reports whether a host name means this machine.
func Loopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}
