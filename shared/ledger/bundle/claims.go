package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"nod/shared/ledger"
)

// The entries of a bundle whose names do not change.
const (
	manifestFile      = "manifest.json"
	recordsFile       = "records.ndjson"
	checkpointFile    = "proof/checkpoint"
	keysFile          = "proof/keys"
	leavesFile        = "proof/leaves"
	placesFile        = "proof/places"
	supportFile       = "proof/support.ndjson"
	supportPlacesFile = "proof/support-places"
	reportFile        = "report.html"
)

const formatName = "nod-bundle-1"

// manifest is what a bundle says of itself. Nothing in it is signed: it counts for what
// the verification finds to be so.
type manifest struct {
	Format      string            `json:"format"`
	Enterprise  string            `json:"enterprise"`
	Origin      string            `json:"origin"`
	Filter      filter            `json:"filter"`
	Complete    bool              `json:"complete"`
	Size        int64             `json:"size"`
	First       int64             `json:"first"`
	Count       int64             `json:"count"`
	Records     int64             `json:"records"`
	Identifiers string            `json:"identifiers"`
	Counts      map[string]int64  `json:"counts"`
	Files       map[string]listed `json:"files"`
}

type filter struct {
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Purposes []string `json:"purposes,omitempty"`
	Subject  string   `json:"subject,omitempty"`
}

// whole reports whether nothing was left out but what is outside of a time.
func (f filter) whole() bool { return len(f.Purposes) == 0 && f.Subject == "" }

// allTime reports whether no place of the log is out of the filter's range.
func (f filter) allTime() bool { return f.From == "" && f.To == "" }

// dossier reports whether it is all about one person, whenever that was.
func (f filter) dossier() bool { return f.Subject != "" && len(f.Purposes) == 0 && f.allTime() }

// listed is how the manifest names a file.
type listed struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// names are the listed files, always in the same order.
func (m *manifest) names() []string { return slices.Sorted(maps.Keys(m.Files)) }

// readManifest takes one spelling only, the canonical one: what is written again must come
// to the same bytes, so no name may be unknown, twice, or in other letters.
func readManifest(raw []byte) (*manifest, error) {
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fault(NotABundle, "%s cannot be read: %v", manifestFile, err)
	}
	sum := sha256.Sum256(raw)
	switch {
	case len(m.Counts) > mostCounts:
		return nil, fault(TooLarge, "%s counts %d types of Records; no log has more than %d", manifestFile, len(m.Counts), mostCounts)
	case m.Format != formatName:
		return nil, fault(NotABundle, "%s names the format %q; this build knows %s", manifestFile, m.Format, formatName)
	case ledger.DocumentHash(m) != hex.EncodeToString(sum[:]):
		return nil, fault(NotABundle, "%s is not in its canonical form (RFC 8785), or has fields that %s has not", manifestFile, formatName)
	}
	return &m, m.holdsTogether()
}

var (
	uuid       = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	document   = regexp.MustCompile(`^(notices/` + uuid + `\.[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\.json|delegations/` + uuid + `\.(json|agreement))$`)
	hexHash    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	recordType = regexp.MustCompile(`^[a-z_]{1,32}\.[a-z_]{1,32}$`)
	isUUID     = regexp.MustCompile(`^` + uuid + `$`)
	logName    = regexp.MustCompile(`^[!-*,-~]+$`) // as a signed note names a key, in ASCII
)

func (m *manifest) holdsTogether() error {
	says := func(format string, args ...any) error { return fault(NotCounted, "the manifest "+format, args...) }
	for kind, n := range m.Counts {
		if !recordType.MatchString(kind) || n < 0 {
			return says("counts %d of %q, which is no type of Records", n, kind)
		}
	}
	for _, name := range m.names() {
		f := m.Files[name]
		if !isFixed(name) && !document.MatchString(name) && !stampFile.MatchString(name) {
			return fault(WrongEntries, "the manifest lists %q, which no bundle has", name)
		}
		if f.Bytes < 0 || !hexHash.MatchString(f.SHA256) {
			return says("lists %s without a length and a SHA-256", name)
		}
	}
	for _, name := range fixed {
		if _, ok := m.Files[name]; !ok {
			return fault(WrongEntries, "the manifest does not list %s", name)
		}
	}
	switch {
	case !pseudonym(m.Filter.Subject) && m.Filter.Subject != "":
		return says("filters by %q, which is nobody's pseudonym", m.Filter.Subject)
	case !isUUID.MatchString(m.Enterprise):
		return says("names the enterprise %q, which is no UUID", m.Enterprise)
	case !logName.MatchString(m.Origin) || !strings.HasSuffix(m.Origin, "/"+m.Enterprise):
		return says("names the log %q, which is not that of the enterprise %q", m.Origin, m.Enterprise)
	case m.Size < 0 || m.First < 0 || m.Count < 0 || m.Size > 1<<40 || m.First > m.Size || m.Count > m.Size-m.First:
		return says("names places %d to %d, which the log of %d does not have", m.First, m.First+m.Count, m.Size)
	case m.Complete != m.Filter.whole():
		return says("calls the bundle complete or not, and its filter says otherwise")
	case m.Complete && m.Records != m.Count, m.Records < 0 || m.Records > m.Count:
		return says("counts %d records at %d places", m.Records, m.Count)
	case m.Filter.allTime() && (m.First != 0 || m.Count != m.Size):
		return says("has no filter by time, and not all places of the log")
	case m.Identifiers != "pseudonyms" && m.Identifiers != "subjects":
		return says("says %q of identifiers", m.Identifiers)
	case m.Files[leavesFile].Bytes != 32*m.Size:
		return says("lists %d bytes of leaf hashes for a log of %d", m.Files[leavesFile].Bytes, m.Size)
	case m.Files[placesFile].Bytes != 8*m.Records:
		return says("lists %d bytes of places for %d records", m.Files[placesFile].Bytes, m.Records)
	}
	for _, at := range []string{m.Filter.From, m.Filter.To} {
		if _, err := time.Parse(time.RFC3339, at); at != "" && err != nil {
			return says("filters by %q, which is no time", at)
		}
	}
	return m.stampsHold()
}

// pseudonym reports whether it has the form of what the log knows a person by.
func pseudonym(s string) bool {
	_, ok := binaryHex(s)
	return ok
}

// within reports whether an instant is in the window that the manifest names.
func (f filter) within(at time.Time) bool {
	from, _ := time.Parse(time.RFC3339, f.From)
	to, _ := time.Parse(time.RFC3339, f.To)
	return (f.From == "" || !at.Before(from)) && (f.To == "" || at.Before(to))
}

// claims are those that the report repeats.
func (m *manifest) claims() Claims {
	return Claims{
		Enterprise: m.Enterprise, Origin: m.Origin, From: m.Filter.From, To: m.Filter.To, Purposes: m.Filter.Purposes, Subject: m.Filter.Subject,
		Subjects: m.Identifiers == "subjects", Size: m.Size, First: m.First, Count: m.Count, Record: m.Records,
	}
}
