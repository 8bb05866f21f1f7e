package bundle

import "fmt"

// Kind is what sort of thing is wrong with a bundle.
type Kind string

const (
	NotABundle     Kind = "not_a_bundle"     // no zip, or no manifest that this format knows
	WrongEntries   Kind = "wrong_entries"    // an entry is missing, there twice, or not listed
	TooLarge       Kind = "too_large"        // it claims to unpack to more than a bundle ever does
	Changed        Kind = "changed"          // a file is not the one that the manifest lists
	WrongKey       Kind = "wrong_key"        // the key that was given is none, or of another log
	NotSigned      Kind = "not_signed"       // the checkpoint is not signed by the key, or about another log
	WrongRoot      Kind = "wrong_root"       // the leaf hashes are not those of the checkpoint
	Forked         Kind = "forked"           // the log is not the one that a checkpoint held or timestamped elsewhere promised
	WrongTimestamp Kind = "wrong_timestamp"  // a timestamp is of something else, or of nobody who is trusted
	NotInTheLog    Kind = "not_in_the_log"   // a line is not the one at its place
	WrongPlaces    Kind = "wrong_places"     // places are out of order, out of range, or too few
	NotARecord     Kind = "not_a_record"     // a line does not read as a Record
	OtherLog       Kind = "other_enterprise" // a Record is of another enterprise
	BrokenChain    Kind = "broken_chain"     // a person's Record does not name the one before it
	NotCounted     Kind = "not_counted"      // the manifest counts or filters otherwise
	Missing        Kind = "missing"          // a Record or document that others rest on is not there
	OtherDocument  Kind = "other_document"   // a notice or a delegation is not the one that Records name
	WrongTable     Kind = "wrong_table"      // a table is not derived from the lines
	WrongReport    Kind = "wrong_report"     // the report for people is not what the lines come to
	NoConsent      Kind = "no_consent"       // a check rests on no consent that carries it
	ConsentOver    Kind = "consent_over"     // a check began after its consent had ended
	StaleNotice    Kind = "stale_notice"     // a check rests on a notice that had changed materially
	DelegationOver Kind = "delegation_over"  // a check began under a revoked delegation
	NoStart        Kind = "no_start"         // an outcome without the beginning of its check, or of another one
)

// Fault is the first thing that is wrong with a bundle, in plain words.
type Fault struct {
	Kind Kind
	What string
}

func (f *Fault) Error() string { return f.What }

func fault(k Kind, format string, args ...any) error {
	return &Fault{k, fmt.Sprintf(format, args...)}
}
