package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Stage is what the play is given.
type Stage struct {
	Client   Client
	Operator string // key
	Photos   string // where ServePhotos serves
	Out      io.Writer
	Colour   bool
	// Records reads the log of an enterprise, line by line.
	Records func(ctx context.Context, enterprise string) ([]string, error)
	// Maintain does what the timer does elsewhere.
	Maintain func(ctx context.Context) error
	// Keep is given the bundle that was exported; nil if nobody wants it.
	Keep func(bundle []byte) error
}

// play is a Stage in use: it prints what happens and holds it against what must.
type play struct {
	Stage
	tenant Tenant
	lin    *person // whose exam the story follows
	failed int
	steps  int
	began  time.Time
}

const (
	bold, dim, green, red, blue = "1", "2", "32", "31", "36"
)

func (p *play) paint(code, s string) string {
	if !p.Colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// scene begins a part of the story.
func (p *play) scene(title string) {
	fmt.Fprintf(p.Out, "\n%s\n", p.paint(bold, title))
}

// say tells what a person in the story sees or does.
func (p *play) say(format string, args ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprintf(p.Out, "    %s\n", p.paint(dim, line))
	}
}

// check prints one step and whether it came out as it must.
func (p *play) check(came bool, what, got string) {
	p.steps++
	mark, result := p.paint(green, "✓"), p.paint(blue, got)
	if !came {
		p.failed++
		mark, result = p.paint(red, "✗"), p.paint(red, got)
	}
	fmt.Fprintf(p.Out, "  %s %-56s %s\n", mark, what, result)
}

// textWidth is the width of quoted texts: a terminal of 80 columns, with a margin.
const textWidth = 74

// wrap breaks a text into lines of a terminal; Chinese characters count double.
func wrap(text string, width int) string {
	var out strings.Builder
	column := 0
	for _, word := range breakable(text) {
		w := columns(word)
		if column+w > width && column > 0 && strings.TrimSpace(word) != "" {
			out.WriteByte('\n')
			column = 0
			word = strings.TrimLeft(word, " ")
			w = columns(word)
		}
		out.WriteString(word)
		column += w
	}
	return out.String()
}

// breakable cuts a text where a line may end: before a space, and between Chinese
// characters, but not before a mark that closes or after one that opens.
func breakable(text string) (words []string) {
	var word strings.Builder
	var last rune
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, c := range text {
		chinese := (c >= 0x2E80 || last >= 0x2E80 && c == '“') && !strings.ContainsRune("，。；：、！？）”》", c)
		if c == ' ' || chinese && !strings.ContainsRune("“（《", last) {
			end()
		}
		word.WriteRune(c)
		last = c
	}
	end()
	return words
}

func columns(s string) (n int) {
	for _, c := range s {
		n++
		if c >= 0x2E80 {
			n++
		}
	}
	return n
}
