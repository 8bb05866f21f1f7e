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

// LastExportAgain is after how long a last export that could not be made is made again.
const LastExportAgain = time.Hour

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
			if c.Now.Before(e.MadeAt.Add(LastExportAgain)) {
				return false
			}
		default:
			return false
		}
	}
	c.order(Export{ID: c.Mint(), Last: true, Asked: ExportRequest{Identifiers: SubjectIDs, Reason: ForHandOver}})
	return true
}

// handedOver finds the last export that is acknowledged: the one that is named, which must
// have been there to be fetched, or else one that can be fetched now.
func (c *Charter) handedOver(named ID) (Export, error) {
	i := slices.IndexFunc(c.LastExports, func(e Export) bool {
		return e.ID == named || named == "" && e.As(c.Now).State == ExportReady
	})
	switch {
	case i < 0 && named != "":
		return Export{}, &Refusal{Reason: InvalidValue, Fields: []FieldFault{{"export", NotFound}}}
	case i < 0 || c.LastExports[i].ReadyAt.IsZero():
		return Export{}, &Refusal{Reason: LastExportNotReady, RetryAfter: time.Minute}
	}
	return c.LastExports[i], nil
}
