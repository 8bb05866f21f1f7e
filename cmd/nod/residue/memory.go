package residue

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// region is a part of a process's memory, by proc(5), maps.
type region struct {
	from, to int64
	name     string
}

// regions are all that a process has written to or could have. What is mapped from a
// file and cannot be written is the file.
func regions(pid int) (list []region, err error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text()) // range, rights, offset, device, inode, and the name if it has one
		name := strings.Join(fields[min(5, len(fields)):], " ")
		if strings.HasPrefix(name, "[vvar") || name == "[vsyscall]" || name == "[vdso]" {
			continue // the kernel's own
		}
		rights, inode := fields[1], fields[4]
		readOnlyFile := inode != "0" && !strings.Contains(rights, "w")
		if !strings.HasPrefix(rights, "r") || readOnlyFile {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		low, err1 := strconv.ParseInt(from, 16, 64)
		high, err2 := strconv.ParseInt(to, 16, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("reading the map of memory: %w", err)
		}
		list = append(list, region{low, high, cmp.Or(name, "[anonymous]")})
	}
	return list, lines.Err()
}

// memory searches a process's memory: every page that it has, in memory or swapped out.
func (x *index) memory(pid int) (f found, err error) {
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return f, err
	}
	defer mem.Close()
	pages, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", pid))
	if err != nil {
		return f, err
	}
	defer pages.Close()
	list, err := regions(pid)
	if err != nil {
		return f, err
	}
	for _, r := range list {
		parts, err := r.present(pages)
		if err != nil {
			return f, err
		}
		for _, part := range parts {
			one, err := x.stream("memory at "+strconv.FormatInt(part.from, 16)+" "+r.name, mem, part.from, part.to-part.from)
			if err != nil {
				return f, fmt.Errorf("reading memory at %x %s: %w", part.from, r.name, err)
			}
			f.add(one)
		}
	}
	return f, nil
}

// present are the stretches of a region that have pages behind them: the rest has never
// been touched (Linux, admin-guide/mm/pagemap: bit 63 is present, bit 62 swapped).
func (r region) present(pagemap *os.File) (parts []region, err error) {
	const entry, there = 8, uint64(3) << 62
	page := int64(os.Getpagesize())
	entries := make([]byte, (r.to-r.from)/page*entry)
	if _, err := pagemap.ReadAt(entries, r.from/page*entry); err != nil {
		return nil, fmt.Errorf("reading the map of pages: %w", err)
	}
	for at := r.from; at < r.to; at += page {
		if binary.LittleEndian.Uint64(entries[(at-r.from)/page*entry:])&there == 0 {
			continue
		}
		if n := len(parts); n > 0 && parts[n-1].to == at {
			parts[n-1].to += page
		} else {
			parts = append(parts, region{at, at + page, r.name})
		}
	}
	return parts, nil
}
