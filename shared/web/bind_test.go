package web

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"nod/shared/domain"
	"nod/shared/runtime/lent"
)

// Whatever is taken for a verification means the same to another JSON reader, and
// the image is where it was found; whatever is not is refused by the caller's fault.
func FuzzStrictReadsWhatAnyoneReads(f *testing.F) {
	for _, seed := range []string{
		`{"attempt_id":"a1","image":"aGVsbG8="}`,
		`{"image":"a\/b","attempt_id":"\u00e9","capture":null}`,
		`{"image":"a\u002Bb\u002fc\u003D\u003d"}`,
		`{"image":"\\\u002B\u0041"}`,
		`{"image":null}`,
		`{"image":["x"]}`,
		`{"image":"a","image":"b"}`,
		`{"Image":"a"}`,
		`{"attempt_id":1}`,
		` { "name" : "" } x`,
		`[]`,
		"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sent := string(body)
		var got verification
		doc, err := lent.Open(body)
		if err != nil {
			return
		}
		if err := strict(doc, &got); err != nil {
			if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Reason == domain.Internal {
				t.Fatalf("%q: %v", sent, err)
			}
			return
		}
		var want struct {
			AttemptID string `json:"attempt_id"`
			Image     string `json:"image"`
		}
		if err := json.Unmarshal(body, &want); err != nil || want.AttemptID != got.AttemptID {
			t.Fatalf("%q is read as %q, by others as %q (%v)", sent, got.AttemptID, want.AttemptID, err)
		}
		if image, err := doc.Take(got.Image); err != nil || string(image) != want.Image {
			t.Fatalf("%q: the image is %q (%v), to others %q", sent, image, err, want.Image)
		}
	})
}

func TestFieldsAreNamedAsTheInterfaceNamesThem(t *testing.T) {
	for pointer, want := range map[string]string{
		"":                            "",
		"/image":                      "image",
		"/facts/routes/0":             "facts.routes[0]",
		"/contents/zh-CN/title":       "contents.zh-CN.title",
		"/a~1b":                       "a/b",
		"/" + strings.Repeat("长", 40): strings.Repeat("长", 33),
		"/subprocessors/12/name":      "subprocessors[12].name",
	} {
		if got := fieldAt(jsontext.Pointer(pointer)); got != want {
			t.Errorf("%s is named %s, want %s", pointer, got, want)
		}
	}
}
