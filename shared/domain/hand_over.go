package domain

import (
	"slices"
	"time"
)

// An enterprise whose service has ended takes its records along before everything that
// leads to a person goes (duty D15): Nod makes a last export by itself, of the whole log
// and with the platform's ids, by which alone anybody can say later whom it is about.

// LastExportsKnown is how many of them a Charter has, the newest.
const LastExportsKnown = 10

// A last export that could not be made is made again after a while, which doubles each time
// up to a day: whatever keeps it from being made may need somebody to see to it.
const (
	lastExportAgain = time.Hour
	lastExportWaits = 24 * time.Hour
)

// failedInARow is how many of the newest last exports could not be made.
func (c *Charter) failedInARow() (n int) {
	for n < len(c.LastExports) && c.LastExports[n].State == ExportFailed {
		n++
	}
	return n
}

// HandOver has the last export made, and reports whether it has. As long as the enterprise
// has not acknowledged there is always one, or one in the making: one that has expired, and
// one that failed, is followed by another.
func (c *Charter) HandOver() bool {
	if c.Enterprise.Open() || !c.Enterprise.AcknowledgedAt.IsZero() {
		return false
	}
	if len(c.LastExports) > 0 {
		switch e := c.LastExports[0].As(c.Now); e.State {
		case ExportExpired:
		case ExportFailed:
			wait := min(lastExportAgain<<(c.failedInARow()-1), lastExportWaits)
			if c.Now.Before(e.MadeAt.Add(wait)) {
				return false
			}
		default:
			return false
		}
	}
	c.order(Export{ID: c.Mint(), Last: true, Asked: ExportRequest{Identifiers: SubjectIDs, Reason: ForHandOver}})
	return true
}

// handedOver finds the last export that is acknowledged: the one that is named, or else the
// newest. It must be there to be fetched at this moment: what goes with the acknowledgement
// is the link from pseudonym to person, and one whose time is over may never have been
// fetched. Where none can be made, the newest that failed may be named: the enterprise goes
// without, in so many words, and nobody is kept for ever because of a fault.
func (c *Charter) handedOver(named ID) (Export, error) {
	there := slices.IndexFunc(c.LastExports, func(e Export) bool { return e.As(c.Now).State == ExportReady })
	at := there
	if named != "" {
		at = slices.IndexFunc(c.LastExports, func(e Export) bool { return e.ID == named })
	}
	switch {
	case at < 0 && named != "":
		return Export{}, &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"export", NotFound}}}
	case at >= 0 && c.LastExports[at].As(c.Now).State == ExportReady,
		at == 0 && c.LastExports[at].State == ExportFailed && there < 0:
		return c.LastExports[at], nil
	}
	return Export{}, &Refusal{Reason: LastExportNotReady, RetryAfter: time.Minute}
}
