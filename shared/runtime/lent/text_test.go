package lent

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"

	"github.com/go-json-experiment/json"
)

type event struct {
	Name string `json:"name"`
	Body Text   `json:"body"`
	Note Text   `json:"note"`
}

// FuzzText: a text is what other readers make of it, it lies in the document, and what
// undoing its escapes left over is gone. Whatever others refuse is refused, and the other
// way round, wherever a text starts to be a long one - but for a long text in a field
// that is no Text.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`{"body":"plain"}`, `{"body":"a\/b \u00e9\ud83d\ude00 \"{\\\"x\\\":1}\" \b\f\n\r\t"}`, `{"name":"x","body":null}`,
		`{"body":"\ud0ff\ud83d\ude00\uD7FF\uE000\uDBFF\uDFFF"}`, `{"body":"a long one","note":"another long one","name":"x"}`,
		`{"body":7}`, `{"body":"\ud800"}`, `{"body":"","other":["body"]}`, `{"body":"a","body":"b"}`, `{"body":"a"}{}`, "{\"body\":\"\xff\"}",
		`{"body":"half`, `{"body":"\u12"}`, `{"body":"\x41 long"}`, "{\"body\":\"a\x01b and more\"}", `{"body":"ends in \\"}`, `{"body":"long","":"long too"}`} {
		for _, longest := range []int{1, 5, longest} {
			f.Add([]byte(seed), longest)
		}
	}
	f.Fuzz(func(t *testing.T, sent []byte, longest int) {
		document := bytes.Clone(sent)
		var want struct {
			Name string `json:"name"`
			Body string `json:"body"`
			Note string `json:"note"`
		}
		refused := json.Unmarshal(sent, &want)
		e, body, note, err := taken(document, max(longest, 1))
		switch {
		case refused != nil && err == nil:
			t.Fatalf("%q is read here, and nowhere else: %v", sent, refused)
		case refused != nil:
			return
		case err != nil:
			if len(want.Name)+2 > longest || strings.Count(string(sent), `"`) > 12 {
				return // a stand-in was not at home where it came
			}
			t.Fatalf("%q is read by others, and not here: %v", sent, err)
		}
		if string(body) != want.Body || string(note) != want.Note {
			t.Fatalf("%q: %q and %q, to others %q and %q", sent, body, note, want.Body, want.Note)
		}
		if e.Name != want.Name && e.Name != "\x00" {
			t.Fatalf("%q: another field is %q, to others %q", sent, e.Name, want.Name)
		}
		if len(body) > 0 && !within(body, document) {
			t.Fatal("the text is a copy")
		}
	})
}

func taken(document []byte, longest int) (e event, body, note []byte, err error) {
	d, err := open(document, longest)
	if err == nil {
		err = d.Unmarshal(&e)
	}
	if err == nil {
		body, err = d.Take(e.Body)
	}
	if err == nil {
		note, err = d.Take(e.Note)
	}
	return e, body, note, err
}

func within(part, whole []byte) bool {
	at, from := uintptr(unsafe.Pointer(&part[0])), uintptr(unsafe.Pointer(&whole[0]))
	return at >= from && at+uintptr(len(part)) <= from+uintptr(len(whole))
}

func TestWhatEscapesLeaveOverIsCleared(t *testing.T) {
	for _, longest := range []int{1, longest} {
		document := []byte(`{"body":"\u0041\u0042\u0043 secret\/secret\n"}`)
		_, text, _, err := taken(document, longest)
		if err != nil || string(text) != "ABC secret/secret\n" {
			t.Fatalf("%q, %v", text, err)
		}
		clear(text)
		if bytes.Contains(document, []byte("ret")) || bytes.Contains(document, []byte("004")) {
			t.Errorf("something is left: %q", document)
		}
	}
}

// A long text where none belongs is seen as such, and never as an empty one.
func TestALongTextIsNothingElse(t *testing.T) {
	long := strings.Repeat("x", longest)
	for _, document := range []string{`{"name":"` + long + `"}`, `{"` + long + `":1}`, `{"body":["` + long + `"]}`, `{"name":1,"body":"` + long + `"}`} {
		e, _, _, err := taken([]byte(document), longest)
		if err == nil && e.Name != "\x00" && !strings.HasPrefix(document, `{"x`) {
			t.Errorf("%.20s is read as %+v", document, e)
		}
	}
	if _, body, _, err := taken([]byte(`{"other":"`+long+`","body":"`+long+`y"}`), longest); err != nil || string(body) != long+"y" {
		t.Errorf("%.20q, %v", body, err)
	}
}

// BenchmarkOpen reads what a cloud sends for an image of 3 MB.
func BenchmarkOpen(b *testing.B) {
	document := []byte(`{"name":"x","body":"{\"attempt_id\":\"a1\",\"image\":\"` + strings.Repeat("aGVsbG8/", 512<<10) + `\"}"}`)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		d, err := Open(document)
		var e event
		if err == nil {
			err = d.Unmarshal(&e)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
