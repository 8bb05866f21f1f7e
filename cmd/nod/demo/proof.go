package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"nod/shared/ledger"
)

// entry is what the play reads of a Record.
type entry struct {
	Type, At, Subject, Prev, Reason, Cause string
	Notice, Delegation                     *document
	NoticeInForce                          *document `json:"notice_in_force"`
}

// document is a version of a notice or delegation, with its hash.
type document struct {
	Version int
	SHA256  string `json:"sha256"`
}

// proof ends the play with the log: who said what to which version, under which
// delegation; and holds the log against itself.
func (p *play) proof(ctx context.Context) error {
	p.scene("8  What is left: the log. No image, no name, no score")
	lines, err := p.Records(ctx, p.tenant.Enterprise)
	if err != nil {
		return err
	}
	names := map[string]string{}
	heads := map[string]string{}
	chained, consents := true, 0
	fmt.Fprintf(p.Out, "\n    %s\n", p.paint(bold, fmt.Sprintf("%-12s  %-21s %-9s %-17s %-17s %s", "time", "record", "person", "notice", "delegation", "")))
	for _, line := range lines {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return err
		}
		if e.Subject != "" {
			chained = chained && e.Prev == heads[e.Subject]
			heads[e.Subject] = ledger.LeafHash([]byte(line))
			if names[e.Subject] == "" {
				names[e.Subject] = e.Subject[:8]
			}
		}
		if strings.HasPrefix(e.Type, "consent.") || strings.HasPrefix(e.Type, "check.") {
			consents++
			chained = chained && e.Delegation != nil
		}
		fmt.Fprintf(p.Out, "    %-12s  %s %-9s %-17s %-17s %s\n", e.At[11:23], p.kind(e.Type), names[e.Subject],
			cmp.Or(e.Notice, e.NoticeInForce), e.Delegation, p.paint(dim, e.Reason+e.Cause))
	}
	fmt.Fprintln(p.Out)
	p.check(len(lines) > 0 && consents > 0, "every consent and check names notice and delegation, version and hash", fmt.Sprintf("%d records", len(lines)))
	p.check(chained, "each person's records are chained by their hashes", fmt.Sprintf("%d people", len(heads)))
	log := strings.Join(lines, "\n")
	clean := true
	for _, secret := range []string{"emp-", "Lin", "collins", "/9j/", "score"} {
		clean = clean && !strings.Contains(log, secret)
	}
	p.check(clean, "nobody's id, name, photo or score is in it", "pseudonyms only")
	return nil
}

func (v *document) String() string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("v%d %s", v.Version, v.SHA256[:12])
}

// kind colours a Record's type by what it means, padded to its column.
func (p *play) kind(t string) string {
	padded := fmt.Sprintf("%-21s", t)
	switch t {
	case "consent.granted", "check.passed":
		return p.paint(green, padded)
	case "consent.refused", "consent.withdrawn", "consent.lapsed", "check.failed", "delegation.revoked":
		return p.paint(red, padded)
	}
	return padded
}
