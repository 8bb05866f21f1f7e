package lent

import (
	"bytes"
	"testing"
	"unsafe"

	"github.com/go-json-experiment/json"
)

type event struct {
	Name string `json:"name"`
	Body Text   `json:"body"`
}

// FuzzText: a text is what other readers make of it, it lies in the document, and what
// undoing its escapes left over is gone.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`{"body":"plain"}`, `{"body":"a\/b \u00e9\ud83d\ude00 \"{\\\"x\\\":1}\" \b\f\n\r\t"}`, `{"name":"x","body":null}`,
		`{"body":"\ud0ff\ud83d\ude00\uD7FF\uE000\uDBFF\uDFFF"}`,
		`{"body":7}`, `{"body":"\ud800"}`, `{"body":"","other":["body"]}`, `{"body":"a","body":"b"}`, `{"body":"a"}{}`, "{\"body\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		document := bytes.Clone(sent)
		var e event
		if Unmarshal(document, &e) != nil {
			return
		}
		if !bytes.Equal(document, sent) {
			t.Fatal("reading has changed the document")
		}
		var want struct {
			Name string `json:"name"`
			Body string `json:"body"`
		}
		if err := json.Unmarshal(sent, &want); err != nil {
			t.Fatalf("%q is read here, and nowhere else: %v", sent, err)
		}
		got := e.Body.In(document)
		if string(got) != want.Body {
			t.Fatalf("%q: %q, to others %q", sent, got, want.Body)
		}
		if len(got) > 0 && !within(got, document) {
			t.Fatal("the text is a copy")
		}
	})
}

func within(part, whole []byte) bool {
	at, from := uintptr(unsafe.Pointer(&part[0])), uintptr(unsafe.Pointer(&whole[0]))
	return at >= from && at+uintptr(len(part)) <= from+uintptr(len(whole))
}

func TestWhatEscapesLeaveOverIsCleared(t *testing.T) {
	document := []byte(`{"body":"\u0041\u0042\u0043 secret\/secret\n"}`)
	var e event
	if err := Unmarshal(document, &e); err != nil {
		t.Fatal(err)
	}
	text := e.Body.In(document)
	if string(text) != "ABC secret/secret\n" {
		t.Fatalf("%q", text)
	}
	clear(text)
	if bytes.Contains(document, []byte("ret")) || bytes.Contains(document, []byte("004")) {
		t.Errorf("something is left: %q", document)
	}
}
