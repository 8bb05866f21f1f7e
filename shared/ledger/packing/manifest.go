package packing

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Format is the name of the form of a bundle that this package makes.
const Format = "nod-bundle-1"

// The files that every bundle has, beside its tables.
const (
	ManifestFile      = "manifest.json"
	RecordsFile       = "records.ndjson"
	CheckpointFile    = "proof/checkpoint"
	KeysFile          = "proof/keys"
	LeavesFile        = "proof/leaves"
	PlacesFile        = "proof/places"
	SupportFile       = "proof/support.ndjson"
	SupportPlacesFile = "proof/support-places"
	ReportFile        = "report.html"
	HowToVerifyFile   = "VERIFY.txt"
)

// TimestampFiles are the names of a timestamp and of the checkpoint of a size that it is of.
func TimestampFiles(size int64) (checkpoint, tsr string) {
	name := "proof/timestamps/" + strconv.FormatInt(size, 10)
	return name + ".checkpoint", name + ".tsr"
}

// Manifest says what a bundle holds.
type Manifest struct {
	Format      string            `json:"format"`
	Enterprise  string            `json:"enterprise"`
	Origin      string            `json:"origin"`
	Filter      Filter            `json:"filter"`
	Complete    bool              `json:"complete"`
	Size        int64             `json:"size"`    // of the log under the checkpoint
	First       int64             `json:"first"`   // place of the range
	Count       int64             `json:"count"`   // of the range
	Records     int64             `json:"records"` // of it that the bundle holds
	Identifiers string            `json:"identifiers"`
	Counts      map[string]int64  `json:"counts"` // by type
	Files       map[string]Listed `json:"files"`  // every other one
}

// Filter is what was asked for.
type Filter struct {
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Purposes []string `json:"purposes,omitempty"`
	Subject  string   `json:"subject,omitempty"` // pseudonym
}

// Listed is what a file must be.
type Listed struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// List enters files.
func (m *Manifest) List(files ...File) error {
	if m.Files == nil {
		m.Files = map[string]Listed{}
	}
	for i := range files {
		sum, err := files[i].SHA256()
		if err != nil {
			return err
		}
		m.Files[files[i].Name] = Listed{sum, files[i].Bytes}
	}
	return nil
}

// Bytes is the manifest's canonical form (RFC 8785).
func (m Manifest) Bytes() ([]byte, error) {
	raw, err := json.Marshal(m)
	if err == nil {
		err = (*jsontext.Value)(&raw).Canonicalize()
	}
	if err != nil {
		return nil, fmt.Errorf("packing: the manifest: %w", err)
	}
	return raw, nil
}
