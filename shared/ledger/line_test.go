package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nod/shared/domain"
)

// anyRecord draws a Record with any of its fields set, to any text: more than the
// rules ever write.
func anyRecord() *rapid.Generator[*domain.Record] {
	return rapid.Custom(func(t *rapid.T) *domain.Record {
		r := &domain.Record{}
		v := reflect.ValueOf(r).Elem()
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			f := v.Field(i)
			if !rapid.Bool().Draw(t, name+" set") {
				continue
			}
			f.Set(reflect.ValueOf(anyValue(t, f.Type(), name)))
		}
		return r
	})
}

func anyValue(t *rapid.T, of reflect.Type, name string) any {
	text := func() string { return rapid.String().Draw(t, name) }
	ref := domain.NoticeRef{ID: "n", Version: rapid.Int().Draw(t, name), SHA256: "h", Locale: domain.Chinese}
	flag := rapid.Bool().Draw(t, name)
	switch of {
	case reflect.TypeFor[time.Time]():
		ms := rapid.Int64Range(0, 253402300799999).Draw(t, name)
		return time.UnixMilli(ms).In(time.FixedZone("x", rapid.IntRange(-43200, 43200).Draw(t, name)))
	case reflect.TypeFor[*domain.NoticeRef]():
		return &ref
	case reflect.TypeFor[*domain.DelegationRef]():
		return &domain.DelegationRef{ID: "d", Version: ref.Version, SHA256: "h"}
	case reflect.TypeFor[*bool]():
		return &flag
	case reflect.TypeFor[*int]():
		return &ref.Version
	case reflect.TypeFor[*int64]():
		return new(int64(ref.Version))
	case reflect.TypeFor[[]domain.Route]():
		return rapid.SliceOf(rapid.Just(domain.Photo)).Draw(t, name)
	case reflect.TypeFor[[]domain.Purpose]():
		return rapid.SliceOf(rapid.Just(domain.Exam)).Draw(t, name)
	case reflect.TypeFor[map[domain.Locale]string]():
		return map[domain.Locale]string{domain.English: text(), domain.Chinese: text()}
	}
	return reflect.ValueOf(text()).Convert(of).Interface()
}

func TestALineHasOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord().Draw(t, "record")
		e, err := Seal(r, rapid.StringMatching(`([0-9a-f]{64})?`).Draw(t, "prev"))
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Seal(r, lineField(e.Line, "prev"))
		switch {
		case !json.Valid(e.Line):
			t.Fatalf("no JSON: %s", e.Line)
		case bytes.ContainsAny(e.Line, "\n\r"):
			t.Fatalf("more than a line: %q", e.Line)
		case bytes.Contains(e.Line, []byte(`\u003c`)) || bytes.Contains(e.Line, []byte(`\u003e`)) || bytes.Contains(e.Line, []byte(`\u0026`)):
			if !strings.Contains(string(e.Line), `\\u00`) {
				t.Fatalf("escaped for HTML: %s", e.Line)
			}
		case !bytes.Equal(again.Line, e.Line) || again.Leaf != e.Leaf:
			t.Fatalf("sealed twice:\n%s\n%s", e.Line, again.Line)
		case !bytes.HasPrefix(e.Line, []byte(`{"v":1,"id":`)):
			t.Fatalf("%s", e.Line)
		case e.Leaf != LeafHash(e.Line) || e.Record != r:
			t.Fatal("the entry does not hold together")
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, e.Line); err != nil || !bytes.Equal(compact.Bytes(), e.Line) {
			t.Fatalf("not compact: %s", e.Line)
		}
		if again := remarshalled(t, e.Line); !bytes.Equal(again, e.Line) {
			t.Fatalf("not stable:\n%s\n%s", e.Line, again)
		}
	})
}

func lineField(raw []byte, name string) string {
	var m map[string]any
	_ = json.Unmarshal(raw, &m)
	s, _ := m[name].(string)
	return s
}

// remarshalled reads a line and writes it again.
func remarshalled(t *rapid.T, raw []byte) []byte {
	var l line
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Every field of a Record reaches its line, each under a name of its own.
func TestNoFieldOfARecordIsForgotten(t *testing.T) {
	empty, err := Seal(&domain.Record{}, "")
	if err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[domain.Record]()
	for i := range fields.NumField() {
		r := &domain.Record{}
		f := reflect.ValueOf(r).Elem().Field(i)
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		case []domain.Route:
			f.Set(reflect.ValueOf([]domain.Route{domain.Photo}))
		case []domain.Purpose:
			f.Set(reflect.ValueOf([]domain.Purpose{domain.Exam}))
		case map[domain.Locale]string:
			f.Set(reflect.ValueOf(map[domain.Locale]string{domain.English: "h"}))
		default:
			if f.Kind() == reflect.Pointer {
				f.Set(reflect.New(f.Type().Elem()))
			} else {
				f.SetString("x")
			}
		}
		if e, _ := Seal(r, ""); bytes.Equal(e.Line, empty.Line) {
			t.Errorf("%s is not written", fields.Field(i).Name)
		}
	}
	if n := reflect.TypeFor[line]().NumField(); n != fields.NumField()+2 { // v and prev
		t.Errorf("a line has %d fields, a Record %d", n, fields.NumField())
	}
}

func TestInstantsHaveOneSpelling(t *testing.T) {
	for at, want := range map[time.Time]string{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC):                              "2026-01-02T03:04:05.000Z",
		time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC):                            "2026-01-02T03:04:05.006Z",
		time.Date(2026, 1, 2, 3, 4, 5, 6_999_999, time.UTC):                      "2026-01-02T03:04:05.006Z",
		time.Date(2026, 1, 2, 11, 4, 5, 600e6, time.FixedZone("UTC+8", 8*60*60)): "2026-01-02T03:04:05.600Z",
		time.Date(2026, 1, 1, 23, 4, 5, 600e6, time.FixedZone("", -4*60*60)):     "2026-01-02T03:04:05.600Z",
	} {
		if got := Instant(at); got != want {
			t.Errorf("%v: %s", at, got)
		}
	}
}
