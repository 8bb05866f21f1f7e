package residue

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// usage is a process's memory around one call, in bytes.
type usage struct {
	largest    bool // the image was
	idle, peak int64
}

// resident is what a process has in memory now; its peak counts anew from here on.
func resident(pid int) (int64, error) {
	const resetPeak = "5" // proc(5), clear_refs
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte(resetPeak), 0); err != nil {
		return 0, err
	}
	return status(pid, "VmRSS")
}

func peakResident(pid int) (int64, error) { return status(pid, "VmHWM") }

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
