package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostCell is more than the longest id of a platform comes to, in bytes: it has 128
// characters.
const mostCell = 1 << 10

// tables derives the tables from the lines and compares them with the bundle's as they are
// read.
type tables struct {
	open     map[string]*table
	subjects bool
	row      []byte
}

type table struct {
	entry *entry
	text  *bufio.Reader
	rows  int64
}

func (v *verification) openTables() (*tables, error) {
	t := &tables{open: map[string]*table{}, subjects: v.manifest.Identifiers == "subjects"}
	for _, file := range Files {
		e, err := v.open(file)
		if err != nil {
			return nil, errors.Join(err, t.Close())
		}
		t.open[file] = &table{entry: e, text: bufio.NewReaderSize(e, 32<<10)}
		if err := t.expect(file, AppendHeader(nil, file, t.subjects), false); err != nil {
			return nil, errors.Join(err, t.Close())
		}
	}
	return t, nil
}

func (t *tables) Close() (err error) {
	for _, open := range t.open {
		err = errors.Join(err, open.entry.Close())
	}
	return err
}

// compare derives a line's row.
func (t *tables) compare(l Line, place uint64) error {
	file := FileOf(l.Type)
	if file == "" {
		return nil
	}
	t.row = AppendRow(t.row[:0], Row(l, place))
	return t.expect(file, t.row, t.subjects && HasSubjects(file))
}

// expect reads as much as is to be there. Of the column that the log does not prove it
// wants the form alone, that of an id as whoever makes a bundle writes it.
func (t *tables) expect(file string, want []byte, unproven bool) error {
	from := t.open[file]
	from.rows++
	if unproven {
		want = append(want[:len(want)-2], ',')
	}
	got, err := from.text.Peek(len(want))
	if errors.Is(err, bufio.ErrBufferFull) {
		return fault(NotARecord, "row %d of %s would be longer than that of any Record", from.rows, file)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(got, want) {
		return fault(WrongTable, "row %d of %s is not what the lines come to", from.rows, file)
	}
	if _, err := from.text.Discard(len(want)); err != nil || !unproven {
		return err
	}
	if !cellAndEnd(from.text) {
		return fault(WrongTable, "row %d of %s does not end behind one more cell", from.rows, file)
	}
	return nil
}

// cellAndEnd reads one cell and the end of its row: one that AppendRow could have written of
// a platform's id. So it is neither a formula nor anything that a terminal obeys.
func cellAndEnd(r *bufio.Reader) bool {
	written, err := r.ReadSlice('\n')
	if err != nil || len(written) > mostCell {
		return false
	}
	text, ended := bytes.CutSuffix(written, []byte("\r\n"))
	if !ended || !utf8.Valid(text) || bytes.ContainsFunc(text, unicode.IsControl) {
		return false
	}
	id := string(text)
	if quoted := len(id) > 1 && id[0] == '"' && id[len(id)-1] == '"'; quoted {
		id = strings.ReplaceAll(id[1:len(id)-1], `""`, `"`)
	}
	return bytes.Equal(AppendRow(nil, []string{"", id}), append([]byte(","), written...))
}

// end sees to it that nothing is left.
func (t *tables) end() error {
	for _, file := range Files {
		if n, _ := t.open[file].text.Discard(1); n > 0 {
			return fault(WrongTable, "%s has more rows than the lines come to", file)
		}
	}
	return nil
}
