package residue

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// usage is a process's memory around one call, in bytes, without the pages of its
// program's file, which come as they are needed and belong to no call.
type usage struct {
	largest    bool // the image was
	over, peak int64
}

// resident is what a process has in memory now; its peak counts anew from here on.
func resident(pid int) (used, error) {
	const resetPeak = "5" // proc(5), clear_refs
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte(resetPeak), 0); err != nil {
		return used{}, err
	}
	return usedNow(pid, "VmRSS")
}

func peakResident(pid int) (used, error) { return usedNow(pid, "VmHWM") }

// used is resident memory in bytes, and the part of it that is of files.
type used struct{ all, files int64 }

func usedNow(pid int, field string) (u used, err error) {
	if u.all, err = status(pid, field); err == nil {
		u.files, err = status(pid, "RssFile")
	}
	return u, err
}

// over is how much a peak is over what was there before, but for files.
func (peak used) over(idle used) int64 { return peak.all - peak.files - (idle.all - idle.files) }

func status(pid int, field string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New(field + " is not told")
}
