package residue

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report is what a search came to.
type Report struct {
	Control   []Control
	Calls     []*Calls
	Elsewhere []Place
	Worst     []Remnant // the first of what was found
	Usage     map[string][]int64
	Largest   int64 // most memory that a process had, in bytes
}

// Control is the search of the process that held the image.
type Control struct {
	Size        string
	Held, Found int
}

// Calls are the calls of one scenario on one cloud.
type Calls struct {
	Cloud, Scenario   string
	Calls, First      int   // how many, and how many of them the first of a process
	Searched          int64 // bytes, in all calls
	Clean, Left, Runs int   // calls after which nothing was left; bytes and runs that were
}

// Place is what was searched beside the memory of the function.
type Place struct {
	Name     string
	Searched int64
	Left     int
}

const mostShown = 20

func (r *Report) add(cloud, name string, first bool, f found, u usage) {
	i := slices.IndexFunc(r.Calls, func(c *Calls) bool { return c.Cloud == cloud && c.Scenario == name })
	if i < 0 {
		r.Calls = append(r.Calls, &Calls{Cloud: cloud, Scenario: name})
		i = len(r.Calls) - 1
	}
	c := r.Calls[i]
	c.Calls++
	if first {
		c.First++
	}
	c.Searched += f.bytes
	c.Left += f.left()
	c.Runs += len(f.runs)
	if len(f.runs) == 0 {
		c.Clean++
	}
	r.keep(f.runs, cloud+", "+name+", ")
	if r.Usage == nil {
		r.Usage = map[string][]int64{}
	}
	if u.largest {
		r.Usage[cloud] = append(r.Usage[cloud], u.over)
	}
	r.Largest = max(r.Largest, u.peak)
}

func (r *Report) elsewhere(name string, f found) {
	i := slices.IndexFunc(r.Elsewhere, func(p Place) bool { return p.Name == name })
	if i < 0 {
		r.Elsewhere = append(r.Elsewhere, Place{Name: name})
		i = len(r.Elsewhere) - 1
	}
	r.Elsewhere[i].Searched += f.bytes
	r.Elsewhere[i].Left += f.left()
	r.keep(f.runs, "")
}

func (r *Report) keep(runs []Remnant, where string) {
	for _, run := range runs[:min(len(runs), mostShown-len(r.Worst))] {
		run.Where = where + run.Where
		r.Worst = append(r.Worst, run)
	}
}

// Left is how many bytes of images, names and numbers were found.
func (r *Report) Left() (n int) {
	for _, c := range r.Calls {
		n += c.Left
	}
	for _, p := range r.Elsewhere {
		n += p.Left
	}
	return n
}

func (r *Report) state() string {
	calls := 0
	for _, c := range r.Calls {
		calls += c.Calls
	}
	return fmt.Sprintf("%d calls so far, %d bytes left", calls, r.Left())
}

// Markdown writes the report for an auditor.
func (r *Report) Markdown(w io.Writer, setting Setting) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a check leaves behind: %d bytes\n\n", r.Left())
	b.WriteString(strings.TrimSpace(method) + "\n\n")
	setting.write(&b)
	r.writeControl(&b)
	r.writeCalls(&b)
	r.writeElsewhere(&b)
	r.writeUsage(&b)
	r.writeWorst(&b)
	b.WriteString(strings.TrimSpace(limits) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeControl(b *strings.Builder) {
	b.WriteString("## Does the search find anything at all?\n\n" +
		"Before the first call the same search is made of the process that holds the images, and the person. What it\n" +
		"does not find there, it would find nowhere, and nothing is searched.\n\n" +
		"| Image | Bytes held: raw, base64, name and number | Bytes found |\n|---|---:|---:|\n")
	for _, c := range r.Control {
		fmt.Fprintf(b, "| %s | %d | %d |\n", c.Size, c.Held, c.Found)
	}
}

func (r *Report) writeCalls(b *strings.Builder) {
	b.WriteString("\n## After the answer, in the memory and the open files of the function\n\n" +
		"| On | Scenario | Calls | First of a process | Searched | Nothing left after | Bytes left |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, c := range r.Calls {
		fmt.Fprintf(b, "| %s | %s | %d | %d | %s | %d of %d | **%d** |\n",
			c.Cloud, c.Scenario, c.Calls, c.First, bytesInWords(int(c.Searched)), c.Clean, c.Calls, c.Left)
	}
}

func (r *Report) writeElsewhere(b *strings.Builder) {
	b.WriteString("\n## Everywhere else, after the last call\n\n| Place | Searched, once for each size of image | Bytes left |\n|---|---:|---:|\n")
	slices.SortFunc(r.Elsewhere, func(a, b Place) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range r.Elsewhere {
		fmt.Fprintf(b, "| %s | %s | **%d** |\n", p.Name, bytesInWords(int(p.Searched)), p.Left)
	}
}

func (r *Report) writeUsage(b *strings.Builder) {
	b.WriteString("\n## Memory\n\nHighest resident memory of a call with the largest image, over what the process had before it (the pages\nof its program's file are not counted):\n\n" +
		"| On | Calls | Median | Most |\n|---|---:|---:|---:|\n")
	for _, on := range clouds {
		over := slices.Sorted(slices.Values(r.Usage[on.name]))
		if len(over) > 0 {
			fmt.Fprintf(b, "| %s | %d | %s | %s |\n", on.name, len(over), bytesInWords(int(over[len(over)/2])), bytesInWords(int(over[len(over)-1])))
		}
	}
	fmt.Fprintf(b, "\nNo process had more than %s in memory.\n\n", bytesInWords(int(r.Largest)))
}

func (r *Report) writeWorst(b *strings.Builder) {
	if len(r.Worst) == 0 {
		return
	}
	fmt.Fprintf(b, "## What was found\n\nThe first %d:\n\n| Where | Shape | At | Bytes |\n|---|---|---:|---:|\n", len(r.Worst))
	for _, run := range r.Worst {
		fmt.Fprintf(b, "| %s | %s | %d | %d |\n", run.Where, run.Shape, run.Offset, run.Length)
	}
	b.WriteString("\n")
}

func bytesInWords(n int) string {
	switch {
	case n < 0:
		return "-" + bytesInWords(-n)
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
