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
	Locale  string
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
	fmt.Fprintf(p.Out, "\n  %s\n", p.paint(bold, fmt.Sprintf("%-12s %-19s %-6s  %-14s %s", "time (UTC)", "record", "person", "notice", "delegation")))
	for _, line := range lines {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return err
		}
		if e.Subject != "" {
			chained = chained && e.Prev == heads[e.Subject]
			heads[e.Subject] = ledger.LeafHash([]byte(line))
			if names[e.Subject] == "" {
				names[e.Subject] = e.Subject[:6]
			}
		}
		if strings.HasPrefix(e.Type, "consent.") || strings.HasPrefix(e.Type, "check.") {
			consents++
			chained = chained && e.Delegation != nil
		}
		row := fmt.Sprintf("%-6s  %-14s %-11s ", names[e.Subject], cmp.Or(e.Notice, e.NoticeInForce), e.Delegation)
		if why := e.Reason + e.Cause; why != "" {
			row += p.paint(dim, why)
		}
		fmt.Fprintln(p.Out, strings.TrimRight(fmt.Sprintf("  %s %s %s", e.At[11:23], p.kind(e.Type), row), " "))
	}
	fmt.Fprintf(p.Out, "\n  %s\n\n", p.paint(dim, "A notice has one hash for each language it is written in."))
	p.check(len(lines) > 0 && consents > 0, "every consent and check names notice and delegation", fmt.Sprintf("%d records", len(lines)))
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
	language, _, _ := strings.Cut(v.Locale, "-")
	return strings.Join(strings.Fields(fmt.Sprintf("v%d %s %s", v.Version, language, v.SHA256[:8])), " ")
}

// kind colours a Record's type by what it means, padded to its column.
func (p *play) kind(t string) string {
	padded := fmt.Sprintf("%-19s", t)
	switch t {
	case "consent.granted", "check.passed":
		return p.paint(green, padded)
	case "consent.refused", "consent.withdrawn", "consent.lapsed", "check.failed", "delegation.revoked":
		return p.paint(red, padded)
	}
	return padded
}
