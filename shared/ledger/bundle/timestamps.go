package bundle

import (
	"crypto/x509"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"nod/shared/ledger"
	"nod/shared/ledger/timestamp"
)

// Timestamp is the word of somebody outside that the log had so many lines at a time, and
// that those are the first ones of what it has now.
type Timestamp struct {
	Size      int64
	Time      time.Time
	Accuracy  time.Duration
	Authority string // empty where there was no root to verify it with
}

// stampFile is a timestamp's name, or that of the checkpoint which it is of.
var stampFile = regexp.MustCompile(`^proof/timestamps/(0|[1-9][0-9]{0,17})\.(checkpoint|tsr)$`)

// stampsHold looks at the names of timestamps: each stands beside its checkpoint.
func (m *manifest) stampsHold() error {
	for _, name := range m.names() {
		part := stampFile.FindStringSubmatch(name)
		if part == nil {
			continue
		}
		other := map[string]string{"tsr": "checkpoint", "checkpoint": "tsr"}[part[2]]
		if _, there := m.Files["proof/timestamps/"+part[1]+"."+other]; !there {
			return fault(WrongEntries, "the manifest lists %s, and not the %s to it", name, other)
		}
		if size, err := strconv.ParseInt(part[1], 10, 64); err != nil || size > m.Size {
			return fault(NotCounted, "the manifest lists %s, of a log of %d", name, m.Size)
		}
	}
	return nil
}

// stamped reads the timestamps, and what their checkpoints say: that goes on to be held
// against the leaf hashes. Nobody need have signed those checkpoints: what they say is proven
// by the leaf hashes, and that they said it then, by the authority.
func (v *verification) stamped() error {
	heads := map[int64]ledger.Head{}
	for _, name := range v.manifest.names() {
		part := stampFile.FindStringSubmatch(name)
		if part == nil || part[2] != "tsr" {
			continue
		}
		checkpoint, err := v.read("proof/timestamps/"+part[1]+".checkpoint", mostDocument)
		if err != nil {
			return err
		}
		tsr, err := v.read(name, mostDocument)
		if err != nil {
			return err
		}
		head, err := ledger.ReadCheckpoint(v.manifest.Origin, checkpoint)
		if err != nil || strconv.FormatInt(head.Size, 10) != part[1] {
			return fault(WrongTimestamp, "what %s is of is no checkpoint of this log over so many lines", name)
		}
		s, err := v.readStamp(tsr, checkpoint)
		if err != nil {
			return fault(WrongTimestamp, "%s: %v", name, err)
		}
		heads[head.Size] = head
		v.report.Timestamps = append(v.report.Timestamps, Timestamp{head.Size, s.Time, s.Accuracy, s.Authority})
	}
	for _, size := range slices.Sorted(maps.Keys(heads)) {
		v.promised = append(v.promised, promised{heads[size], "that was timestamped"})
	}
	slices.SortFunc(v.report.Timestamps, func(a, b Timestamp) int { return int(a.Size - b.Size) })
	return nil
}

func (v *verification) readStamp(tsr, checkpoint []byte) (timestamp.Stamp, error) {
	if v.options.TSARoots == nil {
		return timestamp.Read(tsr, checkpoint)
	}
	return timestamp.Verify(tsr, checkpoint, v.options.TSARoots)
}

// promised is a head that the log must contain, and who knows of it.
type promised struct {
	ledger.Head
	whose string
}

// outside tells what evidence there is from outside of Nod.
func (r *Report) outside(roots *x509.CertPool) {
	for _, t := range r.Timestamps {
		about := ""
		if t.Accuracy > 0 {
			about = " (give or take " + t.Accuracy.String() + ")"
		}
		if roots != nil {
			r.checked("The first %d lines are timestamped by %s at %s%s, not witnessed: they were as they are by then.",
				t.Size, t.Authority, t.Time.Format(time.RFC3339), about)
		} else {
			r.note("A timestamp says that the first %d lines were as they are by %s. Who says so was not verified: that needs the authority's root (--tsa-root).",
				t.Size, t.Time.Format(time.RFC3339))
		}
	}
	if len(r.Timestamps) == 0 {
		r.note("Nobody outside says when the log was as it is: it is neither timestamped nor witnessed.")
	}
}
