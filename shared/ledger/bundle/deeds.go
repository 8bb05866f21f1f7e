package bundle

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Deeds are the decisions and checks of some lines, as far as the rules between Records ask
// for them, in a short form: what people did. Written they are in the order of people, and
// of each person in that of the log. So whoever makes a bundle holds all of them against the
// rules with the memory for one person: a run of deeds for each part, and the runs merged.
//
// A run is its words (types, purposes, references), each once, and then the deeds, in which
// they are numbers. It is kept for as long as a bundle is in the making, and no longer.
type Deeds struct {
	words map[string]uint64
	list  []string
	text  []byte
	order []span
}

// span is where a deed stands in the text.
type span struct {
	subject  string
	place    int64
	from, to int
}

// deed is one that was read.
type deed struct {
	line     Line
	place    int64
	at       time.Time
	exported bool
}

// Add takes a line, if it is about a deed; exported says that it is one of the bundle's own
// and not only one that these rest on. Their places ascend.
func (d *Deeds) Add(l Line, place int64, exported bool) {
	kind, _, _ := strings.Cut(l.Type, ".")
	if kind != "consent" && (kind != "check" || !exported) {
		return
	}
	at, _ := time.Parse(instantForm, l.At)
	from := len(d.text)
	d.put(deed{l, place, at, exported})
	d.order = append(d.order, span{l.Subject, place, from, len(d.text)})
}

// Run writes all that was added.
func (d *Deeds) Run(w io.Writer) error {
	slices.SortFunc(d.order, func(a, b span) int {
		return cmp.Or(strings.Compare(a.subject, b.subject), cmp.Compare(a.place, b.place))
	})
	if len(d.order) == 0 {
		return nil
	}
	_, err := w.Write(d.head())
	for _, s := range d.order {
		if err == nil {
			_, err = w.Write(d.text[s.from:s.to])
		}
	}
	return err
}

// head is the words.
func (d *Deeds) head() []byte {
	b := binary.AppendUvarint(nil, uint64(len(d.list)))
	for _, w := range d.list {
		b = append(binary.AppendUvarint(b, uint64(len(w))), w...)
	}
	return b
}

func (d *Deeds) put(x deed) {
	l := &x.line
	d.text = binary.AppendUvarint(appendName(d.text, l.Subject), uint64(x.place))
	d.text = binary.AppendVarint(d.text, x.at.UnixMilli())
	d.text = append(d.text, map[bool]byte{true: 1}[x.exported])
	for _, w := range []string{
		l.Type, l.Purpose, l.Route, strings.Join(l.Routes, " "), l.By, spelled(l.Notice), spelled(l.NoticeInForce), spelled(l.Delegation),
	} {
		d.text = binary.AppendUvarint(d.text, d.word(w))
	}
	for _, name := range []string{l.ID, l.Session, l.Attempt, l.Consent, l.GuardianConsent, l.Until} {
		d.text = appendName(d.text, name)
	}
}

func (d *Deeds) word(w string) uint64 {
	n, known := d.words[w]
	if !known {
		if d.words == nil {
			d.words = map[string]uint64{}
		}
		n = uint64(len(d.list))
		d.words[w], d.list = n, append(d.list, w)
	}
	return n
}

// spelled is a reference as a word.
func spelled(r *Reference) string {
	if r == nil {
		return ""
	}
	b, _ := json.Marshal(r) // texts and a number
	return string(b)
}

// The ways in which a name is written: most are ids, whose bytes are half as long.
const (
	asText = iota
	asUUID
	asHex
)

func appendName(b []byte, s string) []byte {
	if id, is := binaryID(s); is {
		return append(append(b, asUUID), id[:]...)
	}
	if id, is := binaryHex(s); is {
		return append(append(b, asHex), id[:]...)
	}
	return append(binary.AppendUvarint(append(b, asText), uint64(len(s))), s...)
}

// run reads one, a deed ahead.
type run struct {
	from  *bufio.Reader
	words []string
	refs  map[uint64]*Reference
	next  *deed // nil at the end
	err   error
}

func openRun(from io.Reader) (*run, error) {
	r := &run{from: bufio.NewReaderSize(from, 8<<10), refs: map[uint64]*Reference{}}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		r.words = append(r.words, r.text(r.number()))
	}
	if errors.Is(r.err, io.EOF) && len(r.words) == 0 {
		r.err = nil // nobody did anything
	}
	return r, r.advance()
}

func (r *run) advance() error {
	r.next = nil
	if _, err := r.from.Peek(1); err != nil && r.err == nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		r.err = err
	}
	x := &deed{}
	l := &x.line
	l.Subject, x.place = r.name(), int64(r.number())
	x.at = time.UnixMilli(r.signed()).UTC()
	x.exported = r.text(1) == "\x01"
	l.Type, l.Purpose, l.Route = r.word(), r.word(), r.word()
	l.Routes, l.By = strings.Fields(r.word()), r.word()
	l.Notice, l.NoticeInForce, l.Delegation = r.reference(), r.reference(), r.reference()
	for _, name := range []*string{&l.ID, &l.Session, &l.Attempt, &l.Consent, &l.GuardianConsent, &l.Until} {
		*name = r.name()
	}
	if r.err != nil {
		return fmt.Errorf("bundle: a run of deeds: %w", r.err)
	}
	r.next = x
	return nil
}

func (r *run) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *run) number() uint64 {
	n, err := binary.ReadUvarint(r.from)
	r.keep(err)
	return n
}

func (r *run) signed() int64 {
	n, err := binary.ReadVarint(r.from)
	r.keep(err)
	return n
}

func (r *run) text(n uint64) string {
	if r.err != nil || n > mostLine {
		r.keep(io.ErrUnexpectedEOF)
		return ""
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r.from, b)
	r.keep(err)
	return string(b)
}

func (r *run) word() string {
	n := r.number()
	if n >= uint64(len(r.words)) {
		r.keep(io.ErrUnexpectedEOF)
		return ""
	}
	return r.words[n]
}

func (r *run) reference() *Reference {
	n := r.number()
	if n >= uint64(len(r.words)) {
		r.keep(io.ErrUnexpectedEOF)
	} else if r.words[n] != "" && r.refs[n] == nil {
		r.refs[n] = &Reference{}
		r.keep(json.Unmarshal([]byte(r.words[n]), r.refs[n]))
	}
	return r.refs[n]
}

func (r *run) name() string {
	how := r.text(1)
	switch {
	case how == string(rune(asUUID)):
		s := hex.EncodeToString([]byte(r.text(16)))
		if len(s) != 32 {
			return ""
		}
		return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
	case how == string(rune(asHex)):
		return hex.EncodeToString([]byte(r.text(16)))
	}
	return r.text(r.number())
}
